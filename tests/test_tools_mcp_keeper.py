"""One server over its life: it dies, comes back, changes, and forgets, with real servers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from mcp_talk import DEADLINE_S, Talk, children, http_server, old_table, table, web_table

from voicecli.tools.mcp.results import ToolError

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only on Linux")


def test_a_server_that_dies_is_started_once_more_and_not_twice() -> None:
    talk = Talk({"one": table()})

    async def scenario() -> None:
        async with asyncio.timeout(DEADLINE_S), talk.servers:
            before = talk.names()
            crash = talk.toolbox.get("crash")
            assert crash is not None
            assert "lost during the call" in str((await talk.call("crash")).error)
            ended = await talk.news("is started again")
            assert "exit code 3" in ended.message
            assert ended.warning
            assert talk.names() == []
            await talk.news("is back")
            assert talk.names() == before
            assert (await talk.call("last_words")).result == {"result": "farewell"}
            gone = await talk.news("is gone")
            assert gone.hint == "voicecli mcp test one"
            assert talk.names() == []
            with pytest.raises(ToolError, match="is not running"):
                await anext(crash.call({}))

    asyncio.run(scenario())
    assert not children()


def test_functions_that_come_later_are_offered() -> None:
    talk = Talk({"one": table()})

    async def scenario() -> None:
        async with asyncio.timeout(DEADLINE_S), talk.servers:
            assert "shrink" not in talk.names()
            await talk.call("grow")
            assert not (await talk.news("has changed its functions")).warning
            assert "shrink" in talk.names()
            assert (await talk.call("shrink")).result == "small"

    asyncio.run(scenario())


def test_a_function_that_the_protocol_does_not_allow_is_told_and_left_out() -> None:
    talk = Talk({"one": old_table("ends")})

    async def scenario() -> None:
        async with asyncio.timeout(DEADLINE_S), talk.servers:
            assert talk.names() == ["echo"]
            told = await talk.news("listing: its arguments are not an object")
            assert told.hint == "voicecli mcp test one"
            assert (await talk.call("echo", text="a")).result == '{"text": "a"}'

    asyncio.run(scenario())


def test_a_server_on_the_network_that_dies_is_told_and_withdrawn() -> None:
    async def scenario(port: int) -> None:
        talk = Talk({"web": web_table(port)})
        async with asyncio.timeout(DEADLINE_S), talk.servers:
            assert "echo" in talk.names()
            assert (await talk.call("crash")).error is not None
            await talk.news("is started again")
            assert (await talk.news("is gone")).hint == "voicecli mcp test web"
            assert talk.names() == []

    with http_server() as (_, port):
        asyncio.run(scenario(port))


def test_a_server_on_the_network_that_forgets_the_session_is_reached_anew() -> None:
    """Servers from before 2026 have sessions, which end when they are started again."""

    async def scenario() -> None:
        with http_server("old") as (first, port):
            talk = Talk({"web": web_table(port)})
            async with asyncio.timeout(DEADLINE_S), talk.servers:
                assert (await talk.call("echo", text="1")).error is None
                first.kill()
                first.wait()
                with http_server("old", port=port):
                    assert "lost during the call" in str((await talk.call("echo", text="2")).error)
                    await talk.news("is started again")
                    await talk.news("is back")
                    assert (await talk.call("echo", text="3")).result == {"result": "3"}

    asyncio.run(scenario())
