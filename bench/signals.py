"""Sounds to measure with: a voice-like tone that is never silent, a chirp, and pieces of them."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

RATE_HZ = 24_000
MIC_RATE_HZ = 16_000
FULL_SCALE = 32_768

Samples = npt.NDArray[np.int16]
Floats = npt.NDArray[np.float64]

PEAK = 8_000
HARMONICS = 12
FADE_S = 0.002


def voiced(seconds: float, seed: int) -> Samples:
    """24 kHz: harmonics of a pitch that moves like a voice's; every silence in it is a dropout.

    The pitch never repeats, so that each piece is found in one place only.
    """
    generator = np.random.default_rng(seed)
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    turns = generator.uniform(0, 2 * np.pi, 4)
    pitch_hz = 190.0 + sum(
        depth * np.sin(2 * np.pi * rate * t + turn)
        for depth, rate, turn in zip((22, 13, 9, 7), (0.137, 0.61, 1.43, 3.1), turns, strict=True)
    )
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE_HZ
    # Quadratic phases keep the envelope flat: no moment inside a period is quiet.
    parts = (
        np.cos(k * phase + np.pi * k * k / HARMONICS) / np.sqrt(k) for k in range(1, HARMONICS + 1)
    )
    return _leveled(_faded(np.sum(list(parts), axis=0)))


def chirp(seconds: float = 0.3, rate_hz: int = RATE_HZ) -> Samples:
    """A sweep from 200 Hz to 5 kHz, found to the sample by its correlation."""
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    return _leveled(_faded(np.sin(2 * np.pi * (200 * t + 2400 / seconds * t * t)), rate_hz))


def write_wav(path: Path, samples: Samples, rate_hz: int) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def read_wav(path: Path) -> tuple[Samples, int]:
    """Mono samples and their rate."""
    with wave.open(str(path), "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2"), file.getframerate()


def faded(samples: Samples) -> Samples:
    """24 kHz sound without a click at either end."""
    return np.asarray(_faded(samples.astype(float)), np.int16)


def _leveled(sound: Floats) -> Samples:
    return np.asarray(np.round(sound * (PEAK / np.abs(sound).max())), np.int16)


def _faded(sound: Floats, rate_hz: int = RATE_HZ) -> Floats:
    count = round(FADE_S * rate_hz)
    ramp = np.linspace(0, 1, count)
    sound[:count] *= ramp
    sound[-count:] *= ramp[::-1]
    return sound
