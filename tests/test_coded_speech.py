"""A code that miscounts words would make every test that rests on it worthless."""

from __future__ import annotations

import asyncio
import base64

import pytest
from coded_speech import (
    BROKEN,
    CODED,
    GAP_SAMPLES,
    MAX_WORD,
    WORD_S,
    WORD_SAMPLES,
    CodedActivity,
    CodedEars,
    pcm_of,
    say,
    silence,
    text_of,
    words_in,
)
from hypothesis import given
from hypothesis import strategies as st
from local_wire import DEADLINE_S, PATH, read_until, send, set_up
from websockets.asyncio.client import connect

from voicecli.local.client_frames import Said
from voicecli.local.script import Reply, Script
from voicecli.local.server import LiveServer
from voicecli.local.turn_taking import WINDOW_BYTES

WORDS = st.lists(st.integers(min_value=1, max_value=MAX_WORD), max_size=6)


def heard(*pieces: bytes) -> str:
    ears = CodedEars()
    ears.start()
    for piece in pieces:
        ears.feed(piece)
    return ears.finish()


def cut(pcm: bytes, sizes: list[int]) -> list[bytes]:
    pieces = []
    for size in sizes:
        pieces.append(pcm[:size])
        pcm = pcm[size:]
    return [*pieces, pcm]


@given(WORDS, st.lists(st.integers(1, 5_000)), st.integers(0, 2_000), st.integers(0, 2_000))
def test_words_are_read_back_whatever_the_chunks_and_the_silence_around_them(
    words: list[int], sizes: list[int], before: int, after: int
) -> None:
    pcm = bytes(2 * before) + pcm_of(words) + bytes(2 * after)
    assert heard(*cut(pcm, sizes)) == text_of(words)


@given(WORDS)
def test_a_text_gives_its_words_back(words: list[int]) -> None:
    assert words_in(f"You said: {text_of(words)}.") == words


def test_quiet_noise_is_silence() -> None:
    noise = bytes([0x10, 0x01]) * 500
    assert heard(noise + pcm_of([1]) + noise) == "w1"


def test_a_word_that_was_heard_twice_comes_twice() -> None:
    assert heard(pcm_of([5, 5])) == "w5 w5"


@given(
    st.integers(1, MAX_WORD),
    st.integers(0, WORD_SAMPLES - 1),
    st.integers(1, WORD_SAMPLES - 1),
)
def test_a_word_that_lost_something_is_broken(word: int, at: int, count: int) -> None:
    count = min(count, WORD_SAMPLES - at)
    pcm = pcm_of([word])
    rest = pcm[: 2 * at] + pcm[2 * (at + count) :]
    assert heard(rest) in (BROKEN, "")
    assert heard(rest) == BROKEN or count == WORD_SAMPLES


@given(st.integers(1, MAX_WORD), st.integers(0, WORD_SAMPLES - 1), st.integers(1, WORD_SAMPLES))
def test_a_word_with_something_twice_is_not_a_word(word: int, at: int, count: int) -> None:
    pcm = pcm_of([word])[: 2 * WORD_SAMPLES]
    doubled = pcm[: 2 * (at + count)] + pcm[2 * at :]
    assert heard(doubled) == BROKEN


def test_a_loss_over_two_words_breaks_them() -> None:
    pcm = pcm_of([1, 2])
    middle = WORD_SAMPLES + GAP_SAMPLES // 2
    assert heard(pcm[: 2 * (middle - 200)] + pcm[2 * (middle + 200) :]) == BROKEN
    assert words_in(BROKEN) == [0]


def test_an_utterance_forgets_the_one_before() -> None:
    ears = CodedEars()
    for word in (1, 2):
        ears.start()
        ears.feed(pcm_of([word]))
        assert ears.finish() == text_of([word])


@given(st.lists(st.integers(1, 3_000)))
def test_coded_sound_is_speech_and_silence_is_none(sizes: list[int]) -> None:
    activity = CodedActivity()
    pcm = bytes(2 * WINDOW_BYTES) + pcm_of([1, 2, 3]) + bytes(2 * WINDOW_BYTES)
    found = [one for piece in cut(pcm, sizes) for one in activity.feed(piece)]
    spoken = -(-(len(pcm_of([1, 2, 3])) - 2 * GAP_SAMPLES) // WINDOW_BYTES)
    assert found == [0.0, 0.0, *[1.0] * spoken, *[0.0] * (len(found) - 2 - spoken)]
    activity.feed(b"12")
    activity.reset()
    assert activity.feed(bytes(WINDOW_BYTES)) == [0.0]


def test_the_voice_is_as_long_as_its_words() -> None:
    speech = say("one two three", "Kore", "en-US")
    assert len(speech.pcm) == 3 * int(48_000 * WORD_S)
    assert "".join(word.text for word in speech.words) == "one two three"
    assert [word.start_s for word in speech.words] == pytest.approx([0.0, 0.2, 0.4])
    assert say(" ", "Kore", "en-US").pcm == b""


def test_spoken_words_arrive_in_the_conversation_once_and_in_order() -> None:
    async def run() -> tuple[tuple[Said, ...], ...]:
        script = Script(fallback=Reply(say="Yes."))
        async with (
            asyncio.timeout(DEADLINE_S),
            LiveServer(script, tls=None, speed=50.0, senses=CODED) as server,
        ):
            url = server.base_url.replace("http", "ws", 1) + f"{PATH}?key=k"
            async with connect(url, proxy=None) as socket:
                await set_up(socket)
                for words in ([1, 2, 3], [4], [5, 5]):
                    pcm = silence(0.3123) + pcm_of(words) + silence(0.9)
                    for at in range(0, len(pcm), 1_234):
                        data = base64.b64encode(pcm[at : at + 1_234]).decode()
                        audio = {"data": data, "mimeType": "audio/pcm;rate=16000"}
                        await send(socket, {"realtimeInput": {"audio": audio}})
                    await read_until(socket, "serverContent", "turnComplete")
            assert server.violations == ()
            return server.conversations

    (said,) = asyncio.run(run())
    assert [one.text for one in said if one.role == "user"] == ["w1 w2 w3", "w4", "w5 w5"]
    assert {one.text for one in said if one.role == "model"} == {"Yes."}
