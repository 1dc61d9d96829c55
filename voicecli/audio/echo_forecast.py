"""How loud the echo will be in each band of pitch, and whether a sound is louder than that.

Pure. A loudspeaker is no straight line: it has next to nothing below 300 Hz and resonates above.
What it makes of each band is learned from the echo itself, as fast as it shows, so that only a
sound that is not the echo's is louder.
"""

from __future__ import annotations

from collections import deque

import numpy as np
import numpy.typing as npt

from voicecli.audio.echo_path import LONGEST_LAG_MS, Echo
from voicecli.audio.pcm import FULL_SCALE, MIC_RATE_HZ, SPEAKER_RATE_HZ, byte_count

BLOCK_MS = 20
NEAR_BLOCK_BYTES = byte_count(BLOCK_MS, MIC_RATE_HZ)
FAR_BLOCK_BYTES = byte_count(BLOCK_MS, SPEAKER_RATE_HZ)

# Where voices have their strength. Sibilants lie above: loudspeakers make too much of some.
EDGES_HZ = (200, 300, 400, 500, 600, 750, 900, 1100, 1300, 1600, 1900, 2300, 2700)

# In 24 minutes of echoes from 60 simulated loudspeakers of all colours, half of them overdriven,
# this was reached twice, by one of them. A voice that is 2 dB louder reaches it in 0.2 s (median).
OVER_DB = 3.5
# Softer than any voice that is meant for the microphone, as `band_powers` counts.
QUIETEST_DBFS = -52.0
# A syllable stands out of the mean of so many, a click does not.
SMOOTHING_BLOCKS = 3
# A room with an RT60 of 0.25 s: the echo falls no faster in the gaps of what is played.
DECAY = np.float32(10 ** (-60 / 10 / (250 / BLOCK_MS)))
# Steady noise counts as echo. Its level follows its softest moments, up by 2 dB a second, and at
# its loudest it is so many times stronger.
NOISE_RISE = np.float32(10**0.004)
NOISE_PEAK = np.float32(3.0)
NOISE_BELOW_ECHO = 4
# A band's gain goes up by this much at once, in the first second and later, and down slowly.
YOUNG_RISE, RISE, FALL = (np.float32(10 ** (db / 10)) for db in (2.0, 1.0, -0.05))
YOUNG_BLOCKS = 1_000 // BLOCK_MS
# The gaps between syllables, in which nothing is learned: a voice must not pass for echo.
HOLD_BLOCKS = 300 // BLOCK_MS

_KEPT_BLOCKS = LONGEST_LAG_MS // BLOCK_MS + SMOOTHING_BLOCKS + 2

Bands = npt.NDArray[np.float32]


class EchoForecast:
    """Takes 20 ms of each side at a time."""

    def __init__(self) -> None:
        nothing = np.zeros(len(EDGES_HZ) - 1, np.float32)
        self._near = deque([nothing] * SMOOTHING_BLOCKS, SMOOTHING_BLOCKS)
        self._far = deque([nothing] * _KEPT_BLOCKS, _KEPT_BLOCKS)  # as a room holds it
        self._noise: Bands | None = None
        self._gain: Bands | None = None
        self._young_blocks = YOUNG_BLOCKS
        self._hold_blocks = 0

    def rest(self) -> None:
        """Nothing is played: what the room sounds like then is found out anew."""
        self._noise = None
        self._hold_blocks = 0

    def forget(self) -> None:
        """The echo comes another way than before."""
        self._gain, self._young_blocks = None, YOUNG_BLOCKS

    def louder(self, near: bytes, far: bytes, echo: Echo | None) -> bool:
        """Whether `near`, with the 40 ms before, is louder than the echo can be.

        `near` is 16 kHz and `far`, what was played meanwhile, 24 kHz. `echo` is how it comes in;
        while that is not known, nothing is louder.
        """
        self._near.append(band_powers(near, MIC_RATE_HZ))
        self._far.append(np.maximum(band_powers(far, SPEAKER_RATE_HZ), self._far[-1] * DECAY))
        heard: Bands = np.mean(self._near, axis=0)
        noise = heard if self._noise is None else np.minimum(heard, self._noise * NOISE_RISE)
        self._noise = noise
        self._hold_blocks = max(0, self._hold_blocks - 1)
        if echo is None:
            return False
        if self._gain is None:
            self._gain = np.full(len(noise), 10 ** (echo.level_db / 10), np.float32)
        played = self._played(echo.lag_ms)
        total = float(heard.sum())
        expected = float((played * self._gain + noise * NOISE_PEAK).sum())
        if total > max(FULL_SCALE**2 * 10 ** (QUIETEST_DBFS / 10), expected * 10 ** (OVER_DB / 10)):
            self._hold_blocks = HOLD_BLOCKS
            return True
        if not self._hold_blocks:
            self._learn(heard, played, noise, self._gain)
        return False

    def _played(self, lag_ms: float) -> Bands:
        """The most that was played in each band, over the time of a mean, the lag ago."""
        newest = _KEPT_BLOCKS - round(lag_ms / BLOCK_MS)
        around = list(self._far)[max(0, newest - SMOOTHING_BLOCKS - 1) : newest + 1]
        most: Bands = np.max(around, axis=0)
        return most

    def _learn(self, heard: Bands, played: Bands, noise: Bands, gain: Bands) -> None:
        """Take `heard` for an echo, where one is to be heard at all."""
        rise = YOUNG_RISE if self._young_blocks else RISE
        self._young_blocks = max(0, self._young_blocks - 1)
        seen = heard / np.maximum(played, 1e-6)
        learned = np.where(seen > gain, np.minimum(seen, gain * rise), gain * FALL)
        self._gain = np.where(played * gain > noise * NOISE_BELOW_ECHO, learned, gain)


def band_powers(block: bytes, rate_hz: int) -> Bands:
    """The power of 20 ms in each band; a sine of amplitude `a` has `3 * a ** 2 / 32` in all."""
    samples = np.frombuffer(block, "<i2").astype(np.float32)
    spectrum = np.fft.rfft(samples * _WINDOWS[rate_hz])
    powers = (spectrum.real**2 + spectrum.imag**2) / len(samples) ** 2
    bands = np.add.reduceat(powers[: _BINS[-1]], _BINS[:-1])
    return bands.astype(np.float32)


_BINS = [round(hz * BLOCK_MS / 1000) for hz in EDGES_HZ]
_WINDOWS = {
    rate_hz: np.hanning(rate_hz * BLOCK_MS // 1000).astype(np.float32)
    for rate_hz in (MIC_RATE_HZ, SPEAKER_RATE_HZ)
}
