"""The servers of a conversation, with a real one that misbehaves: over stdio and over HTTP.

Starting one takes seconds, so each test tells a longer story.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from mcp_talk import DEADLINE_S, Talk, children, http_server, table, web_table
from tool_of import tool_of

from voicecli.errors import UsageError
from voicecli.tools.mcp.config import ServerConfig
from voicecli.tools.mcp.servers import Servers, check_package
from voicecli.tools.runner import Outcome
from voicecli.tools.tool import Risk
from voicecli.tools.toolbox import Toolbox

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only on Linux")

SECRET = "hunter2hunter2"


def test_functions_come_and_can_be_called(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", SECRET)
    talk = Talk({"one": table(env={"TOKEN": "t"}, timeout_s=30)})

    async def scenario() -> None:
        async with asyncio.timeout(DEADLINE_S), talk.servers:
            echo = talk.toolbox.get("echo")
            assert echo is not None
            assert (echo.origin, echo.risk, echo.timeout_s) == ("MCP server one", Risk.ASK, 30.0)
            assert echo.description == "Say the same again."
            assert (await talk.call("echo", text="hé")).result == {"result": "hé"}
            paris = {"city": "Paris", "country": "FR"}
            assert (await talk.call("weather", place={"city": "Paris"})).result == paris
            assert "required" in str((await talk.call("weather", place={})).error)
            names = str((await talk.call("names")).result)
            assert "TOKEN" in names
            assert "GEMINI" not in names
            assert (await talk.call("folder")).result == {"result": str(home)}
            shown = str((await talk.call("show")).result)
            assert "[an image of 12 kB was left out]" in shown
            assert "[file:///notes.txt]\nbuy milk" in shown
            assert "no such file; list the folder" in str((await talk.call("fail")).error)

    asyncio.run(scenario())
    assert not children()


def test_what_is_too_much_is_cut_and_what_cannot_be_declared_is_told() -> None:
    talk = Talk({"one": table("noisy", timeout_s=DEADLINE_S)})

    async def scenario() -> None:
        async with asyncio.timeout(DEADLINE_S), talk.servers:
            news = await talk.news("cannot be offered")
            assert "recursive: its schema is recursive" in news.message
            assert news.hint == "voicecli mcp test one"
            assert "recursive" not in talk.names()
            much = await talk.call("much", characters=1_000_000)
            assert len(str(much.result)) < 17_000
            assert str(much.result).endswith("(cut: there was more)")
            assert "8 MB" in str((await talk.call("much", characters=20_000_000)).error)
            assert (await talk.call("echo", text="still here")).error is None

    asyncio.run(scenario())


def test_a_call_that_is_cancelled_leaves_the_server_at_work() -> None:
    talk = Talk({"one": table(timeout_s=0.5)})

    async def scenario() -> None:
        async with asyncio.timeout(DEADLINE_S), talk.servers:
            assert (await talk.call("slow")).error == "slow took longer than 0.5 s"
            side_by_side = [asyncio.create_task(talk.call("slow")) for _ in range(3)]
            await asyncio.sleep(0)
            for task in side_by_side:
                task.cancel()
            await asyncio.gather(*side_by_side, return_exceptions=True)
            assert (await talk.call("names")).error is None

    asyncio.run(scenario())


def test_names_that_clash_are_resolved_in_the_order_of_the_settings() -> None:
    toolbox = Toolbox([tool_of(print, "names")])
    talk = Talk({"one": table("noisy"), "two": table()}, toolbox)

    async def scenario() -> None:
        async with asyncio.timeout(DEADLINE_S), talk.servers:
            by_name = {tool.name: tool.origin for tool in toolbox.offered}
            assert by_name["names"] == "a test"
            assert by_name["one_names"] == "MCP server one"
            assert by_name["two_names"] == "MCP server two"
            assert by_name["echo"] == "MCP server one"
            assert by_name["two_echo"] == "MCP server two"
            assert (await talk.call("two_echo", text="2")).result == {"result": "2"}

    asyncio.run(scenario())


def test_what_does_not_come_up_is_told_and_the_others_are_there() -> None:
    tables = {
        "missing": {"command": "/nowhere/at/all"},
        "crashing": table("crash", env={"SECRET": SECRET}),
        "sleepy": table("sleepy", startup_timeout_s=0.5),
        "nobody": {"url": "http://127.0.0.1:9/mcp"},
        "off": table("crash", disabled=True),
        "good": table(),
    }
    talk = Talk(tables)

    async def scenario() -> None:
        async with asyncio.timeout(DEADLINE_S), talk.servers:
            told = {}
            for _ in range(4):
                news = await talk.news("does not start")
                assert news.warning
                told[news.hint.removeprefix("voicecli mcp test ")] = news.message
            assert set(told) == {"missing", "crashing", "sleepy", "nobody"}
            assert "/nowhere/at/all cannot be run" in told["missing"]
            assert "exit code 1, after saying" in told["crashing"]
            assert "RuntimeError: no luck with …" in told["crashing"]
            assert SECRET not in str(told)
            assert "did not answer within 0.5 s" in told["sleepy"]
            assert (await talk.call("echo", text="hello")).error is None

    asyncio.run(scenario())
    assert not children()


def test_over_http_all_is_the_same() -> None:
    async def scenario(port: int) -> None:
        talk = Talk({"web": web_table(port, headers={"X-Key": SECRET}, timeout_s=DEADLINE_S)})
        async with asyncio.timeout(DEADLINE_S):
            async with talk.servers:
                assert (await talk.call("echo", text="hé")).result == {"result": "hé"}
                assert "no such file" in str((await talk.call("fail")).error)
                assert len(str((await talk.call("much", characters=1_000_000)).result)) < 17_000
                assert (await talk.call("much", characters=20_000_000)).error is not None
                assert (await talk.call("echo", text="still here")).error is None
                await talk.call("grow")
                await talk.news("has changed its functions")
                assert "shrink" in talk.names()
            assert [
                task for task in asyncio.all_tasks() if task is not asyncio.current_task()
            ] == []

    with http_server() as (_, port):
        asyncio.run(scenario(port))


def test_ctrl_c_while_they_start_leaves_soon_and_leaves_nothing(tmp_path: Path) -> None:
    begun = [tmp_path / "a", tmp_path / "b"]
    one = table("sleepy", env={"BEGUN": str(begun[0])})
    other = table("sleepy", "deaf", env={"BEGUN": str(begun[1])})
    talk = Talk({"a": one, "b": other})

    async def scenario() -> float:
        async def enter() -> None:
            async with talk.servers:
                raise AssertionError

        entering = asyncio.create_task(enter())
        async with asyncio.timeout(DEADLINE_S):
            while not all(file.exists() for file in begun):  # noqa: ASYNC110 - none tells of it
                await asyncio.sleep(0.01)
        began_s = time.monotonic()
        entering.cancel()
        await asyncio.sleep(0.1)
        entering.cancel()  # once more, out of impatience
        with pytest.raises(asyncio.CancelledError):
            await entering
        assert len(asyncio.all_tasks()) == 1
        return time.monotonic() - began_s

    assert asyncio.run(scenario()) < 10
    assert not children()


def test_what_ends_the_block_comes_out_of_it_as_it_is_and_nothing_is_left() -> None:
    talk = Talk({"one": table("deaf"), "two": table()})

    async def scenario() -> float:
        before = len(os.listdir("/proc/self/fd"))
        slow: list[asyncio.Task[Outcome]] = []
        began_s = 0.0

        async def converse() -> None:
            nonlocal began_s
            async with asyncio.timeout(DEADLINE_S), talk.servers:
                slow.append(asyncio.create_task(talk.call("slow")))
                await talk.call("echo", text="hello")
                began_s = time.monotonic()
                raise KeyError("out of paper")

        with pytest.raises(KeyError, match="out of paper"):
            await converse()
        assert "lost during the call" in str((await slow[0]).error)
        await asyncio.sleep(0)
        assert len(os.listdir("/proc/self/fd")) == before
        assert len(asyncio.all_tasks()) == 1
        return time.monotonic() - began_s

    assert asyncio.run(scenario()) < 10
    assert not children()


def test_without_servers_nothing_is_loaded() -> None:
    """Loading the package takes more than a second, and it may not be there."""
    program = """
import asyncio, sys
sys.modules["mcp"] = None
import voicecli.cli.mcp
from voicecli.tools.mcp.config import read_servers
from voicecli.tools.mcp.servers import Servers
from voicecli.tools.toolbox import Toolbox

async def talk():
    configs = read_servers({"a": {"command": "a", "disabled": True}}, {}, None)
    async with Servers(configs, Toolbox(), {}):
        pass

asyncio.run(talk())
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=DEADLINE_S)


def test_whoever_has_servers_and_not_the_package_is_told_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "mcp")
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(UsageError) as caught:
        check_package()
    assert "voicecli[mcp]" in caught.value.hint
    with pytest.raises(UsageError):
        Servers([ServerConfig("a", "a", command="a")], Toolbox(), {})
