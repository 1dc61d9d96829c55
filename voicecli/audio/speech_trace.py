"""What speech shows from outside: where it pauses, hisses, sounds or is hushed, every 10 ms. Pure.

Two numbers tell most of it: how loud a frame is, and how bright. An “s” is bright, a vowel is not,
and the closure of a “p” is quiet. No voice and no language is needed for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from voicecli.audio.pcm import SAMPLE_BYTES, SPEAKER_RATE_HZ

FRAME_SAMPLES: Final = SPEAKER_RATE_HZ // 100

# Kinds of a frame.
HISS: Final = 0
TONE: Final = 1
HUSH: Final = 2

# The ratio of the energy of the differences between samples to that of the samples, as a power of
# ten: sibilants have 0 to 0.4, vowels -1 to -2.3 and nasals -2 to -2.8.
BRIGHT = -0.6
# Against the loudest: vowels reach -12 dB; the closures of stops and weak fricatives lie lower.
TONE_DB = -22.0
HISS_DB = -45.0
# Between words and in a synthetic voice's noise; speech itself is louder.
SILENCE_DB = -38.0
# A pause between sentences is as short as 60 ms, and the closure of a “k” may be as long.
PAUSE_FRAMES = 6
# “The loudest” is a percentile, so that a click is not; the last ten seconds decide.
LOUDEST_PERCENTILE = 98
LOUDNESS_FRAMES = 1_000

_FLOOR = 1.0  # the energy of the last bit: digital silence has a level, too
_FLOAT_BYTES = 4

Frames = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a trace without its pauses; `n` frames of speech have `n + 1` joints."""

    frames: Frames
    """The place of each frame of speech in the whole trace."""
    kinds: Frames
    """`HISS`, `TONE` or `HUSH` for each of them."""
    pauses: Frames
    """How many frames of pause lie at each joint."""

    def end_of(self, joint: int) -> int:
        """The frame of the trace, behind the last one, in which the speech before `joint` ends."""
        return int(self.frames[joint - 1]) + 1


class SpeechTrace:
    """Level and brightness of 24 kHz 16-bit mono sound that comes in pieces of any length."""

    def __init__(self) -> None:
        self._levels_db = bytearray()
        self._brightness = bytearray()
        self._rest = b""

    def __len__(self) -> int:
        """The number of whole frames."""
        return len(self._levels_db) // _FLOAT_BYTES

    def feed(self, pcm: bytes) -> None:
        """Take in a further piece; 2 minutes in one piece cost some 15 ms."""
        sound = self._rest + pcm
        count = len(sound) // (FRAME_SAMPLES * SAMPLE_BYTES)
        self._rest = sound[count * FRAME_SAMPLES * SAMPLE_BYTES :]
        samples = np.frombuffer(sound, "<i2", count * FRAME_SAMPLES).astype(np.float32)
        frames = samples.reshape(count, FRAME_SAMPLES)
        energy = np.einsum("ij,ij->i", frames, frames) / FRAME_SAMPLES + _FLOOR
        steps = np.diff(frames, axis=1)
        step_energy = np.einsum("ij,ij->i", steps, steps) / FRAME_SAMPLES
        self._levels_db += (10 * np.log10(energy)).astype(np.float32).tobytes()
        self._brightness += np.log10(step_energy / energy + 1e-6).astype(np.float32).tobytes()

    def stretch(self, first: int, end: int) -> Stretch:
        """The speech from frame `first` up to, not including, frame `end`."""
        end = min(end, len(self))
        recent_db = _floats(self._levels_db, max(0, end - LOUDNESS_FRAMES), end)
        loudest_db = np.percentile(recent_db, LOUDEST_PERCENTILE) if len(recent_db) else 0.0
        levels_db = _floats(self._levels_db, first, end) - np.float32(loudest_db)
        bright = _floats(self._brightness, first, end) > BRIGHT
        hissing = bright & (levels_db > HISS_DB)
        kinds = np.where(hissing, HISS, np.where(levels_db > TONE_DB, TONE, HUSH))
        return _without_pauses(levels_db < SILENCE_DB, kinds, first)


def _floats(stored: bytearray, first: int, end: int) -> Floats:
    return np.frombuffer(bytes(stored[first * _FLOAT_BYTES : end * _FLOAT_BYTES]), np.float32)


def _without_pauses(silent: npt.NDArray[np.bool_], kinds: Frames, first: int) -> Stretch:
    edges = np.flatnonzero(np.diff(silent.astype(np.int8), prepend=0, append=0))
    starts, ends = edges[::2], edges[1::2]
    long = ends - starts >= PAUSE_FRAMES
    spoken = np.ones(len(silent), dtype=bool)
    for start, end in zip(starts[long], ends[long], strict=True):
        spoken[start:end] = False
    frames = np.flatnonzero(spoken)
    pauses = np.zeros(len(frames) + 1, dtype=np.intp)
    pauses[np.searchsorted(frames, starts[long])] = (ends - starts)[long]
    return Stretch(frames + first, kinds[frames], pauses)
