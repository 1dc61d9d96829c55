"""Each fault over a real socket, as a client meets it: what comes, and how the connection ends."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

import pytest
from coded_speech import CODED
from local_host import (
    BACKGROUND_CLOCK,
    CLOCK,
    Host,
    answer,
    call_id_of,
    handle_of,
    hosting,
    resuming,
    speak,
    type_text,
)
from local_wire import Frame, read_close, read_until, send, set_up
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from voicecli.local.certificates import LoopbackCertificates
from voicecli.local.fault_file import parse_fault
from voicecli.local.outlet import LARGE_BYTES
from voicecli.local.script import Script
from voicecli.local.server import LiveServer


async def turn(socket: ClientConnection) -> list[Frame]:
    """The frames up to the turn's end."""
    frames: list[Frame] = []
    while not (frames and frames[-1].get("serverContent", {}).get("turnComplete")):
        frames.append(json.loads(await socket.recv()))
    return frames


async def frames_and_close(socket: ClientConnection) -> tuple[list[Frame], tuple[int, str]]:
    frames: list[Frame] = []
    try:
        while True:
            frames.append(json.loads(await socket.recv()))
    except ConnectionClosed:
        return frames, await read_close(socket)


async def lead_to(socket: ClientConnection, moment: str) -> None:
    """Do what leads a connection to `moment`."""
    if moment == "setup":
        await send(socket, {"setup": {"model": "models/gemini-3.8-live"}})
        return
    await set_up(socket, tools=[CLOCK])
    if moment == "user_speaking":
        await speak(socket, 1, 2, quiet_s=0.0)
    elif moment == "thinking":
        await speak(socket, 1, 2)
    elif moment == "speaking":
        await type_text(socket)
    elif moment == "tool":
        await type_text(socket, "what time is it")


def seen(frames: list[Frame]) -> str:
    """Which of the moments' signs are among what a client received."""
    text = json.dumps(frames)
    signs = ("setupComplete", "ACTIVITY_START", "ACTIVITY_END", "toolCall", "inlineData")
    return " ".join(sign for sign in signs if sign in text)


MOMENTS = {
    "setup": "",
    "idle": "",
    "user_speaking": "ACTIVITY_START",
    "thinking": "ACTIVITY_START ACTIVITY_END",
    "tool": "toolCall",
    "speaking": "inlineData",
}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(
    ("fault", "code", "reason"),
    [
        ("close", 1011, "The service is currently unavailable."),
        ("close code=1008 reason='session not found'", 1008, "session not found"),
        ("go_away time_left_s=0", 1011, "Deadline expired before operation could complete."),
        ("reset", 1006, ""),
        ("drop", 1006, ""),
    ],
)
def test_a_connection_ends_at_any_moment(fault: str, code: int, reason: str, moment: str) -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            with suppress(ConnectionClosed):  # some end before the client has done anything
                await lead_to(socket, moment)
            frames, closed = await frames_and_close(socket)
        assert closed == (code, reason)
        if fault != "reset":  # a reset takes with it what was not yet read
            dropped = (fault, moment) == ("drop", "setup")
            assert seen(frames) == ("setupComplete" if dropped else MOMENTS[moment])
            assert ("goAway" in str(frames)) == fault.startswith("go_away")
        async with host.connect() as socket:
            await lead_to(socket, "speaking")
            await turn(socket)

    hosting(talk, f"{fault} at={moment}")


def test_a_reset_is_one_over_tls_too() -> None:
    certificates = LoopbackCertificates()

    async def talk(host: Host) -> None:
        async with host.connect(ssl=certificates.client_context()) as socket:
            await lead_to(socket, "speaking")
            assert await read_close(socket) == (1006, "")
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
        assert isinstance(closed.value.__cause__, ConnectionResetError)

    hosting(talk, "reset", tls=certificates)


def test_a_go_away_leaves_the_time_that_it_says() -> None:
    async def talk(host: Host) -> None:
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        async with host.connect() as socket:
            await set_up(socket)
            assert await read_until(socket, "goAway", "timeLeft") == "20s"
            await type_text(socket)
            await turn(socket)
            assert (await read_close(socket))[0] == 1011
        assert loop.time() - begun_s >= 2.0, "20 s of a clock that runs 10 times faster"

    hosting(talk, "go_away time_left_s=20")


