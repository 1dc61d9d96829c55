"""The edge between the event loop and the worker threads that hear.

Order is everything: words must belong to their utterance, also when sound comes faster than it can
be recognised, and at any rate that a client chooses.
"""

from __future__ import annotations

import asyncio
import threading
from array import array
from collections.abc import Callable, Sequence

import pytest

from voicecli.audio.pcm import MIC_RATE_HZ, byte_count
from voicecli.local import hearing
from voicecli.local.client_frames import Audio
from voicecli.local.effects import Listen, Listening, StartListening, StopListening
from voicecli.local.hearing import GUESS_EVERY_BYTES, PIECE_MS, Microphone, Recogniser
from voicecli.local.senses import Listener

DEADLINE_S = 10
PIECE_BYTES = byte_count(PIECE_MS, MIC_RATE_HZ)


class Echo:
    """Recognises how much it was fed, and in which thread it was."""

    def __init__(self) -> None:
        self.fed: list[bytes] = []
        self.threads: set[int] = set()

    def start(self) -> None:
        self.fed.clear()

    def feed(self, pcm: bytes) -> None:
        self.threads.add(threading.get_ident())
        self.fed.append(pcm)

    def guess(self) -> str:
        return f"guess {sum(map(len, self.fed))}"

    def finish(self) -> str:
        return b"".join(self.fed).decode()


class Words:
    """What a recogniser tells; `until` waits for a number of utterances."""

    def __init__(self) -> None:
        self.guesses: list[str] = []
        self.heard: list[tuple[str | None, float]] = []
        self._changed = asyncio.Event()

    async def on_guess(self, words: str) -> None:
        self.guesses.append(words)

    async def on_heard(self, words: str | None, duration_s: float) -> None:
        self.heard.append((words, duration_s))
        self._changed.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while len(self.heard) < count:
                self._changed.clear()
                await self._changed.wait()


async def recognise(
    jobs: Sequence[Listening],
    open_listener: Callable[[], Listener | None],
    *,
    guesses: bool = False,
) -> Words:
    words = Words()
    recogniser = Recogniser(
        words.on_guess, words.on_heard, guesses=guesses, open_listener=open_listener
    )
    for job in jobs:
        recogniser.add(job)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(recogniser.run())
        await words.until(sum(isinstance(job, StopListening) for job in jobs))
        running.cancel()
    return words


def test_each_utterance_has_its_own_words_in_order() -> None:
    jobs: list[Listening] = [
        StartListening(),
        Listen(b"he"),
        Listen(b"llo"),
        StopListening(1.0),
        StartListening(),
        Listen(b"goodbye"),
        StopListening(2.0),
    ]
    echo = Echo()
    words = asyncio.run(recognise(jobs, lambda: echo))
    assert words.heard == [("hello", 1.0), ("goodbye", 2.0)]
    assert words.guesses == []
    assert threading.get_ident() not in echo.threads


def test_without_a_recogniser_there_are_no_words() -> None:
    jobs: list[Listening] = [StartListening(), Listen(b"hello"), StopListening(1.0)]
    assert asyncio.run(recognise(jobs, lambda: None, guesses=True)).heard == [(None, 1.0)]


