"""Why a server does not work is said in a line that helps, and that holds nothing secret."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast

import pytest
from mcp.client import Client
from mcp.server import MCPServer
from mcp.shared.exceptions import MCPError
from mcp.types import CONNECTION_CLOSED, ListToolsResult, Tool
from pydantic import TypeAdapter, ValidationError

from voicecli.tools.mcp.child import ServerGoneError
from voicecli.tools.mcp.config import ServerConfig
from voicecli.tools.mcp.connection import MOST_TOOLS, is_closed, list_tools, why
from voicecli.tools.mcp.words import Words

SECRET = "hunter2hunter2"
CONFIG = ServerConfig("files", "npx files", command="npx", secrets=frozenset({SECRET}))


def reason(error: BaseException, *said: str) -> str:
    words = Words("files", CONFIG.redact)
    for line in said:
        words.note(line)
    return why(error, CONFIG, words)


def invalid() -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(int).validate_python(SECRET)
    return caught.value


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (FileNotFoundError(2, "No such file or directory", "npx"), "npx cannot be run: No such"),
        (PermissionError(13, "Permission denied"), "npx files cannot be run: Permission denied"),
        (ServerGoneError("it ended with exit code 1"), "it ended with exit code 1"),
        (TimeoutError(), "it did not answer within 10 s"),
        (MCPError(-1, "no luck"), "no luck"),
        (invalid(), "is not valid"),
        (RuntimeError(), "RuntimeError"),
    ],
)
def test_each_error_has_its_words(error: Exception, text: str) -> None:
    assert text in reason(error)


def test_the_last_words_of_the_server_come_with_it() -> None:
    gone = ServerGoneError("it ended with exit code 1")
    assert reason(gone, "No module named x") == (
        "it ended with exit code 1, after saying: No module named x"
    )


def test_in_a_group_the_end_of_the_server_is_the_cause() -> None:
    inner = ExceptionGroup("", [MCPError(-1, "Connection closed"), ServerGoneError("it ended")])
    assert reason(ExceptionGroup("", [RuntimeError("other"), inner])) == "it ended"
    assert reason(ExceptionGroup("", [ExceptionGroup("", [OSError("refused")])])) == "refused"


def test_it_is_one_short_line_without_secrets() -> None:
    said = reason(MCPError(-1, f"{SECRET}\n\x1b[31m" + "x" * 10_000), SECRET)
    assert SECRET not in said
    assert said.isprintable()
    assert len(said) <= 300


def test_a_connection_that_ended_is_told_from_a_fault_of_one_answer() -> None:
    assert is_closed(MCPError(CONNECTION_CLOSED, "Connection closed"))
    assert not is_closed(MCPError(CONNECTION_CLOSED, "SSE stream failed: too large"))


class Pages:
    """A server whose list has no end."""

    def __init__(self, tools: Sequence[Tool]) -> None:
        self.tools = list(tools)
        self.asked = 0

    async def list_tools(self, *, cursor: str | None = None) -> ListToolsResult:
        self.asked += 1
        return ListToolsResult(tools=self.tools, next_cursor=f"page {self.asked}")


@pytest.mark.parametrize("per_page", [0, 1, 100])
def test_a_list_without_end_is_cut(per_page: int) -> None:
    pages = Pages([Tool(name="a", input_schema={"type": "object"})] * per_page)
    tools = asyncio.run(list_tools(cast(Client, pages)))
    assert len(tools) <= MOST_TOOLS
    assert pages.asked <= 50


def test_all_functions_of_a_server_are_listed() -> None:
    server = MCPServer("many")
    for number in range(30):
        server.add_tool(lambda: "", name=f"f{number}", description="f")

    async def scenario() -> tuple[Tool, ...]:
        async with Client(server) as client:
            return await list_tools(client)

    assert [tool.name for tool in asyncio.run(scenario())] == [f"f{n}" for n in range(30)]
