"""Sound and devices that the audio tests share; nothing here touches a sound card."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from voicecli.audio.device import Deliver, Fill
from voicecli.errors import SoundDeviceError

Samples = npt.NDArray[np.int16]


def ramp(first: int, count: int) -> bytes:
    """PCM that counts: each sample tells its place (up to 32767)."""
    return np.arange(first, first + count).astype("<i2").tobytes()


def sine(count: int, *, frequency_hz: float = 200.0, peak: float = 8000.0) -> bytes:
    """A tone at 24 kHz that starts at a zero crossing."""
    phase = 2 * np.pi * frequency_hz * np.arange(count) / 24_000
    return np.round(peak * np.sin(phase)).astype("<i2").tobytes()


def samples_of(pcm: bytes) -> Samples:
    return np.frombuffer(pcm, "<i2")


def voice(count: int, *, pitch_hz: float = 140.0, seed: int = 0) -> bytes:
    """Something like a vowel at 24 kHz whose pitch wanders, so that no two periods are the same."""
    t = np.arange(count) / 24_000
    turn = np.random.default_rng(seed).uniform(0, 2 * np.pi)
    wander = np.cumsum(1 + 0.15 * np.sin(2 * np.pi * 1.3 * t + turn))
    phase = 2 * np.pi * pitch_hz / 24_000 * wander
    tone = sum(np.cos(k * phase + k * k / 3) / k for k in range(1, 11))
    return np.round(4000 * np.asarray(tone)).astype("<i2").tobytes()


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class HandOutput:
    """A speaker that asks for sound when the test says so, or that does not start at all."""

    def __init__(
        self,
        latency_s: float = 0.02,
        *,
        name: str = "hand-driven speaker",
        error: SoundDeviceError | None = None,
    ) -> None:
        self.latency_s = latency_s
        self.name = name
        self.closed = 0
        self._error = error
        self._fill: Fill | None = None

    def start(self, fill: Fill) -> None:
        if self._error is not None:
            raise self._error
        self._fill = fill

    def ask(self, n_samples: int = 240) -> bytes:
        assert self._fill is not None
        return self._fill(n_samples)

    def close(self) -> None:
        self.closed += 1


class HandInput:
    """A microphone that hears what the test gives it."""

    name = "hand-fed microphone"

    def __init__(self) -> None:
        self.closed = 0
        self._deliver: Deliver | None = None

    def start(self, deliver: Deliver) -> None:
        self._deliver = deliver

    def hear(self, pcm: bytes) -> None:
        assert self._deliver is not None
        self._deliver(pcm)

    def close(self) -> None:
        self.closed += 1
