"""Turn-taking by the user's choice, from the setup to what the service makes of the sound.

The client says what it wants and the local server, its own reading of the protocol, does it: over
TLS, with the real SDK. What Google's service does with the same setup is not known here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace

import pytest
from live_reader import Reader
from local_speech import bare_speech, needs_ears, needs_flite, silence

from voicecli.live import events as live
from voicecli.live.endpoint import Endpoint
from voicecli.live.items import Signal, Sound, Typed
from voicecli.live.models import DEFAULT_MODEL
from voicecli.live.patience import Patience
from voicecli.live.session import LiveSession
from voicecli.live.setup import Setup
from voicecli.local.embedded import EmbeddedServer
from voicecli.settings.key import ApiKey

FRAME_BYTES = 320
FLASH_31 = "gemini-3.1-flash-live-preview"
SEA, TOWER = "tell me about the sea", "how tall is the tower"

NORMAL = Setup(DEFAULT_MODEL)
TAPPED = replace(NORMAL, push_to_talk=True)
DEAF = replace(NORMAL, interruptible=False)

Play = Callable[[LiveSession, Reader], Awaitable[None]]


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    """Its playback is fast."""
    with EmbeddedServer(speed=50.0) as running:
        yield running


@pytest.fixture(scope="module")
def real_time_server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer() as running:
        yield running


def talk(server: EmbeddedServer, setup: Setup, play: Play) -> Reader:
    """Run `play` with a session whose events are read in the background, within a deadline."""

    async def main() -> Reader:
        endpoint = Endpoint(ApiKey("any", "test"), server.base_url, server.ca_file, local=True)
        async with (
            asyncio.timeout(30),
            LiveSession(endpoint, setup) as session,
            asyncio.TaskGroup() as group,
        ):
            reader = Reader(session)
            reading = group.create_task(reader.run())
            await play(session, reader)
            reading.cancel()
        return reader

    return asyncio.run(main())


def words(reader: Reader) -> str:
    return "".join(event.text for event in reader.seen if isinstance(event, live.ModelSpeech))


async def send(session: LiveSession, pcm: bytes) -> None:
    for start in range(0, len(pcm), FRAME_BYTES):
        await session.send(Sound(pcm[start : start + FRAME_BYTES]))


@needs_flite
@pytest.mark.parametrize(
    ("patience", "pause_s", "turns"),
    [
        (Patience.LOW, 0.45, 2),
        (Patience.NORMAL, 0.4, 1),
        (Patience.NORMAL, 1.2, 2),
        (Patience.HIGH, 1.2, 1),
        (Patience.HIGH, 2.4, 2),
    ],
)
def test_patience_decides_which_pause_ends_a_turn(
    server: EmbeddedServer, patience: Patience, pause_s: float, turns: int
) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        pcm = silence(0.3) + bare_speech(SEA) + silence(pause_s) + bare_speech(TOWER) + silence(2.5)
        await send(session, pcm)
        await reader.until(live.UserSpeech, turns)
        # What is typed now is answered by itself, after all sound was heard.
        await session.send(Typed("that is all"))
        while "that is all" not in words(reader):
            await reader.until(live.ModelSpeech, reader.count(live.ModelSpeech) + 1)
        heard = [event for event in reader.seen if isinstance(event, live.VoiceActivity)]
        assert [event.speaking for event in heard] == [True, False] * turns


@needs_ears
@needs_flite
def test_with_push_to_talk_no_pause_ends_a_turn_and_the_tap_does_at_once(
    server: EmbeddedServer,
) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await send(session, bare_speech(TOWER))
        await session.send(Signal.ACTIVITY_START)
        await send(session, silence(0.2) + bare_speech(SEA) + silence(3.0))
        assert not reader.count(live.UserSpeech)
        await session.send(Signal.ACTIVITY_END)
        await reader.until(live.TurnComplete)

    reader = talk(server, TAPPED, play)
    (said,) = reader.of(live.UserSpeech)
    assert isinstance(said, live.UserSpeech)
    assert "sea" in said.text
    assert "tower" not in said.text, "said before the tap"
    assert words(reader).startswith("The sea covers")
    assert not reader.count(live.VoiceActivity)


def test_a_tap_stops_the_model(real_time_server: EmbeddedServer) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await session.send(Typed(SEA))
        await reader.until(live.AudioChunk)
        await session.send(Signal.ACTIVITY_START)
        await reader.until(live.Interrupted)
        await reader.until(live.TurnComplete)
        await session.send(Signal.ACTIVITY_END)

    talk(real_time_server, TAPPED, play)


@pytest.mark.parametrize("model", [DEFAULT_MODEL, FLASH_31])
def test_typed_words_are_answered_with_push_to_talk_too(server: EmbeddedServer, model: str) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await session.send(Typed("hello"))
        await reader.until(live.TurnComplete)

    assert words(talk(server, replace(TAPPED, model=model), play)).startswith("Hello!")


@needs_flite
def test_a_voice_that_may_not_interrupt_waits_for_the_end_of_the_reply(
    real_time_server: EmbeddedServer,
) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await session.send(Typed("hello"))
        await reader.until(live.AudioChunk)
        await send(session, silence(0.3) + bare_speech("thank you very much") + silence(1.0))
        await reader.until(live.TurnComplete, 1)
        await reader.until(live.AudioChunk, reader.count(live.AudioChunk) + 1)

    assert not talk(real_time_server, DEAF, play).count(live.Interrupted)


def test_typed_words_interrupt_where_the_voice_may_not(real_time_server: EmbeddedServer) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await session.send(Typed(SEA))
        await reader.until(live.AudioChunk)
        await session.send(Typed("stop"))
        await reader.until(live.Interrupted)
        await reader.until(live.TurnComplete)

    talk(real_time_server, DEAF, play)


@needs_flite
def test_a_change_of_patience_in_a_conversation_keeps_what_was_said(
    server: EmbeddedServer,
) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await session.send(Typed("hello"))
        await reader.until(live.TurnComplete)
        await reader.until(live.ResumptionUpdate, 3)  # at the start, none in the turn, after it
        for patience in (Patience.LOW, Patience.HIGH, Patience.NORMAL, Patience.HIGH):
            assert await session.change_setup(replace(NORMAL, patience=patience))
        pcm = silence(0.3) + bare_speech(SEA) + silence(1.2) + bare_speech(TOWER) + silence(2.5)
        await send(session, pcm)
        await reader.until(live.TurnComplete, 2)

    reader = talk(server, NORMAL, play)
    assert not reader.count(live.Reconnecting)
    assert not reader.count(live.SetupRefused)
    assert reader.count(live.Connected(resumed=True, planned=True)) == 4
    assert reader.count(live.VoiceActivity) == 2
    before, after = reader.of(live.Usage)
    assert isinstance(before, live.Usage)
    assert isinstance(after, live.Usage)
    assert after.prompt_tokens > before.prompt_tokens


@needs_flite
def test_a_sentence_that_is_spoken_over_a_move_is_heard_whole(server: EmbeddedServer) -> None:
    async def play(session: LiveSession, reader: Reader) -> None:
        await reader.until(live.ResumptionUpdate)
        moving = asyncio.create_task(session.change_setup(replace(NORMAL, patience=Patience.LOW)))
        await asyncio.sleep(0)
        await send(session, silence(0.3) + bare_speech(SEA))
        await moving
        await send(session, silence(1.0))
        await reader.until(live.TurnComplete)

    reader = talk(server, NORMAL, play)
    assert reader.count(live.VoiceActivity) == 2
    assert words(reader).startswith(("The sea covers", "You said: (speech"))
