"""Simulated rooms: a loudspeaker, a microphone, the way between them, and people who speak.

Sound is float, full scale 1. Everything comes from seeds, so every run hears the same.
"""

from __future__ import annotations

import subprocess
from functools import cache

import numpy as np
import numpy.typing as npt
import soxr

from voicecli.audio.pcm import FULL_SCALE, MIC_RATE_HZ, SPEAKER_RATE_HZ

Sound = npt.NDArray[np.float64]

ROOM_HZ = 48_000  # fine enough for a clock's drift


@cache
def voice(text: str, name: str, rate_hz: int) -> Sound:
    """`text` as flite's voice `name` says it, from its first sound on."""
    wav = subprocess.run(
        ["flite", "-voice", name, "-t", text, "-o", "/dev/stdout"], check=True, capture_output=True
    ).stdout
    pcm = wav[wav.index(b"data") + 8 :]
    sound = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2") / FULL_SCALE
    sound = soxr.resample(sound, int.from_bytes(wav[24:28], "little"), rate_hz)
    return np.asarray(sound[int(np.argmax(np.abs(sound) > 0.01)) :], np.float64)


def at_level(sound: Sound, dbfs: float) -> Sound:
    """`sound` with the louder half of its frames at `dbfs`."""
    frames = np.sort(np.mean(sound[: len(sound) // 160 * 160].reshape(-1, 160) ** 2, axis=1))
    power = float(np.mean(frames[len(frames) // 2 :]))
    return np.asarray(sound * 10 ** (dbfs / 20) / np.sqrt(power))


def echo(
    played: Sound,
    seed: int,
    *,
    delay_ms: float,
    level_db: float,
    drift_ppm: float = 0.0,
    rt60_s: float = 0.25,
) -> Sound:
    """What of `played` (24 kHz) a microphone hears (16 kHz), for as long as `played` lasts."""
    impulse = _impulse(seed, rt60_s) * 10 ** (level_db / 20)
    wide = np.asarray(soxr.resample(played, SPEAKER_RATE_HZ, ROOM_HZ), np.float64)
    wide = np.concatenate([np.zeros(round(delay_ms * ROOM_HZ / 1000)), _convolved(wide, impulse)])
    step = ROOM_HZ / MIC_RATE_HZ * (1 + drift_ppm * 1e-6)
    taps = np.arange(-47, 48)
    low_pass = np.sinc(2 * 7_200 / ROOM_HZ * taps) * np.hamming(len(taps))
    wide = _convolved(wide, low_pass / low_pass.sum())[47:]
    length = len(played) * MIC_RATE_HZ // SPEAKER_RATE_HZ
    return np.asarray(np.interp(np.arange(length) * step, np.arange(len(wide)), wide, right=0.0))


def loudspeaker(sound: Sound, seed: int, *, overdriven: bool = False) -> Sound:
    """`sound` (24 kHz) as a small box gives it: no bass, resonances, as loud as before."""
    rng = np.random.default_rng(seed)
    hz = np.fft.rfftfreq(len(sound), 1 / SPEAKER_RATE_HZ) + 1e-3
    gain = 1 / np.sqrt(1 + (rng.uniform(200, 500) / hz) ** 8)
    for _ in range(3):
        at_hz, peak_db, narrow = rng.uniform(400, 5_000), rng.uniform(-10, 8), rng.uniform(1.5, 4)
        gain = gain * 10 ** (peak_db / 20 * np.exp(-((np.log2(hz / at_hz) * narrow) ** 2)))
    given = np.fft.irfft(np.fft.rfft(sound) * gain, len(sound))
    if overdriven:
        given = np.tanh(3 * given / np.abs(given).max())
    return np.asarray(given * np.sqrt(np.mean(sound**2) / np.mean(given**2)))


def noise(length: int, seed: int, dbfs: float) -> Sound:
    return np.random.default_rng(seed).normal(0, 10 ** (dbfs / 20), length)


def frames(sound: Sound, rate_hz: int) -> list[bytes]:
    """`sound` as 16-bit frames of 10 ms, without what is left over."""
    size = rate_hz // 100
    scaled = np.clip(np.round(sound * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype("<i2")
    return [scaled[at : at + size].tobytes() for at in range(0, len(scaled) - size + 1, size)]


def _impulse(seed: int, rt60_s: float) -> Sound:
    """A direct sound with 60 % of the energy, and a tail that falls by 60 dB in `rt60_s`."""
    t_s = np.arange(round(rt60_s * ROOM_HZ)) / ROOM_HZ
    tail = np.random.default_rng(seed).normal(size=len(t_s)) * 10 ** (-3 * t_s / rt60_s)
    tail *= np.sqrt(0.4 / np.sum(tail**2))
    tail[0] += np.sqrt(0.6)
    return np.asarray(tail)


def _convolved(one: Sound, other: Sound) -> Sound:
    length = len(one) + len(other) - 1
    size = 1 << length.bit_length()
    product = np.fft.rfft(one, size) * np.fft.rfft(other, size)
    return np.asarray(np.fft.irfft(product, size)[:length])