def test_a_delay_is_kept() -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            await set_up(socket)
            await type_text(socket)
            await turn(socket)
            assert (await read_close(socket))[0] == 1011

    hosting(talk, "close at=speaking after_s=30", speed=100.0)


@pytest.mark.parametrize("moment", [moment for moment in MOMENTS if moment != "setup"])
def test_a_stall_says_nothing_at_any_moment_and_goes_on_where_it_was(moment: str) -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            await lead_to(socket, moment)
            if moment == "tool":
                await answer(socket, await call_id_of(socket))
            elif moment == "idle":
                await type_text(socket)
            elif moment == "user_speaking":
                await speak(socket)
            words = [frame.get("serverContent", {}) for frame in await turn(socket)]
            said = "".join(one.get("outputTranscription", {}).get("text", "") for one in words)
            assert said == ("It is ten." if moment == "tool" else "one two three four five")

    hosting(talk, f"stall for_s=3 at={moment}")


def test_a_stall_for_ever_reads_and_answers_nothing() -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            await set_up(socket)
            await handle_of(socket)
            for number in range(3):
                await type_text(socket, f"text {number}")
            while host.user_words != [["text 0", "text 1", "text 2"]]:
                await (await socket.ping())
            with pytest.raises(TimeoutError):  # nothing came before the answer to the ping
                await asyncio.wait_for(socket.recv(), 0)

    hosting(talk, "stall")


def test_a_server_that_drops_for_ever_answers_each_setup_first() -> None:
    async def talk(host: Host) -> None:
        for _ in range(3):
            async with host.connect() as socket:
                await set_up(socket)
                assert await read_close(socket) == (1006, "")

    hosting(talk, "drop times=0")


@pytest.mark.parametrize("status", [401, 403, 429, 503])
def test_a_handshake_is_refused_with_any_status(status: int) -> None:
    async def talk(host: Host) -> None:
        for _ in range(2):
            with pytest.raises(InvalidStatus) as refused:
                async with host.connect():
                    raise AssertionError("connected")
            assert refused.value.response.status_code == status
        async with host.connect() as socket:
            await set_up(socket)

    hosting(talk, f"refuse status={status} times=2")


@pytest.mark.parametrize(
    ("how", "code", "reason"),
    [
        ("", 1008, "BidiGenerateContent session not found"),
        ("reason=invalid", 1007, "Invalid session handle"),
    ],
)
def test_expired_handles_are_refused(how: str, code: int, reason: str) -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            await set_up(socket)
            dead = await handle_of(socket)
            await type_text(socket)
            await turn(socket)
            good = await handle_of(socket)
        async with host.connect() as socket:
            await send(socket, resuming(dead))
            assert await read_close(socket) == (code, reason)
        async with host.connect() as socket:
            await send(socket, resuming(good))
            await read_until(socket, "setupComplete")

    hosting(talk, f"expire_handles at=speaking {how}")


def test_handles_that_expire_at_the_setup_are_dead_for_that_setup() -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            await set_up(socket)
            handle = await handle_of(socket)
        host.plan.add(parse_fault("expire_handles at=setup"))
        async with host.connect() as socket:
            await send(socket, resuming(handle))
            assert (await read_close(socket))[0] == 1008

    hosting(talk)


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("empty", ["{}", '{"serverContent":{}}']),
        ("garbage", ['{"serverContent":', "[]", ""]),
        (
            "unknown",
            [
                '{"weatherReport":{"sky":"blue"}}',
                '{"voiceActivity":{"type":"ACTIVITY_HUMMING","audioOffset":"0s"}}',
            ],
        ),
    ],
)
@pytest.mark.parametrize("moment", ["setup", "idle"])
def test_frames_that_mean_nothing_come_in_between(kind: str, texts: list[str], moment: str) -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            await send(socket, {"setup": {"model": "gemini-3.8-live"}})
            frames = [await socket.recv() for _ in range(len(texts) + 2)]
            at = 0 if moment == "setup" else 2
            assert frames[at : at + len(texts)] == texts
            await type_text(socket)
            await turn(socket)

    hosting(talk, f"{kind} at={moment}")


