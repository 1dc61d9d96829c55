"""When the user speaks: from probabilities of speech, or from the client's own word for it.

Time is the audio's own clock, the samples received since the connection began, so that sound may
come faster or slower than it is spoken.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from voicecli.audio.pcm import MIC_RATE_HZ, byte_count, duration_s

WINDOW_MS = 32
WINDOW_BYTES = byte_count(WINDOW_MS, MIC_RATE_HZ)
# Sound kept from before the first window of speech: soft consonants begin before it is noticed.
PRE_ROLL_MS = 320


@dataclass(frozen=True, slots=True)
class Detection:
    """When speech begins and ends; the defaults stand for Google's high sensitivities.

    Speech begins once `prefix_padding_ms` were above `start_probability`, and ends once
    `silence_duration_ms` were below `end_probability`.
    """

    start_probability: float = 0.5
    end_probability: float = 0.35
    prefix_padding_ms: int = 64
    silence_duration_ms: int = 500

    @staticmethod
    def chosen(
        *,
        eager_start: bool,
        eager_end: bool,
        prefix_padding_ms: int | None,
        silence_duration_ms: int | None,
    ) -> Detection:
        """The detection of a setup message; None takes the sensitivity's own duration."""
        padding_ms = 64 if eager_start else 192
        silence_ms = 500 if eager_end else 1000
        return Detection(
            start_probability=0.5 if eager_start else 0.8,
            end_probability=0.35 if eager_end else 0.2,
            prefix_padding_ms=padding_ms if prefix_padding_ms is None else prefix_padding_ms,
            silence_duration_ms=silence_ms if silence_duration_ms is None else silence_duration_ms,
        )


DEFAULT_DETECTION = Detection()


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The user began to speak at `offset_s` of the audio."""

    offset_s: float


@dataclass(frozen=True, slots=True)
class SpeechSound:
    """A piece of what the user says, 16 kHz; the first one begins a little before the speech."""

    pcm: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The user stopped at `offset_s` of the audio, after `duration_s` of speech."""

    offset_s: float
    duration_s: float


Activity = SpeechStarted | SpeechSound | SpeechEnded


class VoiceDetector:
    """Cuts the microphone's sound into the user's utterances by the probability of speech."""

    def __init__(self, detection: Detection) -> None:
        self._detection = detection
        self._prefix_windows = max(1, math.ceil(detection.prefix_padding_ms / WINDOW_MS))
        self._silence_windows = max(1, math.ceil(detection.silence_duration_ms / WINDOW_MS))
        kept = math.ceil(PRE_ROLL_MS / WINDOW_MS) + self._prefix_windows
        self._before: deque[bytes] = deque(maxlen=kept)
        self._rest = b""
        self._heard_bytes = 0
        self._run_windows = 0
        self._speaking_since_s: float | None = None

    @property
    def speaking(self) -> bool:
        return self._speaking_since_s is not None

    def hear(self, pcm: bytes, probabilities: Sequence[float]) -> Iterator[Activity]:
        """Take a piece of 16 kHz sound and the probability of each window that it completes."""
        self._rest += pcm
        for probability in probabilities:
            window, self._rest = self._rest[:WINDOW_BYTES], self._rest[WINDOW_BYTES:]
            self._heard_bytes += len(window)
            if self._speaking_since_s is None:
                yield from self._while_silent(window, probability)
            else:
                yield from self._while_speaking(window, probability, self._speaking_since_s)

    def end_of_stream(self) -> Iterator[Activity]:
        """The microphone is off: an utterance ends here, and whatever comes later is a new one."""
        since_s, rest = self._speaking_since_s, self._rest
        self._heard_bytes += len(rest)
        self._rest = b""
        self._forget()
        if since_s is not None:
            yield SpeechSound(rest)
            yield SpeechEnded(self._now_s, self._now_s - since_s)

    @property
    def _now_s(self) -> float:
        return self._heard_bytes / (2 * MIC_RATE_HZ)

    def _while_silent(self, window: bytes, probability: float) -> Iterator[Activity]:
        self._before.append(window)
        self._run_windows = (
            self._run_windows + 1 if probability >= self._detection.start_probability else 0
        )
        if self._run_windows >= self._prefix_windows:
            since_s = self._now_s - self._run_windows * WINDOW_MS / 1000
            self._speaking_since_s = since_s
            self._run_windows = 0
            yield SpeechStarted(since_s)
            yield SpeechSound(b"".join(self._before))
            self._before.clear()

    def _while_speaking(
        self, window: bytes, probability: float, since_s: float
    ) -> Iterator[Activity]:
        yield SpeechSound(window)
        self._run_windows = (
            self._run_windows + 1 if probability < self._detection.end_probability else 0
        )
        if self._run_windows >= self._silence_windows:
            end_s = self._now_s - self._run_windows * WINDOW_MS / 1000
            self._forget()
            yield SpeechEnded(end_s, end_s - since_s)

    def _forget(self) -> None:
        self._speaking_since_s = None
        self._run_windows = 0
        self._before.clear()


class ClientDetector:
    """The client tells when the user speaks; sound outside of that is not listened to."""

    def __init__(self) -> None:
        self._heard_s = 0.0
        self._speaking_since_s: float | None = None

    @property
    def speaking(self) -> bool:
        return self._speaking_since_s is not None

    def start(self) -> Iterator[Activity]:
        if self._speaking_since_s is None:
            self._speaking_since_s = self._heard_s
            yield SpeechStarted(self._heard_s)

    def hear(self, pcm: bytes) -> Iterator[Activity]:
        self._heard_s += duration_s(pcm, MIC_RATE_HZ)
        if self._speaking_since_s is not None:
            yield SpeechSound(pcm)

    def end(self) -> Iterator[Activity]:
        if self._speaking_since_s is not None:
            since_s, self._speaking_since_s = self._speaking_since_s, None
            yield SpeechEnded(self._heard_s, self._heard_s - since_s)
