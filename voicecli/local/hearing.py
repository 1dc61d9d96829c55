"""The server's ears at work: voice activity and recognition, in worker threads.

The event loop never waits for either. Recognition runs behind the voice activity detection, so that
a barge-in is noticed at once while the words are still being found.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from voicecli.audio.pcm import MIC_RATE_HZ, byte_count
from voicecli.local.client_frames import Audio
from voicecli.local.ears import open_ears
from voicecli.local.effects import Listen, Listening, StartListening, StopListening
from voicecli.local.senses import ActivityDetector, Listener
from voicecli.local.vad import SpeechProbability

# The longest piece that a worker takes at once, and so the longest that leaving waits for.
PIECE_MS = 100
# How much sound may wait for the recogniser before the client is made to wait.
MAX_WAITING_PIECES = 600
# Between two guesses at the words so far.
GUESS_EVERY_BYTES = byte_count(300, MIC_RATE_HZ)


class Microphone:
    """The client's sound, resampled to 16 kHz and judged window by window."""

    def __init__(
        self,
        *,
        detects: bool,
        open_detector: Callable[[], ActivityDetector] = SpeechProbability,
    ) -> None:
        self._detects = detects
        self._open_detector = open_detector
        self._probability: ActivityDetector | None = None
        self._resampler: _Resampler | None = None

    async def pieces(self, audio: Audio) -> AsyncIterator[tuple[bytes, list[float]]]:
        """Short pieces of 16 kHz sound, each with a probability for every window it completes."""
        piece_bytes = byte_count(PIECE_MS, audio.rate_hz)
        for start in range(0, len(audio.pcm), piece_bytes):
            piece = audio.pcm[start : start + piece_bytes]
            if audio.rate_hz != MIC_RATE_HZ:
                piece = await asyncio.to_thread(self._resampled, piece, audio.rate_hz)
            yield piece, await asyncio.to_thread(self._judge, piece) if self._detects else []

    def end_of_stream(self) -> None:
        """Sound that comes later begins anew."""
        self._resampler = None
        if self._probability is not None:
            self._probability.reset()

    def _resampled(self, pcm: bytes, rate_hz: int) -> bytes:
        if self._resampler is None or self._resampler.rate_hz != rate_hz:
            self._resampler = _Resampler(rate_hz)
        return self._resampler.feed(pcm)

    def _judge(self, pcm: bytes) -> list[float]:
        if self._probability is None:
            self._probability = self._open_detector()
        return self._probability.feed(pcm)


class _Resampler:
    """Any rate to 16 kHz; the client is free to choose what its sound has."""

    def __init__(self, rate_hz: int) -> None:
        import numpy as np
        import soxr

        self.rate_hz = rate_hz
        self._stream = soxr.ResampleStream(rate_hz, MIC_RATE_HZ, 1, dtype=np.int16)

    def feed(self, pcm: bytes) -> bytes:
        import numpy as np

        resampled = self._stream.resample_chunk(np.frombuffer(pcm, dtype="<i2"))
        return bytes(resampled.astype("<i2").tobytes())


class Recogniser:
    """Finds the words of each utterance while it is spoken; one job after the other.

    `guessed` and `heard` are told what was found; without a recogniser the words are None.
    """

    def __init__(
        self,
        guessed: Callable[[str], Awaitable[None]],
        heard: Callable[[str | None, float], Awaitable[None]],
        *,
        guesses: bool,
        open_listener: Callable[[], Listener | None] = open_ears,
    ) -> None:
        self._guessed = guessed
        self._heard = heard
        self._guesses = guesses
        self._open_listener = open_listener
        self._wanted = asyncio.Event()
        self._jobs: asyncio.Queue[Listening] = asyncio.Queue()

    def add(self, job: Listening) -> None:
        self._wanted.set()
        self._jobs.put_nowait(job)

    async def expect_sound(self) -> None:
        """The client sends sound: be ready for speech, and wait while too much is waiting."""
        self._wanted.set()
        if self._jobs.qsize() > MAX_WAITING_PIECES:
            await self._jobs.join()

    async def run(self) -> None:
        """Work until cancelled. A decoder takes long to build: that begins with the first sound."""
        await self._wanted.wait()
        ears = await asyncio.to_thread(self._open_listener)
        unguessed_bytes = 0
        last_guess = ""
        while True:
            job = await self._jobs.get()
            match job:
                case StartListening():
                    unguessed_bytes, last_guess = 0, ""
                    if ears is not None:
                        await asyncio.to_thread(ears.start)
                case Listen(pcm=pcm) if ears is not None:
                    await asyncio.to_thread(ears.feed, pcm)
                    unguessed_bytes += len(pcm)
                    if self._guesses and unguessed_bytes >= GUESS_EVERY_BYTES:
                        unguessed_bytes = 0
                        last_guess = await self._guess(ears, last_guess)
                case StopListening(duration_s=duration_s):
                    words = await asyncio.to_thread(ears.finish) if ears is not None else None
                    await self._heard(words, duration_s)
            self._jobs.task_done()

    async def _guess(self, ears: Listener, last_guess: str) -> str:
        guess = await asyncio.to_thread(ears.guess)
        if guess and guess != last_guess:
            await self._guessed(guess)
        return guess
