"""A session that moves with its handle: the user goes on talking, and nothing is lost or doubled.

The service takes a new setup on a new connection only, and refuses that with 1011 while the old
one stands. Moves meet everything else that happens to connections.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from live_reader import Reader, hear_input
from scripted_server import (
    Act,
    Call,
    CloseAtSetup,
    HoldSetup,
    IgnoreSetup,
    Refuse,
    Scene,
    ScriptedServer,
    scripted_server,
)

from voicecli.errors import UsageError
from voicecli.live import events as live
from voicecli.live.items import Signal, Sound, Typed
from voicecli.live.models import DEFAULT_MODEL
from voicecli.live.patience import Patience
from voicecli.live.session import LiveSession
from voicecli.live.setup import Setup

NORMAL = Setup(DEFAULT_MODEL)
HIGH = replace(NORMAL, patience=Patience.HIGH)
LOW = replace(NORMAL, patience=Patience.LOW)
TAPPED = replace(NORMAL, push_to_talk=True)

HANDLE = {"sessionResumptionUpdate": {"newHandle": "h1", "resumable": True}}
TURN_END = {"serverContent": {"turnComplete": True}}
FRAMES = [number.to_bytes(2, "little") * 160 for number in range(40)]
START, END, STREAM_END = "activityStart", "activityEnd", "audioStreamEnd"

Play = Callable[[LiveSession, Reader], Awaitable[None]]


def perform(folder: Path, scenes: list[Act], play: Play, setup: Setup = NORMAL) -> ScriptedServer:
    """Run `play` with a session whose events are read in the background, within a deadline."""

    async def main() -> ScriptedServer:
        async with asyncio.timeout(20), scripted_server(folder, scenes) as server:
            async with LiveSession(server.endpoint, setup) as session, asyncio.TaskGroup() as group:
                reader = Reader(session)
                reading = group.create_task(reader.run())
                await play(session, reader)
                reading.cancel()
            return server

    return asyncio.run(main())


async def stays(call: Call) -> None:
    """A connection with a handle, on which nothing else happens."""
    await call.say(HANDLE)
    await call.wait()


async def answers(call: Call) -> None:
    await call.say(HANDLE, TURN_END)
    await call.wait()


def hears(count: int, heard: list[Any], first: Scene | None = None) -> Scene:
    """A connection that takes `count` inputs, ends a turn, and stays."""

    async def scene(call: Call) -> None:
        if first is not None:
            await first(call)
        heard.extend(await hear_input(call, count))
        await call.say(HANDLE, TURN_END)
        await call.wait()

    return scene


async def gives_handle(call: Call) -> None:
    await call.say(HANDLE)


def silences(server: ScriptedServer) -> list[int | None]:
    """How long a silence each setup asked for."""
    return [
        setup.get("realtimeInputConfig", {})
        .get("automatic_activity_detection", {})
        .get("silence_duration_ms")
        for setup in server.setups
    ]


def handles(server: ScriptedServer) -> list[str | None]:
    return [setup["sessionResumption"].get("handle") for setup in server.setups]


def test_a_move_takes_the_handle_along_and_is_no_recovery(tmp_path: Path) -> None:
    old_is_closed: list[bool] = []
    calls: list[Call] = []

    async def first(call: Call) -> None:
        calls.append(call)
        await stays(call)

    async def second(call: Call) -> None:
        old_is_closed.append(calls[0].socket.close_code is not None)
        await answers(call)

    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.ResumptionUpdate)
        assert await session.change_setup(HIGH)
        await reader.until(live.TurnComplete)
        assert session.setup is HIGH
        assert reader.of(live.Connected, live.Reconnecting, live.SetupRefused) == [
            live.Connected(),
            live.Connected(resumed=True, planned=True),
        ]

    server = perform(tmp_path, [first, second], play)
    assert handles(server) == [None, "h1"]
    assert silences(server) == [None, 2000]
    assert old_is_closed == [True]


def test_ten_moves_leave_the_tries_for_recoveries_alone(tmp_path: Path) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        for times in range(1, 11):
            await reader.until(live.ResumptionUpdate, times)
            assert await session.change_setup(HIGH if times % 2 else LOW)
        assert not reader.count(live.Reconnecting)

    async def last(call: Call) -> None:
        await call.say(HANDLE)
        await call.hang_up(1011)

    async def recovers(session: LiveSession, reader: Reader) -> None:
        await play(session, reader)
        await reader.until(live.TurnComplete)
        (again,) = reader.of(live.Reconnecting)
        assert isinstance(again, live.Reconnecting)
        assert again.attempt == 1

    perform(tmp_path, [*[stays] * 10, last, answers], recovers)


@pytest.mark.parametrize(
    "updates",
    [[], [HANDLE, {"sessionResumptionUpdate": {"resumable": False}}]],
    ids=["no handle", "not resumable"],
)
def test_a_session_that_cannot_be_carried_over_stays(
    tmp_path: Path, updates: list[dict[str, Any]]
) -> None:
    async def scene(call: Call) -> None:
        await call.say(*updates, TURN_END)
        await call.wait()

    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.TurnComplete)
        assert not await session.change_setup(HIGH)
        assert session.setup is NORMAL

    assert perform(tmp_path, [scene], play).connections == 1


def test_what_holds_already_needs_no_move(tmp_path: Path) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        assert await session.change_setup(Setup(DEFAULT_MODEL))

    assert perform(tmp_path, [stays], play).connections == 1


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1007, "Request contains an invalid argument."),
        (1008, "Operation is not implemented, or supported, or enabled."),
    ],
)
def test_a_setup_that_is_refused_gives_way_to_the_old_one(
    tmp_path: Path, code: int, reason: str
) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.ResumptionUpdate)
        assert await session.change_setup(HIGH)
        await reader.until(live.TurnComplete)
        assert session.setup is NORMAL
        refused, connected = reader.seen[2:4]
        assert isinstance(refused, live.SetupRefused)
        assert reason in refused.reason
        assert connected == live.Connected(resumed=True, planned=True)

    server = perform(tmp_path, [stays, CloseAtSetup(code, reason), answers], play)
    assert handles(server) == [None, "h1", "h1"]
    assert silences(server) == [None, 2000, None]


def test_a_setup_that_is_refused_only_when_it_is_used_gives_way_too(tmp_path: Path) -> None:
    async def thinks_again(call: Call) -> None:
        await call.hear()
        await call.hang_up(1007, "Request contains an invalid argument.")

    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.ResumptionUpdate)
        await session.change_setup(HIGH)
        await session.send(Sound(b"\0\0"))
        await reader.until(live.TurnComplete)
        assert session.setup is NORMAL
        assert reader.count(live.SetupRefused) == 1
        assert reader.count(live.Connected(resumed=True, planned=True)) == 2

    server = perform(tmp_path, [stays, thinks_again, answers], play)
    assert silences(server) == [None, 2000, None]


def test_a_setup_that_has_held_a_turn_is_not_taken_back(tmp_path: Path) -> None:
    async def answers_and_fails(call: Call) -> None:
        await call.say(TURN_END)
        await call.hang_up(1007, "Request contains an invalid argument.")

    async def main() -> None:
        async with (
            asyncio.timeout(20),
            scripted_server(tmp_path, [stays, answers_and_fails]) as server,
            LiveSession(server.endpoint, NORMAL) as session,
            asyncio.TaskGroup() as group,
        ):
            reader = Reader(session)
            reading = group.create_task(reader.run())
            await reader.until(live.ResumptionUpdate)
            group.create_task(session.change_setup(HIGH))
            await asyncio.wait([reading])

    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(main())
    assert caught.group_contains(UsageError)


def test_what_is_said_during_a_move_arrives_after_it_whole_and_in_order(tmp_path: Path) -> None:
    heard: list[Any] = []

    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.ResumptionUpdate)
        moving = asyncio.create_task(session.change_setup(HIGH))
        await asyncio.sleep(0)
        for frame in FRAMES[:20]:
            await session.send(Sound(frame))
        await session.send(Signal.AUDIO_STREAM_END)
        await moving
        for frame in FRAMES[20:]:
            await session.send(Sound(frame))
        await reader.until(live.TurnComplete)

    perform(tmp_path, [stays, hears(41, heard)], play)
    assert heard == [*FRAMES[:20], STREAM_END, *FRAMES[20:]]


def test_a_microphone_that_never_stops_loses_nothing_to_a_move(tmp_path: Path) -> None:
    heard: list[list[Any]] = [[], []]

    async def first(call: Call) -> None:
        await call.say(HANDLE)
        while True:
            heard[0] += await hear_input(call, 1)

    async def play(session: LiveSession, reader: Reader) -> None:
        async def talk() -> None:
            for frame in FRAMES:
                await session.send(Sound(frame))
                await asyncio.sleep(0.002)

        await reader.until(live.ResumptionUpdate)
        talking = asyncio.create_task(talk())
        await asyncio.sleep(0.01)
        await session.change_setup(HIGH)
        await talking
        await session.send(Signal.ACTIVITY_END)
        await reader.until(live.TurnComplete)

    async def second(call: Call) -> None:
        while END not in heard[1]:
            heard[1] += await hear_input(call, 1)
        await call.say(TURN_END)
        await call.wait()

    perform(tmp_path, [first, second], play)
    assert heard[0]
    assert heard[1] == [*FRAMES, END], "nothing was answered: the handle knows of none of it"


def test_words_and_results_typed_during_a_move_arrive_after_it(tmp_path: Path) -> None:
    messages: list[dict[str, Any]] = []

    async def second(call: Call) -> None:
        messages.append(await call.hear())
        await call.say(TURN_END)
        await call.wait()

    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.ResumptionUpdate)
        moving = asyncio.create_task(session.change_setup(HIGH))
        await asyncio.sleep(0)
        await session.send(Typed("still there?"))
        await moving
        await reader.until(live.TurnComplete)

    perform(tmp_path, [stays, second], play)
    assert messages == [{"realtime_input": {"text": "still there?"}}]


def test_a_move_in_the_middle_of_an_activity_goes_on_with_it(tmp_path: Path) -> None:
    before: list[Any] = []
    after: list[Any] = []

    async def play(session: LiveSession, reader: Reader) -> None:
        await session.send(Signal.ACTIVITY_START)
        await session.send(Sound(FRAMES[0]))
        await reader.until(live.TurnComplete)
        moving = asyncio.create_task(session.change_setup(replace(TAPPED, voice="Kore")))
        await asyncio.sleep(0)
        await session.send(Sound(FRAMES[1]))
        await session.send(Signal.ACTIVITY_END)
        await session.send(Signal.ACTIVITY_START)
        await moving
        await session.send(Sound(FRAMES[2]))
        await session.send(Signal.ACTIVITY_END)
        await reader.until(live.TurnComplete, 2)

    perform(tmp_path, [hears(2, before, gives_handle), hears(7, after)], play, TAPPED)
    assert before == [START, FRAMES[0]]
    assert after == [START, FRAMES[0], FRAMES[1], END, START, FRAMES[2], END]


def test_a_connection_that_is_lost_as_the_session_moves_is_moved_away_from(tmp_path: Path) -> None:
    async def loses(call: Call) -> None:
        await call.say(HANDLE)
        await call.hear()
        await call.hang_up(1011)

    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.ResumptionUpdate)
        await session.send(Sound(FRAMES[0]))
        assert await session.change_setup(HIGH)
        await reader.until(live.TurnComplete)
        assert session.setup is HIGH
        assert reader.count(live.Connected) == 2

    server = perform(tmp_path, [loses, answers], play)
    assert silences(server) == [None, 2000]


def test_a_change_during_a_recovery_comes_with_the_next_connection(tmp_path: Path) -> None:
    async def loses(call: Call) -> None:
        await call.say(HANDLE)
        await call.hang_up(1011)

    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.Reconnecting)
        assert await session.change_setup(HIGH)
        await reader.until(live.TurnComplete)
        assert live.Connected(resumed=True) in reader.seen

    server = perform(tmp_path, [loses, answers], play)
    assert silences(server) == [None, 2000]
    assert handles(server) == [None, "h1"]


def test_a_move_that_meets_a_dead_service_becomes_a_recovery(tmp_path: Path) -> None:
    heard: list[Any] = []

    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.ResumptionUpdate)
        moving = asyncio.create_task(session.change_setup(HIGH))
        await asyncio.sleep(0)
        await session.send(Sound(FRAMES[0]))
        assert await moving
        await reader.until(live.TurnComplete)
        assert reader.of(live.Connected)[1:] == [live.Connected(resumed=True)]
        assert reader.count(live.Reconnecting) == 2

    server = perform(tmp_path, [stays, Refuse(503), Refuse(503), hears(1, heard)], play)
    assert silences(server) == [None, 2000]
    assert heard == [FRAMES[0]], "what was said in the move waits for its end"


def test_a_handle_that_has_died_begins_a_new_session_with_the_new_setup(tmp_path: Path) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.ResumptionUpdate)
        assert await session.change_setup(HIGH)
        await reader.until(live.TurnComplete)
        assert live.Connected(resumed=False, planned=False) == reader.of(live.Connected)[-1]
        assert not reader.count(live.SetupRefused)

    dead = CloseAtSetup(1008, "BidiGenerateContent session not found")
    server = perform(tmp_path, [stays, dead, answers], play)
    assert handles(server) == [None, "h1", None]
    assert silences(server) == [None, 2000, 2000]


def test_sound_that_a_second_loss_holds_up_keeps_its_order(tmp_path: Path) -> None:
    heard: list[Any] = []

    async def loses(call: Call) -> None:
        await call.hang_up(1011)

    async def third(call: Call) -> None:
        while not heard or heard[-1] != FRAMES[-1]:
            heard.extend(await hear_input(call, 1))
        await call.say(TURN_END)
        await call.wait()

    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.ResumptionUpdate)
        moving = asyncio.create_task(session.change_setup(HIGH))
        await asyncio.sleep(0)
        for frame in FRAMES[:-1]:
            await session.send(Sound(frame))
        await moving
        await reader.until(live.Connected, 3)
        await session.send(Sound(FRAMES[-1]))
        await reader.until(live.TurnComplete)

    perform(tmp_path, [stays, loses, third], play)
    assert heard == FRAMES[len(FRAMES) - len(heard) :]


def test_two_changes_at_once_end_with_the_later_one(tmp_path: Path) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.ResumptionUpdate)
        both = await asyncio.gather(session.change_setup(LOW), session.change_setup(HIGH))
        assert all(both)
        await reader.until(live.TurnComplete)
        assert session.setup is HIGH

    server = perform(tmp_path, [stays, answers], play)
    assert silences(server)[-1] == 2000


def test_a_change_while_a_move_connects_makes_the_next_move(tmp_path: Path) -> None:
    held = HoldSetup(stays)

    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.ResumptionUpdate)
        async with asyncio.TaskGroup() as group:
            group.create_task(session.change_setup(LOW))
            await held.asked.wait()
            group.create_task(session.change_setup(HIGH))
            await asyncio.sleep(0)
            await session.send(Sound(FRAMES[0]))
            held.free.set()
        await reader.until(live.TurnComplete)
        assert reader.of(live.Connected, live.Reconnecting)[1:] == [
            live.Connected(resumed=True, planned=True)
        ]

    heard: list[Any] = []
    server = perform(tmp_path, [stays, held, hears(1, heard)], play)
    assert silences(server) == [None, 300, 2000]
    assert heard == [FRAMES[0]]


def test_a_change_back_in_the_middle_of_a_move_ends_where_it_began(tmp_path: Path) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.ResumptionUpdate)
        await asyncio.gather(session.change_setup(HIGH), session.change_setup(NORMAL))
        await reader.until(live.TurnComplete)
        assert session.setup is NORMAL

    perform(tmp_path, [stays, answers], play)


def test_a_refused_setup_does_not_hold_up_the_next_one(tmp_path: Path) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.ResumptionUpdate)
        assert await session.change_setup(HIGH)
        await reader.until(live.ResumptionUpdate, 2)
        assert await session.change_setup(LOW)
        await reader.until(live.TurnComplete)
        assert session.setup is LOW

    refused = CloseAtSetup(1007, "Request contains an invalid argument.")
    server = perform(tmp_path, [stays, refused, stays, answers], play)
    assert silences(server) == [None, 2000, None, 300]


def test_a_session_that_closes_does_not_move(tmp_path: Path) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.ResumptionUpdate)
        await session.__aexit__(None, None, None)
        assert not await session.change_setup(HIGH)
        await session.send(Sound(FRAMES[0]))
        await session.send(Typed("too late"))

    assert perform(tmp_path, [stays], play).connections == 1


def test_a_session_that_closes_in_the_middle_of_a_move_leaves_nobody_waiting(
    tmp_path: Path,
) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.ResumptionUpdate)
        async with asyncio.TaskGroup() as group:
            moving = group.create_task(session.change_setup(HIGH))
            typing = group.create_task(session.send(Typed("hello")))
            await asyncio.sleep(0)
            await session.send(Sound(FRAMES[0]))
            await session.__aexit__(None, None, None)
        assert moving.done()
        assert typing.done()

    perform(tmp_path, [stays, IgnoreSetup()], play)


def test_a_session_that_closes_while_it_connects_leaves_no_connection(tmp_path: Path) -> None:
    held = HoldSetup(stays)

    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.ResumptionUpdate)
        async with asyncio.TaskGroup() as group:
            group.create_task(session.change_setup(HIGH))
            await held.asked.wait()
            await session.__aexit__(None, None, None)
            held.free.set()
        await reader.ended.wait()
        assert reader.count(live.Connected) == 1

    perform(tmp_path, [stays, held], play)


def test_a_tap_reaches_the_service_as_activity_and_never_as_an_end_of_the_stream(
    tmp_path: Path,
) -> None:
    heard: list[Any] = []

    async def play(session: LiveSession, reader: Reader) -> None:
        await session.send(Signal.ACTIVITY_START)
        await session.send(Sound(FRAMES[0]))
        await session.send(Signal.AUDIO_STREAM_END)
        await session.send(Signal.ACTIVITY_END)
        await reader.until(live.TurnComplete)

    server = perform(tmp_path, [hears(3, heard)], play, TAPPED)
    assert heard == [START, FRAMES[0], END]
    (setup,) = server.setups
    assert setup["realtimeInputConfig"] == {"automatic_activity_detection": {"disabled": True}}


def test_who_is_cut_off_while_talking_goes_on_after_the_recovery(tmp_path: Path) -> None:
    heard: list[Any] = []

    async def loses(call: Call) -> None:
        await hear_input(call, 1)
        await call.hang_up(1011)

    async def play(session: LiveSession, reader: Reader) -> None:
        await session.send(Signal.ACTIVITY_START)
        await reader.until(live.Reconnecting)
        await session.send(Sound(FRAMES[0]))
        await reader.until(live.Connected, 2)
        await session.send(Sound(FRAMES[1]))
        await session.send(Signal.ACTIVITY_END)
        await reader.until(live.TurnComplete)

    perform(tmp_path, [loses, hears(4, heard)], play, TAPPED)
    assert heard == [START, FRAMES[0], FRAMES[1], END]


@pytest.mark.parametrize("taps", [0, 1, 2, 3])
def test_taps_without_a_connection_count_by_where_they_end(tmp_path: Path, taps: int) -> None:
    heard: list[Any] = []

    async def loses(call: Call) -> None:
        await call.hang_up(1011)

    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.Reconnecting)
        for tap in range(taps):
            await (
                session.send(Signal.ACTIVITY_END)
                if tap % 2
                else session.send(Signal.ACTIVITY_START)
            )
        await reader.until(live.Connected, 2)
        await session.send(Sound(FRAMES[0]))
        await reader.until(live.TurnComplete)

    talking = taps % 2
    perform(tmp_path, [loses, hears(1 + talking, heard)], play, TAPPED)
    assert heard == [START, FRAMES[0]][1 - talking :]
