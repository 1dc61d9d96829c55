"""The patterns of arrival: every sample leaves once, in order, and as late as the pattern says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.arrivals import Pattern, arrivals

SECOND = 24_000

patterns = st.builds(
    Pattern,
    chunk_ms=st.integers(10, 400),
    pace=st.sampled_from([1.0, 4.0, math.inf]),
    jitter_ms=st.floats(0, 200),
    stall_at_s=st.one_of(st.just(math.inf), st.floats(0, 3)),
)


@given(samples=st.integers(1, 5 * SECOND), pattern=patterns, seed=st.integers(0, 99))
def test_every_sample_leaves_once_and_in_order(samples: int, pattern: Pattern, seed: int) -> None:
    pieces = arrivals(samples, pattern, seed)

    assert [piece.start for piece in pieces[1:]] == [piece.end for piece in pieces[:-1]]
    assert (pieces[0].start, pieces[-1].end) == (0, samples)
    times_s = [piece.at_s for piece in pieces]
    assert times_s[0] == 0
    assert times_s == sorted(times_s)


@given(pattern=patterns, seed=st.integers(0, 99))
def test_a_seed_is_a_pattern(pattern: Pattern, seed: int) -> None:
    assert arrivals(SECOND, pattern, seed) == arrivals(SECOND, pattern, seed)


def test_an_empty_reply_has_no_pieces() -> None:
    assert arrivals(0, Pattern()) == []


def test_without_lateness_the_pace_is_kept() -> None:
    pieces = arrivals(SECOND, Pattern(chunk_ms=200, pace=4.0))

    assert [piece.at_s for piece in pieces] == pytest.approx([0, 0.05, 0.1, 0.15, 0.2])


def test_a_burst_leaves_at_once() -> None:
    assert {piece.at_s for piece in arrivals(SECOND, Pattern(pace=math.inf))} == {0.0}


def test_what_falls_into_the_stall_leaves_at_its_end() -> None:
    pieces = arrivals(SECOND, Pattern(chunk_ms=100, pace=1.0, stall_at_s=0.25, stall_s=0.3))

    assert [piece.at_s for piece in pieces] == pytest.approx(
        [0, 0.1, 0.2, 0.55, 0.55, 0.55, 0.6, 0.7, 0.8, 0.9]
    )


def test_jitter_is_the_half_of_a_normal_distribution() -> None:
    pieces = arrivals(400 * SECOND, Pattern(chunk_ms=1000, pace=1.0, jitter_ms=60.0), seed=3)
    late_s = np.asarray([piece.at_s - piece.start / SECOND for piece in pieces])
    late_s -= late_s.min()

    assert np.mean(late_s) == pytest.approx(0.060 * math.sqrt(2 / math.pi), rel=0.15)
    assert late_s.max() < 0.3
