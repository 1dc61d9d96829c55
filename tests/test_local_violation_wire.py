"""What a client does wrong is found over a real socket, also where the service only refuses it."""

from __future__ import annotations

import base64

import pytest
from local_host import (
    CLOCK,
    Host,
    answer,
    call_id_of,
    handle_of,
    hosting,
    resuming,
    type_text,
)
from local_wire import read_close, read_until, send, set_up

from voicecli.local import server
from voicecli.local.violations import (
    ACTIVITY,
    AUDIO_AFTER_END,
    CONTENT,
    EARLY,
    NO_ID,
    NO_OBJECT,
    SECOND_CONNECTION,
    STREAM_END,
    Violation,
)

MANUAL = {"automaticActivityDetection": {"disabled": True}}
AUDIO = {"data": base64.b64encode(bytes(640)).decode(), "mimeType": "audio/pcm;rate=16000"}


def told(*violations: Violation) -> tuple[str, ...]:
    return tuple(map(str, violations))


def test_a_second_connection_of_a_session_is_refused_and_told_whichever_handle_it_brings() -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as first:
            await set_up(first)
            handles = [await handle_of(first)]
            await type_text(first)
            handles.append(await handle_of(first))
            for handle in handles:
                async with host.connect() as second:
                    await send(second, resuming(handle))
                    assert (await read_close(second))[0] == 1011
        async with host.connect() as third:
            await send(third, resuming(handles[0]))
            await read_until(third, "setupComplete")

    hosting(talk, violations=told(SECOND_CONNECTION, SECOND_CONNECTION))


def test_a_session_is_moved_at_once_when_its_socket_is_closed() -> None:
    async def talk(host: Host) -> None:
        handle = ""
        for _ in range(20):
            async with host.connect() as socket:
                await send(socket, resuming(handle))
                handle = await handle_of(socket)

    hosting(talk)


def test_a_message_while_the_setup_is_slow_is_told_and_still_taken() -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            await send(socket, {"setup": {"model": "gemini-3.8-live"}})
            await type_text(socket)
            await read_until(socket, "setupComplete")
            await read_until(socket, "serverContent", "turnComplete")
        assert host.user_words == [["hello"]]

    hosting(talk, "slow_setup for_s=3", violations=told(EARLY))


def test_a_message_instead_of_the_setup_is_refused_and_told() -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            await type_text(socket)
            assert (await read_close(socket))[0] == 1007

    hosting(talk, violations=told(EARLY))


def test_activity_signals_are_refused_and_told_while_activity_is_detected() -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            await set_up(socket)
            await send(socket, {"realtimeInput": {"activityStart": {}}})
            assert (await read_close(socket))[0] == 1007

    hosting(talk, violations=told(ACTIVITY))


def test_sound_after_the_end_of_the_stream_is_told_without_detection() -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            await set_up(socket, realtimeInputConfig=MANUAL)
            await send(socket, {"realtimeInput": {"audio": AUDIO}})
            await send(socket, {"realtimeInput": {"audioStreamEnd": True}})
            await send(socket, {"realtimeInput": {"audio": AUDIO}})
            await type_text(socket)
            await read_until(socket, "serverContent", "turnComplete")

    hosting(talk, violations=told(STREAM_END, AUDIO_AFTER_END))


def test_content_in_the_middle_is_told_for_a_model_that_takes_realtime_text() -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            model = "gemini-3.1-flash-live-preview"
            history = {"initialHistoryInClientContent": True}
            await set_up(socket, model=model, historyConfig=history)
            for text in ("earlier", "hello"):
                turns = [{"role": "user", "parts": [{"text": text}]}]
                await send(socket, {"clientContent": {"turns": turns, "turnComplete": True}})
            await read_until(socket, "serverContent", "turnComplete")

    hosting(talk, violations=told(CONTENT))


@pytest.mark.parametrize(
    ("fate", "faults"), [("answered already", ()), ("cancelled", ("cancel_calls",))]
)
def test_an_answer_too_many_is_told(fate: str, faults: tuple[str, ...]) -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            await set_up(socket, tools=[CLOCK])
            await type_text(socket, "what time is it")
            call_id = await call_id_of(socket)
            if not faults:
                await answer(socket, call_id)
            # A cancelled call is spoken of for a second, so this answer crosses nothing.
            await read_until(socket, "serverContent", "turnComplete")
            await answer(socket, call_id)
            await type_text(socket)
            await read_until(socket, "serverContent", "modelTurn")
        (found,) = host.server.violations
        assert str(found) == f"the client answered the call '{call_id}' that was {fate}"

    hosting(talk, *faults, speed=1.0, violations=None)


def test_a_response_that_is_no_object_is_refused_and_told() -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            await set_up(socket, tools=[CLOCK])
            await type_text(socket, "what time is it")
            item = {"id": await call_id_of(socket), "name": "clock", "response": "ten"}
            await send(socket, {"toolResponse": {"functionResponses": [item]}})
            assert (await read_close(socket))[0] == 1007

    hosting(talk, violations=told(NO_OBJECT))


def test_an_answer_without_an_id_is_told_and_the_call_waits_on() -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            await set_up(socket, tools=[CLOCK])
            await type_text(socket, "what time is it")
            call_id = await call_id_of(socket)
            await answer(socket, "")
            await answer(socket, call_id)
            words = await read_until(socket, "serverContent", "outputTranscription", "text")
            assert words.startswith("It is")

    hosting(talk, violations=told(NO_ID))


def test_a_scheduling_for_a_blocking_call_is_told_over_the_wire_in_either_case() -> None:
    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            await set_up(socket, tools=[CLOCK])
            await type_text(socket, "what time is it")
            item = {"id": await call_id_of(socket), "scheduling": "SILENT", "will_continue": True}
            await send(socket, {"tool_response": {"function_responses": [item]}})
            await read_until(socket, "serverContent", "turnComplete")
        assert [str(one).partition(" with ")[2] for one in host.server.violations] == [
            "will_continue, which only NON_BLOCKING calls take",
            "a scheduling, which only NON_BLOCKING calls take",
        ]

    hosting(talk, violations=None)


def test_a_client_that_goes_on_and_on_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MAX_VIOLATIONS", 2)

    async def talk(host: Host) -> None:
        async with host.connect() as socket:
            await set_up(socket, realtimeInputConfig=MANUAL)
            for _ in range(5):
                await send(socket, {"realtimeInput": {"audioStreamEnd": True}})
            await type_text(socket)
            await read_until(socket, "serverContent", "turnComplete")

    hosting(talk, violations=told(STREAM_END, STREAM_END))
