"""When the pieces of a reply leave the server: the patterns of the Live API, from a seed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.signals import RATE_HZ


@dataclass(frozen=True, slots=True)
class Pattern:
    """How a reply arrives. `pace` is in times of real time; infinity is all of it at once."""

    chunk_ms: int = 200
    pace: float = 4.0
    jitter_ms: float = 0.0
    stall_at_s: float = math.inf
    stall_s: float = 0.3


@dataclass(frozen=True, slots=True)
class Arrival:
    """Samples `start` to `end` of the reply leave `at_s` after its first piece."""

    at_s: float
    start: int
    end: int


def arrivals(samples: int, pattern: Pattern, seed: int = 0) -> Sequence[Arrival]:
    """The pieces of a reply of so many samples, in order: none overtakes another.

    Each is late by |N(0, `jitter_ms`)|; what falls into the stall leaves at its end.
    """
    chunk = RATE_HZ * pattern.chunk_ms // 1000
    starts = range(0, samples, chunk)
    late_s = np.abs(np.random.default_rng(seed).normal(0, pattern.jitter_ms / 1000, len(starts)))
    stall_end_s = pattern.stall_at_s + pattern.stall_s
    pieces: list[Arrival] = []
    latest_s = 0.0
    for start, late in zip(starts, late_s, strict=True):
        at_s = start / RATE_HZ / pattern.pace + float(late)
        if pattern.stall_at_s <= at_s < stall_end_s:
            at_s = stall_end_s
        latest_s = max(latest_s, at_s)
        pieces.append(Arrival(latest_s, start, min(start + chunk, samples)))
    first_s = pieces[0].at_s if pieces else 0.0
    return [Arrival(piece.at_s - first_s, piece.start, piece.end) for piece in pieces]
