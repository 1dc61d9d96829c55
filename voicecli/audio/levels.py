"""How loud sound is, in dB below full scale, and how a meter shows it."""

from __future__ import annotations

import math

import numpy as np

from voicecli.audio.pcm import FULL_SCALE, SAMPLE_BYTES

# Below the noise of 16 bits there is nothing to show.
SILENCE_DBFS = -90.0

# A meter follows a syllable's onset within one frame and lets it be seen before it falls.
ATTACK_S = 0.01
RELEASE_S = 0.3


def dbfs(pcm: bytes) -> float:
    """The root mean square of 16-bit PCM; 0 is a full-scale square wave, a sine reaches -3."""
    samples = np.frombuffer(pcm[: len(pcm) // SAMPLE_BYTES * SAMPLE_BYTES], "<i2")
    if not len(samples):
        return SILENCE_DBFS
    wide = samples.astype(np.float32)
    mean_square = float(np.dot(wide, wide)) / len(wide)
    if mean_square == 0:
        return SILENCE_DBFS
    return max(SILENCE_DBFS, 10 * math.log10(mean_square / FULL_SCALE**2))


class LevelMeter:
    """Smooths levels for the eye: rises fast, falls slowly. Time comes in as an argument."""

    def __init__(self, attack_s: float = ATTACK_S, release_s: float = RELEASE_S) -> None:
        self._attack_s = attack_s
        self._release_s = release_s
        self._shown_dbfs = SILENCE_DBFS
        self._updated_s: float | None = None

    def update(self, level_dbfs: float, now_s: float) -> float:
        """What to show when the sound has `level_dbfs` at `now_s`."""
        if self._updated_s is None:
            self._shown_dbfs = level_dbfs
        else:
            settling_s = self._attack_s if level_dbfs > self._shown_dbfs else self._release_s
            elapsed_s = max(0.0, now_s - self._updated_s)
            done = 1 - math.exp(-elapsed_s / settling_s)
            self._shown_dbfs += (level_dbfs - self._shown_dbfs) * done
        self._updated_s = now_s
        return self._shown_dbfs
