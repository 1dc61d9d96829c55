"""Tools end to end: the session, the real SDK, TLS, and the local server's own reading of it all.

In virtual time. What Google's service does with the same messages is not known here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from coded_speech import CODED
from live_reader import Reader
from virtual_time import run_virtually

from voicecli.live import events as live
from voicecli.live.endpoint import Endpoint
from voicecli.live.items import ToolResult, Typed
from voicecli.live.models import DEFAULT_MODEL
from voicecli.live.session import LiveSession
from voicecli.live.setup import FunctionDeclaration, Setup
from voicecli.local.certificates import LoopbackCertificates
from voicecli.local.faults import Fault, FaultPlan, Kind, Moment
from voicecli.local.script import Call, Reply, Script, SourceRef, Turn
from voicecli.local.server import LiveServer
from voicecli.settings.key import ApiKey

EXTENDED = "gemini-3.8-live-extended-thinking"
FLASH_31 = "gemini-3.1-flash-live-preview"
FLASH_25 = "gemini-2.5-flash-native-audio-preview-12-2025"

OBJECT = {"type": "object", "properties": {}}
NOW = FunctionDeclaration("now", "tells the time", OBJECT)
TIMER = FunctionDeclaration("timer", "waits", OBJECT, background=True)
SETUP = Setup(DEFAULT_MODEL, functions=(NOW, TIMER))
SCRIPT = Script(
    turns=(
        Turn(("what time is it",), Reply("It is {result.result}.", calls=(Call("now", {}),))),
        Turn(("set a timer",), Reply("Time: {result.result}.", calls=(Call("timer", {}),))),
        Turn(
            ("who won the game",),
            Reply("We did.", search=("game",), sources=(SourceRef("https://a.example", "A"),)),
        ),
        Turn(("think about it",), Reply("Done.", think="Let me see.")),
    ),
    fallback=Reply("I hear you."),
)

Play = Callable[[LiveSession, Reader], Awaitable[None]]


@cache
def authority() -> LoopbackCertificates:
    """One for all conversations: keys take long to make."""
    return LoopbackCertificates()


def talk(folder: Path, setup: Setup, play: Play, *faults: Fault, script: Script = SCRIPT) -> Reader:
    """Run `play` with a session on a server that strikes with `faults`, and finds no fault."""

    async def main() -> Reader:
        certificates, plan = authority(), FaultPlan()
        certificates.write_ca(folder / "ca.pem")
        for fault in faults:
            plan.add(fault)
        tls = certificates.server_context()
        async with (
            asyncio.timeout(5_000),
            LiveServer(script, tls=tls, faults=plan, senses=CODED) as server,
        ):
            key = ApiKey("a-key-for-tests", "the test")
            endpoint = Endpoint(key, server.base_url, folder / "ca.pem", local=True)
            async with LiveSession(endpoint, setup) as session, asyncio.TaskGroup() as group:
                reader = Reader(session)
                reading = group.create_task(reader.run())
                await play(session, reader)
                reading.cancel()
            assert server.violations == ()
        return reader

    return run_virtually(main())


def words(reader: Reader) -> str:
    """What the model has said so far."""
    return "".join(event.text for event in reader.seen if isinstance(event, live.ModelSpeech))


async def says(session: LiveSession, reader: Reader, line: str, turns: int = 1) -> None:
    """Say `line`, and wait until so many turns more have ended."""
    turns += reader.count(live.TurnComplete())
    session.queue(Typed(line))
    await reader.until(live.TurnComplete(), turns)


async def called(reader: Reader, count: int = 1) -> live.FunctionCall:
    """The latest function call, once there were so many."""
    await reader.until(live.FunctionCall, count)
    (*_, call) = reader.of(live.FunctionCall)
    assert isinstance(call, live.FunctionCall)
    return call


def result(call: live.FunctionCall, value: object, scheduling: str | None = None) -> ToolResult:
    return ToolResult(call.call_id, call.name, {"result": value}, scheduling=scheduling)


@pytest.mark.parametrize("model", [DEFAULT_MODEL, FLASH_25])
def test_both_talk_on_while_a_function_runs_and_its_result_is_spoken_of_in_a_pause(
    tmp_path: Path, model: str
) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await says(session, reader, "set a timer")
        call = await called(reader)
        await asyncio.sleep(600)
        await says(session, reader, "are you there")
        assert words(reader).strip().endswith("I hear you.")
        turns = reader.count(live.TurnComplete())
        session.queue(result(call, "up", "WHEN_IDLE"))
        await reader.until(live.TurnComplete(), turns + 1)
        assert words(reader).strip().endswith("Time: up.")
        assert reader.count(live.Connected) == 1, "nobody took it for silence"

    talk(tmp_path, replace(SETUP, model=model), play)


def test_a_silent_result_is_known_and_not_spoken_of(tmp_path: Path) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await says(session, reader, "set a timer")
        session.queue(result(await called(reader), "up", "SILENT"))
        await asyncio.sleep(300)
        assert "Time" not in words(reader)
        assert reader.count(live.Connected) == 1

    talk(tmp_path, SETUP, play)


def test_the_model_that_only_waits_for_no_function_is_told_no_scheduling(tmp_path: Path) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        session.queue(Typed("what time is it"))
        call = await called(reader)
        session.queue(result(call, "noon", "INTERRUPT"))
        await reader.until(live.TurnComplete())
        while "noon" not in words(reader):
            await reader.until(live.ModelSpeech, reader.count(live.ModelSpeech) + 1)

    talk(tmp_path, replace(SETUP, model=EXTENDED), play)


def test_the_model_that_waits_for_every_function_is_told_neither(tmp_path: Path) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        session.queue(Typed("set a timer"))
        call = await called(reader)
        session.queue(result(call, "up", "SILENT"))
        await reader.until(live.TurnComplete())
        assert words(reader).strip() == "Time: up."

    talk(tmp_path, replace(SETUP, model=FLASH_31), play)


def test_a_call_of_an_hour_is_answered_after_moves_and_losses(tmp_path: Path) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await says(session, reader, "set a timer")
        call = await called(reader)
        for hour_part in range(6):
            await says(session, reader, "are you there")
            await asyncio.sleep(600)
            if hour_part % 2:
                await session.move()
        turns = reader.count(live.TurnComplete())
        session.queue(result(call, "up", "WHEN_IDLE"))
        await reader.until(live.TurnComplete(), turns + 1)
        assert words(reader).strip().endswith("Time: up.")
        assert reader.count(live.FunctionCall) == 1

    lost = Fault(Kind.CLOSE, at=Moment.THINKING, turn=3)
    reader = talk(tmp_path, SETUP, play, lost)
    assert reader.count(live.Connected) == 5
    assert reader.count(live.Reconnecting) == 1


def test_functions_come_and_go_in_the_middle(tmp_path: Path) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await says(session, reader, "what time is it")
        assert reader.count(live.FunctionCall) == 0, "it is not on offer yet"
        assert session.offer((NOW,))
        session.queue(Typed("what time is it"))
        session.queue(result(await called(reader), "noon"))
        await reader.until(live.TurnComplete(), 2)
        assert words(reader).strip().endswith("It is noon.")
        assert session.offer(())
        await says(session, reader, "what time is it")
        assert reader.count(live.FunctionCall) == 1
        assert reader.count(live.Connected) == 1

    talk(tmp_path, replace(SETUP, functions=(TIMER,)), play)


def test_a_model_that_takes_no_update_has_the_functions_after_a_move(tmp_path: Path) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await says(session, reader, "are you there")
        assert not session.offer((NOW,))
        assert await session.change_setup(replace(session.setup, functions=(NOW,)))
        session.queue(Typed("what time is it"))
        session.queue(result(await called(reader), "noon"))
        await reader.until(live.TurnComplete(), 2)
        assert words(reader).strip().endswith("It is noon.")

    talk(tmp_path, Setup(FLASH_31), play)


def test_search_goes_beside_functions_and_names_its_sources(tmp_path: Path) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await says(session, reader, "who won the game")

    reader = talk(tmp_path, replace(SETUP, search=True), play)
    assert reader.of(live.Grounding) == [
        live.Grounding(("game",), (live.Source("https://a.example", "A"),))
    ]


@pytest.mark.parametrize(
    "setup",
    [
        Setup(EXTENDED, thinking="HIGH", thoughts=True),
        Setup(FLASH_31, thinking="MINIMAL", thoughts=True),
        Setup(FLASH_25, thinking=512, thoughts=True),
    ],
)
def test_thoughts_come_where_they_are_asked_for_and_are_no_speech(
    tmp_path: Path, setup: Setup
) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await says(session, reader, "think about it")
        assert words(reader).strip() == "Done."

    reader = talk(tmp_path, setup, play)
    assert reader.of(live.Thought) == [live.Thought("Let me see.")]
    quiet = talk(tmp_path, replace(setup, thoughts=False), play)
    assert quiet.of(live.Thought) == []
