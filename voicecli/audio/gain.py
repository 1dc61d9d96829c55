"""Turns the voice up and down: the user's volume, and ducking. No change of it is a step. Pure."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from voicecli.audio.pcm import SAMPLE_BYTES, SPEAKER_RATE_HZ

FULL_PERCENT = 100
# −24 dB: the echo is then far below the voice that speaks over it, and the reply is still there.
DUCKED = 10 ** (-24 / 20)
DUCK_DOWN_S = 0.03
DUCK_UP_S = 0.3
# From silent to full; one key press is a part of it.
VOLUME_S = 0.06

_Floats = npt.NDArray[np.float32]


class Ramp:
    """A value that goes to its target in a straight line, sample by sample."""

    def __init__(self, value: float) -> None:
        self.value = value
        self._target = value
        self._step = 1.0
        self._jump_after: int | None = None

    def head_for(self, target: float, duration_s: float) -> None:
        """Go to `target`, at a pace that takes `duration_s` from 0 to 1; or go on to it."""
        if target == self._target:
            return
        self._target = target
        self._step = 1 / (duration_s * SPEAKER_RATE_HZ)
        self._jump_after = None

    def jump(self, target: float, after_samples: int) -> None:
        """Stay for `after_samples`, or what is left of an earlier jump's, then be at `target`."""
        self._target = target
        earlier = after_samples if self._jump_after is None else self._jump_after
        self._jump_after = min(after_samples, earlier)

    def next(self, n_samples: int) -> float | _Floats:
        """The values of the next `n_samples`; a single one if they are all the same."""
        if self._jump_after is not None:
            return self._jumping(n_samples)
        if self.value == self._target:
            return self.value
        way = self._target - self.value
        step = math.copysign(self._step, way)
        low, high = sorted((self.value, self._target))
        reached = self.value + step * np.arange(1, n_samples + 1)
        values: _Floats = np.clip(reached, low, high).astype(np.float32)
        arrived = abs(way) <= self._step * n_samples
        self.value = self._target if arrived else self.value + step * n_samples
        return values

    def _jumping(self, n_samples: int) -> _Floats:
        assert self._jump_after is not None
        values = np.full(n_samples, self._target, np.float32)
        values[: self._jump_after] = self.value
        if n_samples > self._jump_after:
            self.value, self._jump_after = self._target, None
        else:
            self._jump_after -= n_samples
        return values


class Gain:
    """Volume and ducking of 24 kHz 16-bit mono PCM."""

    def __init__(self) -> None:
        self._percent = FULL_PERCENT
        self._volume = Ramp(1.0)
        self._ducking = Ramp(1.0)

    @property
    def volume_percent(self) -> int:
        """0 is silent, 100 leaves every sample as it is."""
        return self._percent

    @volume_percent.setter
    def volume_percent(self, percent: int) -> None:
        self._percent = min(max(percent, 0), FULL_PERCENT)
        # The cube follows the ear, as in most sound servers: half of it is −18 dB.
        self._volume.head_for((self._percent / FULL_PERCENT) ** 3, VOLUME_S)

    def duck(self, down: bool) -> None:
        """Go down, or come up again smoothly."""
        if down:
            self._ducking.head_for(DUCKED, DUCK_DOWN_S)
        else:
            self._ducking.head_for(1.0, DUCK_UP_S)

    def end_duck(self, after_samples: int) -> None:
        """What comes after the next `after_samples` is not ducked."""
        self._ducking.jump(1.0, after_samples)

    def applied(self, pcm: bytes) -> bytes:
        """`pcm` (whole samples) as loud as it is to be."""
        n_samples = len(pcm) // SAMPLE_BYTES
        volume, ducking = self._volume.next(n_samples), self._ducking.next(n_samples)
        if isinstance(volume, float) and isinstance(ducking, float) and volume * ducking == 1:
            return pcm
        samples: _Floats = np.frombuffer(pcm, "<i2") * np.float32(1) * volume * ducking
        return np.rint(samples).astype("<i2").tobytes()
