"""Trying servers out says what a conversation would find, with real servers."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from mcp_talk import DEADLINE_S, children, http_server, old_table, read, table, web_table

from voicecli.tools.mcp.inspection import Finding, inspect
from voicecli.tools.tool import Risk

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only on Linux")


def found(tables: dict[str, object]) -> dict[str, Finding]:
    async def scenario() -> tuple[Finding, ...]:
        async with asyncio.timeout(DEADLINE_S):
            return await inspect(read(tables), os.environ)

    findings = asyncio.run(scenario())
    return {finding.name: finding for finding in findings}


def test_each_server_says_what_it_offers_or_why_it_does_not() -> None:
    with http_server() as (process, port):
        got = found(
            {
                "crashing": table("crash", env={"SECRET": "hunter2hunter2"}),
                "good": table(),
                "web": web_table(port),
                "sleepy": table("sleepy", startup_timeout_s=0.3),
            }
        )
        assert children() == {process.pid}
    assert list(got) == ["crashing", "good", "web", "sleepy"]
    assert "exit code 1" in got["crashing"].problem
    assert "hunter2" not in got["crashing"].problem
    assert "did not answer within 0.3 s" in got["sleepy"].problem
    assert got["sleepy"].took_s >= 0.3
    assert not got["sleepy"].tools
    good = got["good"]
    assert (good.problem, good.server) == ("", "misbehaving 1.2")
    assert good.protocol >= "2025-11-25"
    assert good.took_s > 0
    echo = good.tools[0]
    assert (echo.name, echo.description, echo.risk) == ("echo", "Say the same again.", Risk.ASK)
    assert good.left_out == ("recursive: its schema is recursive",)
    # As in a conversation with both.
    assert got["web"].tools[0].name == "web_echo"
    with pytest.raises(RuntimeError, match="only looked at"):
        asyncio.run(call_of(got["good"]))


async def call_of(finding: Finding) -> None:
    await anext(finding.tools[0].call({"text": "a"}))


@pytest.mark.parametrize("habit", ["", "ends", "silent"])
def test_servers_that_know_no_discovery_are_understood(habit: str) -> None:
    one = found({"one": old_table(habit)})["one"]
    assert (one.problem, one.server, one.protocol) == ("", "old 0.1", "2024-11-05")
    assert [tool.name for tool in one.tools] == ["echo"]
    assert one.left_out == ("listing: its arguments are not an object",)


def test_what_cannot_be_run_is_told_from_where_it_cannot_run(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone")
    got = found({"program": {"command": gone}, "folder": old_table() | {"cwd": gone}})
    assert got["program"].problem == f"{gone} cannot be run: No such file or directory"
    assert got["folder"].problem == f"its folder {gone} cannot be used: No such file or directory"


def test_servers_that_refuse_the_older_handshake_are_understood() -> None:
    one = found({"one": table("modern")})["one"]
    assert (one.problem, one.protocol) == ("", "2026-07-28")
    assert one.tools
