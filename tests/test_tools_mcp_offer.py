"""Of what a server lists, each function is a tool that asks, or left out with a reason."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from mcp.types import Tool as ServerTool

from voicecli.tools.mcp.config import ServerConfig
from voicecli.tools.mcp.names import Names
from voicecli.tools.mcp.offer import Offer, offer
from voicecli.tools.runner import run
from voicecli.tools.tool import Arguments, ArgumentsError, Risk

CONFIG = ServerConfig("files", "files", command="x", timeout_s=5.0)
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


async def echo(name: str, args: Arguments) -> object:
    return [name, dict(args)]


def offered(*listed: ServerTool) -> Offer:
    return offer(CONFIG, listed, Names(lambda name: name == "taken"), echo)


def listed(name: str, schema: Mapping[str, object] | None = None, **more: Any) -> ServerTool:
    return ServerTool(name=name, input_schema=dict(schema or {"type": "object"}), **more)


def test_a_function_becomes_a_tool_that_asks() -> None:
    (tool,) = offered(listed("weather", CITY, description="Of today.")).tools
    assert (tool.name, tool.description, tool.parameters) == ("weather", "Of today.", CITY)
    assert (tool.risk, tool.origin, tool.timeout_s) == (Risk.ASK, "MCP server files", 5.0)
    assert not tool.always_asks


def test_a_title_stands_in_for_a_description_and_both_are_limited() -> None:
    (titled,) = offered(listed("a", title="The weather")).tools
    assert titled.description == "The weather"
    (long,) = offered(listed("a", description="x" * 100_000)).tools
    assert len(long.description) == 2_000


def test_a_call_goes_to_the_name_that_the_server_knows() -> None:
    (tool,) = offered(listed("taken", CITY)).tools
    assert tool.name == "files_taken"
    outcome = asyncio.run(run(tool, {"city": "Paris"}, lambda _: None))
    assert outcome.result == ["taken", {"city": "Paris"}]


def test_arguments_are_looked_at_before_the_call() -> None:
    (tool,) = offered(listed("weather", CITY)).tools

    async def scenario() -> None:
        await anext(tool.call({"city": 5}))

    with pytest.raises(ArgumentsError, match="not of type 'string'"):
        asyncio.run(scenario())


def test_what_cannot_be_declared_is_left_out_with_its_reason() -> None:
    got = offered(listed("a"), listed("b\x1b[31m", {"type": "string"}), listed("c"))
    assert [tool.name for tool in got.tools] == ["a", "c"]
    assert got.left_out == ("b[31m: its arguments are not an object",)


def test_a_name_that_is_listed_twice_counts_once() -> None:
    got = offered(listed("a", description="1"), listed("a", description="2"))
    assert [tool.description for tool in got.tools] == ["1"]
