"""A simulated room: what a microphone hears of a loudspeaker.

Pure: sound goes in block by block and comes out as late and as quiet as the room makes it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.signals import FULL_SCALE

RATE_HZ = 16_000
BLOCK = 80
# The direct sound against all reflections together: a laptop's speaker and microphone.
DIRECT_TO_REVERBERANT_DB = 6.0
# Reflections begin with those of the desk.
FIRST_REFLECTION_S = 0.003
# A quiet room: no microphone gives digital silence.
NOISE_DBFS = -66.0

Block = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Room:
    """`gain_db` is the level of the echo against the loudspeaker's signal, reflections included.

    `drift_ppm` is how much the microphone's clock is slower: the delay grows by it.
    """

    delay_ms: float = 75.0
    gain_db: float = -12.0
    drift_ppm: float = 100.0
    rt60_s: float = 0.25
    seed: int = 1

    def describe(self) -> str:
        return f"{self.delay_ms:.0f} ms, {self.gain_db:+.0f} dB".replace("-", "−")


def impulse_response(room: Room) -> Block:
    """The direct sound at sample 0 and noise that falls by 60 dB in `rt60_s`."""
    generator = np.random.default_rng(room.seed)
    count = round(room.rt60_s * RATE_HZ)
    tail = generator.normal(size=count) * 10 ** (-3 * np.arange(count) / max(count, 1))
    tail[: round(FIRST_REFLECTION_S * RATE_HZ)] = 0
    energy = float(np.sum(tail * tail))
    if energy:
        tail *= np.sqrt(10 ** (-DIRECT_TO_REVERBERANT_DB / 10) / energy)
    response = np.concatenate(([1.0], tail))
    response *= 10 ** (room.gain_db / 20) / np.sqrt(np.sum(response * response))
    return response.astype(np.float32)


class Convolver:
    """Overlap-save convolution of blocks of one size, without a delay of its own."""

    def __init__(self, response: Block, block: int = BLOCK) -> None:
        self._size = 1 << (len(response) + block - 1).bit_length()
        self._spectrum = np.fft.rfft(response, self._size)
        self._past = np.zeros(self._size, np.float32)
        self._block = block

    def feed(self, block: Block) -> Block:
        assert len(block) == self._block
        self._past = np.concatenate((self._past[self._block :], block))
        full = np.fft.irfft(np.fft.rfft(self._past) * self._spectrum, self._size)
        return full[-self._block :].astype(np.float32)


class Drifting:
    """A delay line whose delay grows by `drift_ppm`; it never becomes less than nothing."""

    def __init__(self, delay_s: float, drift_ppm: float) -> None:
        self._delay = max(0.0, delay_s * RATE_HZ)
        self._drift = drift_ppm * 1e-6
        self._done = 0
        self._past = np.zeros(0, np.float32)

    def feed(self, block: Block) -> Block:
        """As many samples as came in, from `delay` samples ago, between samples interpolated."""
        times = np.arange(self._done, self._done + len(block))
        delays = np.maximum(0.0, self._delay + self._drift * times)
        self._past = np.concatenate((self._past, block))
        self._done += len(block)
        positions = times - delays - (self._done - len(self._past))
        heard = np.interp(positions, np.arange(len(self._past)), self._past, left=0.0)
        keep = int(self._delay + abs(self._drift) * self._done) + 2 * len(block) + 2
        self._past = self._past[-keep:]
        return np.asarray(heard, np.float32)


class Coupling:
    """Loudspeaker to microphone through `room`; `spent_s` of its delay has passed elsewhere."""

    def __init__(self, room: Room, spent_s: float) -> None:
        self._convolver = Convolver(impulse_response(room))
        self._line = Drifting(room.delay_ms / 1000 - spent_s, room.drift_ppm)
        self._noise = np.random.default_rng(room.seed + 1)
        self._noise_level = FULL_SCALE * 10 ** (NOISE_DBFS / 20)

    def feed(self, block: Block) -> Block:
        """16 kHz, `BLOCK` samples, on the scale of 16-bit samples."""
        noise = self._noise.standard_normal(len(block), np.float32) * np.float32(self._noise_level)
        return np.asarray(self._line.feed(self._convolver.feed(block)) + noise)
