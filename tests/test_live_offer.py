"""Functions come and go while both talk: over a real socket, with the real SDK."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from live_reader import Reader
from scripted_server import Act, Call, CloseAtSetup, HoldSetup, ScriptedServer, scripted_server

from voicecli.live import events as live
from voicecli.live.items import ToolResult, Typed
from voicecli.live.models import DEFAULT_MODEL
from voicecli.live.session import LiveSession
from voicecli.live.setup import FunctionDeclaration, Setup

NOW = FunctionDeclaration("now", "tells the time", {"type": "object"})
# The case of its keys is the function's own affair.
SCHEMA = {"type": "object", "properties": {"some_key": {"type": "string"}, "anyKey": {}}}
TIMER = FunctionDeclaration("timer", "waits", SCHEMA, background=True)
SETUP = Setup(DEFAULT_MODEL, functions=(NOW,))
FLASH_31 = Setup("gemini-3.1-flash-live-preview", functions=(NOW,))

TURN_END = {"serverContent": {"turnComplete": True}}
HANDLE = {"sessionResumptionUpdate": {"newHandle": "h1", "resumable": True}}
WORDS = {"serverContent": {"outputTranscription": {"text": "hi"}}}
REFUSAL = "Request contains an invalid argument."

Play = Callable[[LiveSession, Reader], Awaitable[None]]


def perform(folder: Path, scenes: list[Act], play: Play, setup: Setup = SETUP) -> ScriptedServer:
    """Run `play` with a session on a server of `scenes`, within a deadline."""

    async def main() -> ScriptedServer:
        async with (
            asyncio.timeout(20),
            scripted_server(folder, scenes) as server,
            LiveSession(server.endpoint, setup) as session,
            asyncio.TaskGroup() as group,
        ):
            reader = Reader(session)
            reading = group.create_task(reader.run())
            await play(session, reader)
            reading.cancel()
        return server

    return asyncio.run(main())


def names(tools: list[dict[str, Any]]) -> list[str]:
    """The functions among `tools`."""
    declared = [tool.get("functionDeclarations", []) for tool in tools]
    return [function["name"] for functions in declared for function in functions]


def offered(server: ScriptedServer) -> list[list[str]]:
    """The functions of each setup."""
    return [names(setup.get("tools", [])) for setup in server.setups]


async def stays(call: Call) -> None:
    await call.say(HANDLE)
    await call.wait()


async def answers(call: Call) -> None:
    await call.say(HANDLE)
    await call.hear()
    await call.say(WORDS, TURN_END)
    await call.wait()


def test_what_is_offered_before_the_first_connection_is_in_its_setup(tmp_path: Path) -> None:
    async def main() -> ScriptedServer:
        async with asyncio.timeout(20), scripted_server(tmp_path, [stays]) as server:
            session = LiveSession(server.endpoint, SETUP)
            assert session.offer((NOW, TIMER))
            async with session:
                assert session.setup.functions == (NOW, TIMER)
            return server

    server = asyncio.run(main())
    assert offered(server) == [["now", "timer"]]
    (tool,) = server.setups[0]["tools"]
    schema = tool["functionDeclarations"][1]["parameters_json_schema"]
    assert schema == SCHEMA


def test_a_model_that_takes_an_update_is_told_in_order_with_all_that_is_said(
    tmp_path: Path,
) -> None:
    heard: list[dict[str, Any]] = []

    async def scene(call: Call) -> None:
        await call.say(HANDLE)
        for _ in range(3):
            heard.append(await call.hear())
        await call.say(WORDS, TURN_END)
        await call.wait()

    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.ResumptionUpdate)
        session.queue(Typed("one"))
        assert session.offer((TIMER,))
        session.queue(Typed("two"))
        await reader.until(live.TurnComplete)
        assert session.setup.functions == (TIMER,)
        assert reader.count(live.Connected) == 1

    perform(tmp_path, [scene], play)
    assert [list(message) for message in heard] == [
        ["realtime_input"],
        ["contextUpdate"],
        ["realtime_input"],
    ]
    update = heard[1]["contextUpdate"]["tools"]["tools"]
    assert names(update) == ["timer"]
    assert update[0]["functionDeclarations"][0]["parameters_json_schema"] == SCHEMA


def test_a_model_that_takes_none_is_moved(tmp_path: Path) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.ResumptionUpdate)
        assert not session.offer((TIMER,))
        assert session.setup == FLASH_31
        assert await session.change_setup(replace(session.setup, functions=(TIMER,)))
        await session.send(Typed("hello"))
        await reader.until(live.TurnComplete)
        assert reader.count(live.Connected(resumed=True, planned=True)) == 1
        assert session.offer((TIMER,)), "it knows"

    server = perform(tmp_path, [stays, answers], play, FLASH_31)
    assert offered(server) == [["now"], ["timer"]]


def test_a_connection_that_is_lost_before_the_move_comes_back_with_the_new_functions(
    tmp_path: Path,
) -> None:
    async def loses(call: Call) -> None:
        await call.say(HANDLE)
        await call.hear()
        await call.hang_up(1011)

    for setup in (SETUP, FLASH_31):

        async def play(session: LiveSession, reader: Reader) -> None:
            await reader.until(live.ResumptionUpdate)
            session.offer((TIMER,))
            await session.send(Typed("hello"))
            await reader.until(live.TurnComplete)
            assert session.setup.functions == (TIMER,)

        server = perform(tmp_path, [loses, answers], play, setup)
        assert offered(server) == [["now"], ["timer"]]


@pytest.mark.parametrize("code", [1007, 1008])
def test_a_service_that_refuses_an_update_gets_a_new_setup_and_no_update_any_more(
    tmp_path: Path, code: int
) -> None:
    updates: list[dict[str, Any]] = []

    async def refuses(call: Call) -> None:
        await call.say(HANDLE)
        updates.append(await call.hear())
        await call.hang_up(code, REFUSAL)

    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.ResumptionUpdate)
        assert session.offer((TIMER,))
        await reader.until(live.Connected, 2)
        await session.send(Typed("hello"))
        await reader.until(live.TurnComplete)
        assert session.setup.functions == (TIMER,)
        assert reader.of(live.Reconnecting, live.SetupRefused) == []
        assert not session.offer((NOW, TIMER)), "from now on it is moved"

    server = perform(tmp_path, [refuses, answers], play)
    assert offered(server) == [["now"], ["timer"]]
    assert [list(update) for update in updates] == [["contextUpdate"]]


def test_functions_that_a_service_takes_in_no_way_are_taken_back_and_the_talk_goes_on(
    tmp_path: Path,
) -> None:
    async def refuses(call: Call) -> None:
        await call.say(HANDLE, WORDS, TURN_END)
        await call.hear()
        await call.hang_up(1007, REFUSAL)

    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.TurnComplete)
        assert session.offer((TIMER,))
        await reader.until(live.Connected, 2)
        await session.send(Typed("hello"))
        await reader.until(live.TurnComplete, 2)
        assert session.setup == SETUP
        assert reader.count(live.SetupRefused(REFUSAL)) == 1
        assert reader.count(live.Reconnecting) == 0

    server = perform(tmp_path, [refuses, CloseAtSetup(1007, REFUSAL), answers], play)
    assert offered(server) == [["now"], ["timer"], ["now"]]


def test_an_offer_while_a_move_connects_is_told_after_it(tmp_path: Path) -> None:
    heard: list[dict[str, Any]] = []

    async def second(call: Call) -> None:
        heard.append(await call.hear())
        await call.say(WORDS, TURN_END)
        await call.wait()

    held = HoldSetup(second)

    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.ResumptionUpdate)
        moving = asyncio.create_task(session.move())
        await held.asked.wait()
        assert session.offer((TIMER,))
        held.free.set()
        await moving
        await reader.until(live.TurnComplete)

    server = perform(tmp_path, [stays, held], play)
    assert offered(server) == [["now"], ["now"]]
    (update,) = heard
    assert names(update["contextUpdate"]["tools"]["tools"]) == ["timer"]


def test_the_results_of_a_call_in_the_background_outlive_its_connection(tmp_path: Path) -> None:
    call_made = {"toolCall": {"functionCalls": [{"id": "f1", "name": "timer", "args": {}}]}}
    heard: list[list[dict[str, Any]]] = [[], []]

    async def first(call: Call) -> None:
        await call.say(call_made, TURN_END, HANDLE)
        heard[0].append(await call.hear())
        await call.hang_up(1011)

    async def second(call: Call) -> None:
        for _ in range(3):
            heard[1].append(await call.hear())
        await call.say(WORDS, TURN_END)
        await call.wait()

    def result(**response: object) -> ToolResult:
        return ToolResult("f1", "timer", response, scheduling="WHEN_IDLE", continues=True)

    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.ResumptionUpdate)
        await session.send(result(result="half"))
        await reader.until(live.Connected, 2)
        await session.send(result(result="whole"))
        await session.send(ToolResult("f1", "timer", {}, scheduling="SILENT"))
        await reader.until(live.TurnComplete, 2)

    perform(tmp_path, [first, second], play, replace(SETUP, functions=(TIMER,)))
    half, whole, over = (
        {"id": "f1", "name": "timer", "response": response, "scheduling": when, "will_continue": on}
        for response, when, on in (
            ({"result": "half"}, "WHEN_IDLE", True),
            ({"result": "whole"}, "WHEN_IDLE", True),
            ({}, "SILENT", False),
        )
    )
    sent = [
        [
            response
            for message in messages
            for response in message["tool_response"]["functionResponses"]
        ]
        for messages in heard
    ]
    assert sent == [[half], [half, whole, over]]