def test_guesses_come_now_and_then_and_only_new_ones() -> None:
    quiet = Echo()
    quiet.guess = lambda: "same"  # type: ignore[method-assign]
    part = b"x" * (GUESS_EVERY_BYTES // 2)
    jobs: list[Listening] = [StartListening(), *[Listen(part)] * 5, StopListening(1.0)]
    assert asyncio.run(recognise(jobs, lambda: quiet, guesses=True)).guesses == ["same"]
    words = asyncio.run(recognise(jobs, Echo, guesses=True))
    assert words.guesses == [f"guess {len(part) * 2}", f"guess {len(part) * 4}"]


def test_the_recogniser_is_opened_with_the_first_sound_before_anybody_speaks() -> None:
    async def run() -> None:
        words = Words()
        opened = threading.Event()

        def open_listener() -> Listener:
            opened.set()
            return Echo()

        recogniser = Recogniser(
            words.on_guess, words.on_heard, guesses=False, open_listener=open_listener
        )
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(recogniser.run())
            await asyncio.sleep(0)
            assert not opened.is_set()
            await recogniser.expect_sound()
            assert await asyncio.to_thread(opened.wait, DEADLINE_S)
            running.cancel()

    asyncio.run(run())


def test_a_client_that_sends_too_fast_has_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "MAX_WAITING_PIECES", 2)

    async def run() -> None:
        words = Words()
        recogniser = Recogniser(words.on_guess, words.on_heard, guesses=False, open_listener=Echo)
        async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as tasks:
            await recogniser.expect_sound()
            for job in (StartListening(), Listen(b"a"), Listen(b"b"), StopListening(1.0)):
                recogniser.add(job)
            waiting = tasks.create_task(recogniser.expect_sound())
            await asyncio.sleep(0)
            assert not waiting.done()
            running = tasks.create_task(recogniser.run())
            await waiting
            assert words.heard == [("ab", 1.0)]
            running.cancel()

    asyncio.run(run())


def pieces(microphone: Microphone, audio: Audio) -> list[tuple[bytes, list[float]]]:
    async def collect() -> list[tuple[bytes, list[float]]]:
        return [piece async for piece in microphone.pieces(audio)]

    return asyncio.run(collect())


def test_sound_is_judged_in_short_pieces_window_by_window() -> None:
    silence = bytes(PIECE_BYTES * 2 + 100)
    found = pieces(Microphone(detects=True), Audio(silence))
    assert b"".join(pcm for pcm, _ in found) == silence
    assert max(len(pcm) for pcm, _ in found) == PIECE_BYTES
    probabilities = [one for _, ones in found for one in ones]
    assert len(probabilities) == len(silence) // 1024
    assert max(probabilities) < 0.5


def test_windows_go_on_from_message_to_message_until_the_stream_ends() -> None:
    microphone = Microphone(detects=True)
    assert pieces(microphone, Audio(bytes(1000)))[0][1] == []
    assert len(pieces(microphone, Audio(bytes(24)))[0][1]) == 1
    pieces(microphone, Audio(bytes(1000)))
    microphone.end_of_stream()
    assert pieces(microphone, Audio(bytes(24)))[0][1] == []


def test_sound_is_not_judged_where_the_client_does_that() -> None:
    microphone = Microphone(detects=False)
    microphone.end_of_stream()
    assert pieces(microphone, Audio(bytes(4000))) == [
        (bytes(PIECE_BYTES), []),
        (bytes(4000 - PIECE_BYTES), []),
    ]


@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 48_000])
def test_other_rates_become_16_khz(rate_hz: int) -> None:
    microphone = Microphone(detects=False)
    second = array("h", [1000, 1000, -1000, -1000] * (rate_hz // 4)).tobytes()
    found = [piece for _ in range(3) for piece in pieces(microphone, Audio(second, rate_hz))]
    assert abs(sum(len(pcm) for pcm, _ in found) // 2 - 3 * 16_000) < 1_600


@pytest.mark.parametrize("rate_hz", [1_000, 384_000])
def test_sound_of_any_rate_is_judged_in_short_pieces(rate_hz: int) -> None:
    found = pieces(Microphone(detects=True), Audio(bytes(byte_count(10_000, rate_hz)), rate_hz))
    assert sum(len(pcm) for pcm, _ in found) > PIECE_BYTES * 80
    # The resampler gives its sound in bursts where the rate is very low.
    assert max(len(pcm) for pcm, _ in found) < PIECE_BYTES * 10


def test_a_client_may_change_its_rate() -> None:
    microphone = Microphone(detects=False)
    for rate_hz in (48_000, 8_000, 16_000):
        assert pieces(microphone, Audio(bytes(2 * rate_hz), rate_hz))
