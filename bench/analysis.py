"""What a recording says: when sound began and ended, its gaps, where a known sound is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.signals import Floats, Samples

# −44 dBFS: far above what a resampler leaves of nothing, far below speech.
AUDIBLE = 200
# Shorter silences are the zero crossings of a low voice.
SHORTEST_GAP_S = 0.005
# A piece of this length is found in one place only.
WINDOW_S = 0.25
SEARCH_S = 0.6
# Some of the pieces of so long are not late.
NEAR_S = 0.25
LEAST_LIKENESS = 0.7
# Below this is nothing but rounding.
SILENCE_DB = -90.0


class Clock:
    """When each sample was there, from pieces that end at samples `ends` and came at `times_s`.

    A piece may be late and is never early, so the earliest around a sample tells its time. Only
    those near it count: a recorder that was kept from running has holes, after which all is later.
    """

    def __init__(self, ends: Sequence[int], times_s: Sequence[float], rate_hz: int) -> None:
        self._ends = np.asarray(ends)
        self._times_s = np.asarray(times_s)
        self._rate_hz = rate_hz

    def time_of(self, index: int) -> float:
        near = np.abs(self._ends - index) <= NEAR_S * self._rate_hz
        if not near.any():
            near = np.abs(self._ends - index) == np.abs(self._ends - index).min()
        offsets_s = self._times_s[near] - self._ends[near] / self._rate_hz
        return float(offsets_s.min()) + index / self._rate_hz

    def index_at(self, moment_s: float) -> int:
        """The sample that was there at a moment."""
        piece = min(int(np.searchsorted(self._times_s, moment_s)), len(self._ends) - 1)
        index = int(self._ends[piece])
        return max(0, index + round((moment_s - self.time_of(index)) * self._rate_hz))


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a recording; `first` is the number of its first sample by `clock`."""

    samples: Samples
    rate_hz: int
    clock: Clock
    first: int

    @property
    def start_s(self) -> float:
        return self.time_of(0)

    def time_of(self, index: int) -> float:
        """When the sample `index` of this stretch was there (`time.monotonic`)."""
        return self.clock.time_of(self.first + index)


def first_audible(samples: Samples) -> int | None:
    loud = np.flatnonzero(_loud(samples))
    return int(loud[0]) if len(loud) else None


def last_audible(samples: Samples) -> int | None:
    loud = np.flatnonzero(_loud(samples))
    return int(loud[-1]) if len(loud) else None


def gaps_s(samples: Samples, rate_hz: int) -> list[float]:
    """The silences between the first and the last audible sample."""
    loud = np.flatnonzero(_loud(samples))
    between = np.diff(loud) / rate_hz
    return [float(gap) for gap in between[between >= SHORTEST_GAP_S]]


def find(needle: Samples, hay: Samples) -> tuple[int, float]:
    """Where `needle` begins in `hay`, and how alike they are there (correlation, 0 to 1)."""
    if len(hay) < len(needle):
        return 0, 0.0
    known, heard = needle.astype(float), hay.astype(float)
    size = 1 << (len(heard) + len(known) - 1).bit_length()
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(known, size))
    products = np.fft.irfft(spectrum, size)[: len(heard) - len(known) + 1]
    energy = np.concatenate(([0.0], np.cumsum(heard * heard)))
    windows = energy[len(known) :] - energy[: -len(known)]
    # A nearly silent window must not win by its smallness.
    norms = np.sqrt(np.maximum(windows, windows.max(initial=0) / 1e3 + 1) * np.sum(known * known))
    likeness = products / norms
    best = int(np.argmax(likeness))
    return best, float(likeness[best])


@dataclass(frozen=True, slots=True)
class Misplaced:
    """Seconds of a reply that were left out, and seconds that were put in between."""

    lost_s: float
    added_s: float


def misplaced(sent: Samples, played: Samples, rate_hz: int) -> Misplaced:
    """What is missing of `sent` in `played`, head and tail included, and what is too much.

    A piece that is like nothing around its place is lost.
    """
    step, size = round(WINDOW_S * rate_hz * 2), round(WINDOW_S * rate_hz)
    first = first_audible(played)
    if first is None:
        return Misplaced(len(sent) / rate_hz, 0.0)
    lost = added = unlike = 0
    offset = first
    for start in [*range(0, len(sent) - size, step), len(sent) - size]:
        left = max(0, start + offset - round(SEARCH_S * rate_hz))
        area = played[left : start + offset + size + round(SEARCH_S * rate_hz)]
        at, likeness = find(sent[start : start + size], area)
        if likeness < LEAST_LIKENESS:
            unlike += size
            continue
        moved = left + at - start - offset if start else 0
        # A piece across a cut is like nothing; the cut is told by those around it.
        lost += -moved if moved < 0 else 0 if moved else unlike
        added += max(0, moved)
        offset, unlike = left + at - start, 0
    return Misplaced((lost + unlike) / rate_hz, added / rate_hz)


def level_dbfs(samples: npt.NDArray[np.generic]) -> float:
    """The level of 16-bit samples; `SILENCE_DB` for none."""
    values: Floats = np.asarray(samples, dtype=float)
    power = float(np.mean(values * values)) if len(values) else 0.0
    return max(SILENCE_DB, 10 * float(np.log10(power / 32_768**2))) if power else SILENCE_DB


def _loud(samples: Samples) -> npt.NDArray[np.bool_]:
    return np.asarray(np.abs(samples.astype(np.int32)) > AUDIBLE)
