"""Code and pages of the service's own, and results that go on: end to end, in virtual time.

The local server has the first two for a model that the client's table does not know.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from live_reader import Reader
from test_live_tools import called, result, says, talk, words

from voicecli.live import events as live
from voicecli.live.decode import EMPTY_MESSAGE
from voicecli.live.items import ToolResult, Typed
from voicecli.live.models import DEFAULT_MODEL
from voicecli.live.session import LiveSession
from voicecli.live.setup import FunctionDeclaration, Setup
from voicecli.local.script import Call, Code, PageRef, Reply, Script, Turn

OLDER = "gemini-live-2.5-flash-preview"
FLASH_25 = "gemini-2.5-flash-native-audio-preview-12-2025"

OBJECT = {"type": "object", "properties": {}}
NOW = FunctionDeclaration("now", "tells the time", OBJECT)
TIMER = FunctionDeclaration("timer", "waits", OBJECT, background=True)
EVERYTHING = Setup(OLDER, functions=(NOW, TIMER), search=True, code=True, url_context=True)
SCRIPT = Script(
    turns=(
        Turn(
            ("what is six times seven",),
            Reply("It is 42.", code=Code("print(6 * 7)", output="42\n")),
        ),
        Turn(
            ("divide by zero",),
            Reply("I cannot.", code=Code("1 / 0", output="ZeroDivisionError", failed=True)),
        ),
        Turn(
            ("read these pages",),
            Reply(
                "I did.",
                urls=(PageRef("https://a.example"), PageRef("https://b.example", "PAYWALL")),
            ),
        ),
        Turn(("what time is it",), Reply("It is {result.result}.", calls=(Call("now", {}),))),
        Turn(("set a timer",), Reply("Time: {result.result}.", calls=(Call("timer", {}),))),
    ),
    fallback=Reply("I hear you."),
)


def test_code_pages_search_and_functions_go_together(tmp_path: Path) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await says(session, reader, "what is six times seven")
        await says(session, reader, "divide by zero")
        await says(session, reader, "read these pages")
        session.queue(Typed("what time is it"))
        session.queue(result(await called(reader), "noon"))
        await reader.until(live.TurnComplete(), 4)
        assert words(reader).strip().endswith("It is noon.")

    reader = talk(tmp_path, EVERYTHING, play, script=SCRIPT)
    assert reader.of(live.CodeWritten, live.CodeRan, live.Grounding) == [
        live.CodeWritten("python", "print(6 * 7)"),
        live.CodeRan(True, "42\n"),
        live.CodeWritten("python", "1 / 0"),
        live.CodeRan(False, "ZeroDivisionError"),
        live.Grounding((), (live.Source("https://a.example", "https://a.example"),)),
    ]
    assert set(reader.of(live.Unrecognised)) == {live.Unrecognised(EMPTY_MESSAGE)}


@pytest.mark.parametrize("model", [DEFAULT_MODEL, FLASH_25, OLDER])
def test_each_result_of_a_call_that_goes_on_is_spoken_of_and_its_end_is_not(
    tmp_path: Path, model: str
) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await says(session, reader, "set a timer")
        call = await called(reader)
        for value in ("half", "whole"):
            turns = reader.count(live.TurnComplete())
            session.queue(
                ToolResult(call.call_id, call.name, {"result": value}, "WHEN_IDLE", continues=True)
            )
            await reader.until(live.TurnComplete(), turns + 1)
            assert words(reader).strip().endswith(f"Time: {value}.")
            await asyncio.sleep(300)
        said = words(reader)
        session.queue(ToolResult(call.call_id, call.name, {}, "SILENT"))
        await asyncio.sleep(300)
        assert words(reader) == said
        assert reader.count(live.Connected) == 1

    talk(tmp_path, Setup(model, functions=(TIMER,)), play, script=SCRIPT)


def test_results_of_a_call_that_goes_on_outlive_moves_each_told_once(tmp_path: Path) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await says(session, reader, "set a timer")
        call = await called(reader)
        for number in range(4):
            turns = reader.count(live.TurnComplete())
            session.queue(
                ToolResult(call.call_id, call.name, {"result": number}, "WHEN_IDLE", continues=True)
            )
            await reader.until(live.TurnComplete(), turns + 1)
            await session.move()
            await asyncio.sleep(60)
        session.queue(ToolResult(call.call_id, call.name, {}, "SILENT"))
        await asyncio.sleep(60)
        for number in range(4):
            assert words(reader).count(f"Time: {number}.") == 1

    talk(tmp_path, Setup(DEFAULT_MODEL, functions=(TIMER,)), play, script=SCRIPT)
