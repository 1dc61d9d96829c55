"""Finds the words of a text in its sound. Pure.

A Viterbi search over a semi-Markov model: the parts of the words follow one another through the
sound, and what is cheapest is taken. It costs when a part is longer or shorter than its letters,
when it sounds unlike them, when a pause falls into a word, and when a sentence ends without one.
When text and sound arrived plays no part: the service promises no order between them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from voicecli.audio.speech_trace import Stretch
from voicecli.talk.spelling import Break, Part, Sound, Word

# How probably a frame of a `Sound` (rows) is of a kind: `HISS`, `TONE`, `HUSH`. The last two rows
# are no probabilities: what may sound like anything fits as well as known letters do on average.
KIND_PROBABILITY: Final = (
    (0.75, 0.15, 0.10),
    (0.30, 0.30, 0.40),
    (0.05, 0.85, 0.10),
    (0.60, 0.60, 0.60),
    (0.60, 0.60, 0.60),
)
# Frames of 10 ms resemble their neighbours: each counts for a fifth of an independent one.
KIND_WEIGHT = 0.2
# The lengths of parts vary by this much, as the deviation of a natural logarithm.
LENGTH_DEVIATION = 0.35
NUMBER_DEVIATION = 0.7
SHORTEST, LONGEST = 0.3, 2.5
# A path through more parts is no worse for it: about what a part costs that fits.
PART_COST = 0.4

# A pause inside a word: it may be a long closure of a stop, or a word that is drawn out.
BROKEN_WORD = 1.0
BROKEN_WORD_PER_S = 25.0
# A pause after a word without punctuation; shorter ones are free.
FREE_PAUSE_S = 0.05
UNMARKED_PAUSE_PER_S = 10.0
MISSING_PAUSE: Final = {Break.NONE: 0.0, Break.SHORT: 1.0, Break.LONG: 2.0}

# Sound without text, or text without sound, is common while a reply comes in and odd at its end.
LEFT_OVER_PER_FRAME = 0.15
LEFT_OVER_AT_END_PER_FRAME = 0.3
CUT_AT_END = 20.0

# Paths that are worse by this much are given up.
BEAM = 30.0

_FRAMES_PER_S = 100
_NEVER = np.inf

Costs = npt.NDArray[np.float64]
Lengths = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Alignment:
    """Words, each with the joint of the stretch at which it ends; and what fits badly in them."""

    ends: tuple[tuple[Word, int], ...]
    cost: float


@dataclass(frozen=True, slots=True)
class _Step:
    """The cheapest ways to the end of one part: `lengths[i]` frames of it end at `first + i`."""

    ends_word: bool
    first: int
    lengths: Lengths


class _Terrain:
    """What a frame and a joint cost: sums from the start, so that a stretch is a difference."""

    def __init__(self, stretch: Stretch) -> None:
        self.frame_count = len(stretch.frames)
        costs = -KIND_WEIGHT * np.log(np.array(KIND_PROBABILITY))
        self.kinds = np.zeros((len(Sound), self.frame_count + 1))
        np.cumsum(costs[:, stretch.kinds], axis=1, out=self.kinds[:, 1:])
        pauses_s = stretch.pauses / _FRAMES_PER_S
        pauses_s[0] = 0.0  # what lies before the first word breaks none
        paused = pauses_s > 0
        self.broken = np.where(paused, BROKEN_WORD + BROKEN_WORD_PER_S * pauses_s, 0.0)
        self.broken_through = np.cumsum(self.broken)
        self.broken_before = self.broken_through - self.broken
        unmarked = UNMARKED_PAUSE_PER_S * np.maximum(0.0, pauses_s - FREE_PAUSE_S)
        self.word_ends = {
            pause: np.where(paused, unmarked if pause is Break.NONE else 0.0, missing)
            for pause, missing in MISSING_PAUSE.items()
        }


class _Search:
    """The front of the search: the costs of having reached each joint from `first` on."""

    def __init__(self, stretch: Stretch, frames_per_letter: float, *, whole: bool) -> None:
        self._terrain = _Terrain(stretch)
        self._pace = frames_per_letter
        self._whole = whole
        self._first = 0
        self._costs: Costs = np.zeros(1)
        self._steps: list[_Step] = []
        self.best_cost = _NEVER
        self._best = (0, 0)  # how many steps were gone, and the joint that they led to

    def add(self, word: Word) -> bool:
        """Go on through a further word; False if the sound ends before it does."""
        for number, part in enumerate(word.parts, 1):
            last = number == len(word.parts)
            if not self._add_part(part, word.pause if last else None):
                return False
        return True

    def finish(self) -> list[int]:
        """The joints at which words end, for all that the sound holds whole."""
        left = self._terrain.frame_count - self._joints()
        per_frame = LEFT_OVER_AT_END_PER_FRAME if self._whole else LEFT_OVER_PER_FRAME
        unknown = self._terrain.kinds[Sound.UNKNOWN]
        self._consider(self._costs + per_frame * left + unknown[-1] - unknown[self._joints()])
        count, joint = self._best
        ends: list[int] = []
        for step in reversed(self._steps[:count]):
            if step.ends_word:
                ends.append(joint)
            joint -= int(step.lengths[joint - step.first])
        return ends[::-1]

    def _joints(self) -> Lengths:
        return np.arange(self._first, self._first + len(self._costs))

    def _consider(self, costs: Costs) -> None:
        """Take the end of the sound to be reached from here, if nothing was cheaper."""
        total = costs - PART_COST * len(self._steps)
        at = int(np.argmin(total))
        if total[at] < self.best_cost:
            self.best_cost = float(total[at])
            self._best = (len(self._steps), self._first + at)

    def _add_part(self, part: Part, pause: Break | None) -> bool:
        terrain, kinds = self._terrain, self._terrain.kinds[part.sound]
        expected = self._pace * part.length
        deviation = NUMBER_DEVIATION if part.sound is Sound.NUMBER else LENGTH_DEVIATION
        joints = self._joints()
        start_costs = self._costs - terrain.broken_through[joints] - kinds[joints]
        self._consider(start_costs + self._cut_off(joints, expected, deviation) + kinds[-1])
        shortest = max(1, int(SHORTEST * expected))
        longest = int(LONGEST * expected) + 2
        first = self._first + shortest
        if first > terrain.frame_count:
            return False
        costs, lengths = _extended(
            start_costs, _length_costs(shortest, longest, expected, deviation)
        )
        here = slice(first, min(first + len(costs), terrain.frame_count + 1))
        costs = costs[: here.stop - first] + terrain.broken_before[here] + kinds[here]
        costs += terrain.broken[here] if pause is None else terrain.word_ends[pause][here]
        near = np.flatnonzero(costs <= costs.min() + BEAM)
        kept = slice(int(near[0]), int(near[-1]) + 1)
        self._first, self._costs = first + kept.start, costs[kept]
        self._steps.append(_Step(pause is not None, self._first, lengths[kept] + shortest))
        return True

    def _cut_off(self, joints: Lengths, expected: float, deviation: float) -> Costs:
        """The costs when the sound ends within the part that starts at each of `joints`."""
        end = self._terrain.frame_count
        over: Costs = np.log(np.maximum(end - joints, expected) / expected) / deviation
        pauses = float(self._terrain.broken_through[end])
        costs: Costs = over**2 / 2 + pauses + (CUT_AT_END if self._whole else 0.0)
        return costs


def align(
    words: Iterable[Word], stretch: Stretch, frames_per_letter: float, *, whole: bool
) -> Alignment:
    """Find those of `words` that `stretch` holds to their ends.

    `words` begin with the stretch and are taken from the iterable only as far as the sound goes.
    `whole` says that both are complete, so that they end together.
    """
    search = _Search(stretch, frames_per_letter, whole=whole)
    taken: list[Word] = []
    for word in words:
        taken.append(word)
        if not search.add(word):
            break
    joints = search.finish()
    return Alignment(tuple(zip(taken, joints, strict=False)), search.best_cost)


def _length_costs(shortest: int, longest: int, expected: float, deviation: float) -> Costs:
    lengths = np.arange(shortest, longest + 1)
    costs: Costs = (np.log(lengths / expected) / deviation) ** 2 / 2
    return costs


def _extended(start_costs: Costs, length_costs: Costs) -> tuple[Costs, Lengths]:
    """The least of every start with every length, for ends from the shortest length on.

    Gives the costs, and the length that each was reached with as an index into `length_costs`.
    """
    span = len(length_costs) - 1
    padding = np.full(span, _NEVER)
    windows = sliding_window_view(np.concatenate((padding, start_costs, padding)), span + 1)
    totals = windows + length_costs[::-1]
    chosen = np.argmin(totals, axis=1)
    return totals[np.arange(len(totals)), chosen], span - chosen