def test_a_large_frame_is_one_that_means_nothing() -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            await lead_to(socket, "speaking")
            while len(large := await socket.recv()) < LARGE_BYTES:
                pass
            assert json.loads(large) == {"serverContent": {}}
            await turn(socket)

    hosting(talk, "large at=speaking")


def test_a_double_reply_comes_as_two_turns() -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            await lead_to(socket, "speaking")
            first, second = await turn(socket), await turn(socket)
            assert seen(second) == "inlineData"
            assert seen(first)
        assert host.user_words == [["hello"]]

    hosting(talk, "double_reply")


def test_late_words_come_while_the_reply_is_spoken() -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            await set_up(socket, inputAudioTranscription={})
            await speak(socket, 7, 8)
            frames = await turn(socket)
            at = next(n for n, frame in enumerate(frames) if "inlineData" in str(frame))
            assert "inputTranscription" not in str(frames[:at])
            assert "w7 w8" in str(frames[at:])

    hosting(talk, "late_words for_s=0.5", speed=1.0)


def test_words_out_of_order_are_complete() -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            await lead_to(socket, "speaking")
            frames = [frame.get("serverContent", {}) for frame in await turn(socket)]
            words = [
                one["outputTranscription"]["text"]
                for one in frames
                if len(one) == 1 and "outputTranscription" in one
            ]
            assert "".join(words) == "one two three four five"
            sounds = [n for n, one in enumerate(frames) if "modelTurn" in one]
            late = [n for n, one in enumerate(frames) if "outputTranscription" in one]
            assert min(late) < min(sounds)
            assert max(late) > max(sounds)

    hosting(talk, "reorder_words")


def test_cancelled_calls_need_no_answer() -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            await lead_to(socket, "tool")
            call_id = await call_id_of(socket)
            assert await read_until(socket, "toolCallCancellation", "ids") == [call_id]
            await turn(socket)
        ((*_, said),) = host.conversations
        assert said.text == "I got no answer from clock."

    hosting(talk, "cancel_calls")


def test_a_slow_setup_is_slow_and_good() -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            loop = asyncio.get_running_loop()
            begun_s = loop.time()
            await set_up(socket)
            assert loop.time() - begun_s > 0.15
            await type_text(socket)
            await turn(socket)

    hosting(talk, "slow_setup for_s=2")


def test_a_fault_can_wait_for_a_turn_over_several_connections() -> None:
    async def talk(host: Host) -> None:
        for _ in range(2):
            async with host.connect() as socket:
                await lead_to(socket, "speaking")
                await turn(socket)
        async with host.connect() as socket:
            await lead_to(socket, "speaking")
            assert (await read_close(socket))[0] == 1011

    hosting(talk, "close turn=3")


def test_a_script_brings_faults_of_its_own() -> None:
    async def talk(host: Host) -> None:
        script = Script(faults=(parse_fault("close at=idle code=1001"),))
        async with (
            LiveServer(script, tls=None, senses=CODED) as server,
            Host(server, host.plan).connect() as socket,
        ):
            await send(socket, {"setup": {"model": "gemini-3.8-live"}})
            assert (await read_close(socket))[0] == 1001

    hosting(talk)


def test_a_background_call_is_answered_over_a_lost_connection() -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            await set_up(socket, tools=[BACKGROUND_CLOCK])
            await handle_of(socket)
            await type_text(socket, "what time is it")
            call_id = await call_id_of(socket)
            handle = await handle_of(socket)
            await type_text(socket, "lost")
            assert (await read_close(socket))[0] == 1006
        async with host.connect() as socket:
            await send(socket, resuming(handle))
            await read_until(socket, "setupComplete")
            await answer(socket, call_id)
            assert "ten" in str(await turn(socket))
        (said,) = host.conversations
        assert [one.text for one in said] == ["what time is it", "It is ten."]

    hosting(talk, "reset at=speaking")
