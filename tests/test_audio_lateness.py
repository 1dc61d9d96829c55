"""What is learned here decides how much delay a listener gets, and whether there are gaps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.audio.lateness import (
    LITTLE_ARRIVALS,
    PAUSE_S,
    REMEMBERED_ARRIVALS,
    Lateness,
)

RATE_HZ = 24_000


def arrive(
    lateness: Lateness,
    late_ms: list[float],
    *,
    chunk_ms: int = 40,
    pace: float = 1.0,
    position: int = 0,
    from_s: float = 5.0,
) -> int:
    """A reply whose chunk n comes `late_ms[n]` late at `pace`; the position after it."""
    lateness.begin()
    samples = chunk_ms * RATE_HZ // 1000
    for number, late in enumerate(late_ms):
        now_s = from_s + (number * chunk_ms / pace + late) / 1000
        lateness.arrived(position, samples, now_s)
        position += samples
    return position


def test_nothing_is_known_before_some_pieces_have_come() -> None:
    lateness = Lateness()
    assert lateness.usual_ms is None
    arrive(lateness, [0.0] * (LITTLE_ARRIVALS - 1))
    assert lateness.usual_ms is None
    arrive(lateness, [0.0], from_s=20.0)
    assert lateness.usual_ms == pytest.approx(0.0)


def test_pieces_at_their_time_are_not_late() -> None:
    lateness = Lateness()
    arrive(lateness, [0.0] * 50)
    assert lateness.usual_ms == pytest.approx(0.0, abs=1e-6)


def test_the_usual_lateness_is_a_high_percentile_and_not_the_worst() -> None:
    lateness = Lateness()
    late_ms = np.random.default_rng(0).permutation(np.linspace(0, 100, 99))
    arrive(lateness, [*late_ms.tolist(), 500.0])
    assert lateness.usual_ms == pytest.approx(95, abs=3)


def test_lateness_is_measured_from_the_earliest_schedule_seen() -> None:
    lateness = Lateness()
    arrive(lateness, [80.0, *[0.0, 80.0] * 40])
    assert lateness.usual_ms == pytest.approx(80.0)


def test_what_comes_faster_than_it_plays_is_never_late() -> None:
    lateness = Lateness()
    arrive(lateness, [0.0] * 50, pace=4.0)
    arrive(lateness, [0.0] * 50, pace=1.3, from_s=50.0)
    assert lateness.usual_ms == pytest.approx(0.0, abs=1e-6)


def test_what_was_learned_stays_for_the_next_reply_and_its_schedule_does_not() -> None:
    lateness = Lateness()
    position = arrive(lateness, [0.0, 90.0] * 30)
    arrive(lateness, [0.0, 0.0], position=position, from_s=500.0)
    assert lateness.usual_ms == pytest.approx(90.0)


def test_only_the_last_arrivals_count() -> None:
    lateness = Lateness()
    position = arrive(lateness, [0.0, 200.0] * 30)
    arrive(lateness, [0.0] * REMEMBERED_ARRIVALS, position=position, from_s=60.0)
    assert lateness.usual_ms == pytest.approx(0.0, abs=1e-6)


def test_a_pause_of_the_voice_is_no_lateness() -> None:
    lateness = Lateness()
    arrive(lateness, [0.0] * 20 + [PAUSE_S * 1000 + 1] * 20)
    assert lateness.usual_ms == pytest.approx(0.0, abs=1e-6)


def test_a_stall_is_lateness() -> None:
    lateness = Lateness()
    arrive(lateness, [0.0] * 20 + [PAUSE_S * 1000 - 1] * 20)
    assert lateness.usual_ms == pytest.approx(PAUSE_S * 1000 - 1)


def test_a_sender_with_a_slow_clock_is_not_more_and_more_late() -> None:
    lateness = Lateness()
    arrive(lateness, [0.0] * 2000, pace=0.998)
    assert lateness.usual_ms == pytest.approx(50 * 40 * 0.002, abs=1.0)


def test_crumbs_are_counted_as_the_pieces_that_they_make() -> None:
    lateness = Lateness()
    lateness.begin()
    for sample in range(2400):
        lateness.arrived(sample, 1, 1.0 + sample / RATE_HZ)
    assert lateness.usual_ms is not None


# Delay


def test_playback_at_the_earliest_schedule_is_not_behind() -> None:
    lateness = Lateness()
    assert lateness.behind_ms(0, 3.0) == 0.0
    arrive(lateness, [30.0, 0.0, 30.0])
    assert lateness.behind_ms(960, 5.04) == pytest.approx(0.0, abs=1e-6)
    assert lateness.behind_ms(960, 5.14) == pytest.approx(100.0)


def test_what_came_early_counts_as_delay() -> None:
    lateness = Lateness()
    arrive(lateness, [0.0] * 10, pace=4.0)
    assert lateness.behind_ms(0, 5.0) == pytest.approx(9 * 30.0)


def test_a_new_schedule_goes_on_where_the_last_reply_still_plays() -> None:
    lateness = Lateness()
    position = arrive(lateness, [0.0] * 100, pace=4.0)  # 4 s of sound in 1 s
    lateness.begin()
    lateness.arrived(position, 960, 7.0)
    assert lateness.behind_ms(position - RATE_HZ, 7.0) == pytest.approx(1000.0)


# What is expected


def test_before_the_pace_is_known_the_next_piece_may_come_early() -> None:
    lateness = Lateness()
    lateness.begin()
    lateness.arrived(0, 4800, 1.0)
    assert lateness.awaits_early(1.055)
    assert not lateness.awaits_early(1.065)


def test_at_four_times_real_time_the_next_piece_is_awaited_until_it_is_overdue() -> None:
    lateness = Lateness()
    arrive(lateness, [0.0] * 3, pace=4.0, chunk_ms=200)
    assert lateness.awaits_early(5.0 + 0.1 + 0.055)
    assert not lateness.awaits_early(5.0 + 0.1 + 0.065)


def test_at_real_time_nothing_comes_early() -> None:
    lateness = Lateness()
    arrive(lateness, [0.0] * 3)
    assert not lateness.awaits_early(5.08)


def test_the_pace_of_the_last_reply_is_expected_of_the_next() -> None:
    lateness = Lateness()
    position = arrive(lateness, [0.0] * 3)
    lateness.begin()
    lateness.arrived(position, 4800, 9.0)
    assert not lateness.awaits_early(9.0)


@given(
    st.lists(
        st.tuples(st.integers(1, 10_000), st.floats(0.0, 3.0), st.booleans()),
        min_size=1,
        max_size=150,
    )
)
def test_no_pattern_makes_anything_negative_or_longer_than_a_pause(
    steps: list[tuple[int, float, bool]],
) -> None:
    lateness = Lateness()
    lateness.begin()
    position, now_s = 0, 10.0
    for samples, wait_s, begins in steps:
        now_s += wait_s
        if begins:
            lateness.begin()
        lateness.arrived(position, samples, now_s)
        position += samples
        assert lateness.usual_ms is None or 0 <= lateness.usual_ms <= PAUSE_S * 1000
        assert lateness.behind_ms(position, now_s) <= PAUSE_S * 1000
