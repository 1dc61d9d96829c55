"""What the benchmark concludes from a recording, on recordings of which the truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.analysis import (
    SILENCE_DB,
    Clock,
    Misplaced,
    Stretch,
    find,
    first_audible,
    gaps_s,
    last_audible,
    level_dbfs,
    misplaced,
)
from bench.signals import PEAK, Samples, chirp, voiced

RATE_HZ = 24_000
TONE = voiced(4.0, 0)


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE_HZ), np.int16)


def joined(*parts: Samples) -> Samples:
    return np.concatenate(parts)


def test_a_stretch_knows_when_its_samples_were_there() -> None:
    stretch = Stretch(TONE, RATE_HZ, Clock([24_000, 48_000], [10.0, 11.0], RATE_HZ), 24_000)

    assert stretch.start_s == pytest.approx(10.0)
    assert stretch.time_of(12_000) == pytest.approx(10.5)


@given(late_s=st.lists(st.floats(0, 0.5), min_size=5, max_size=50), index=st.integers(0, 5_000))
def test_the_clock_goes_by_the_piece_that_was_least_late(late_s: list[float], index: int) -> None:
    ends = [120 * (number + 1) for number in range(len(late_s))]
    times_s = [7.0 + end / RATE_HZ + late for end, late in zip(ends, late_s, strict=True)]

    assert Clock(ends, times_s, RATE_HZ).time_of(index) == pytest.approx(
        7.0 + min(late_s) + index / RATE_HZ
    )


def test_the_clock_follows_a_recorder_that_missed_something() -> None:
    ends = [120 * (number + 1) for number in range(400)]
    times_s = [end / RATE_HZ + (0.09 if end > 24_000 else 0) for end in ends]
    clock = Clock(ends, times_s, RATE_HZ)

    assert clock.time_of(12_000) == pytest.approx(0.5)
    assert clock.time_of(36_000) == pytest.approx(1.59)


@given(index=st.integers(0, 48_000))
def test_moments_and_samples_belong_together(index: int) -> None:
    ends = [120 * (number + 1) for number in range(400)]
    clock = Clock(ends, [3.0 + end / RATE_HZ for end in ends], RATE_HZ)

    assert clock.index_at(clock.time_of(index)) == index
    assert clock.index_at(0.0) == 0


def test_sound_is_found_between_silences() -> None:
    recording = joined(silence(0.5), TONE, silence(0.5))
    first, last = first_audible(recording), last_audible(recording)

    assert first == pytest.approx(12_000, abs=24)
    assert last == pytest.approx(12_000 + len(TONE), abs=24)


def test_silence_has_no_beginning_and_no_end() -> None:
    assert first_audible(silence(1.0)) is None
    assert last_audible(silence(1.0)) is None
    assert gaps_s(silence(1.0), RATE_HZ) == []


def test_a_whole_tone_has_no_gap_and_silence_around_it_is_none() -> None:
    assert gaps_s(joined(silence(1.0), TONE, silence(1.0)), RATE_HZ) == []


@given(
    gaps_ms=st.lists(st.integers(8, 300), min_size=1, max_size=5),
    at=st.lists(st.integers(1, 70), min_size=5, max_size=5, unique=True),
)
@settings(max_examples=50)
def test_gaps_are_counted_and_measured(gaps_ms: list[int], at: list[int]) -> None:
    parts: list[Samples] = []
    start = 0
    for gap_ms, place in zip(gaps_ms, sorted(at), strict=False):
        cut = place * RATE_HZ // 20
        parts += [TONE[start:cut], silence(gap_ms / 1000)]
        start = cut
    found = gaps_s(joined(*parts, TONE[start:]), RATE_HZ)

    assert found == pytest.approx([gap / 1000 for gap in gaps_ms], abs=0.003)


def test_a_known_sound_is_found_to_the_sample() -> None:
    wanted = chirp(0.2)
    noise = np.random.default_rng(1).normal(0, 800, 48_000)
    hay = noise.copy()
    hay[30_000 : 30_000 + len(wanted)] += wanted * 0.25
    at, likeness = find(wanted, hay.astype(np.int16))

    assert at == 30_000
    assert 0.5 < likeness < 1


def test_a_loud_moment_elsewhere_does_not_win() -> None:
    wanted = chirp(0.2)
    hay = voiced(2.0, 5).astype(int)
    hay[10_000 : 10_000 + len(wanted)] = wanted // 10

    assert find(wanted, hay.astype(np.int16))[0] == 10_000


def test_nothing_is_found_where_nothing_is_or_where_there_is_no_room() -> None:
    assert find(chirp(0.2), silence(1.0))[1] == 0
    assert find(chirp(0.2), silence(0.1)) == (0, 0.0)


@pytest.mark.parametrize("lead_s", [0.05, 0.2])
def test_a_reply_that_was_played_whole_has_nothing_misplaced(lead_s: float) -> None:
    quieter = (TONE // 3).astype(np.int16)

    for heard in (TONE, quieter):
        played = joined(silence(lead_s), heard, silence(0.8))
        assert misplaced(TONE, played, RATE_HZ) == Misplaced(0, 0)


@pytest.mark.parametrize("lost_ms", [2, 40, 300])
def test_samples_that_were_left_out_are_noticed(lost_ms: int) -> None:
    lost = lost_ms * RATE_HZ // 1000
    played = joined(silence(0.2), TONE[:40_000], TONE[40_000 + lost :], silence(0.8))
    found = misplaced(TONE, played, RATE_HZ)

    assert found.lost_s == pytest.approx(lost_ms / 1000, abs=0.0005)
    assert found.added_s == 0


@pytest.mark.parametrize("gap_ms", [2, 40, 300])
def test_silence_that_was_put_in_is_noticed_and_is_no_loss(gap_ms: int) -> None:
    played = joined(silence(0.2), TONE[:40_000], silence(gap_ms / 1000), TONE[40_000:])
    found = misplaced(TONE, played, RATE_HZ)

    assert found.added_s == pytest.approx(gap_ms / 1000, abs=0.0005)
    assert found.lost_s == 0


def test_sound_that_is_not_the_replys_is_a_loss() -> None:
    damaged = TONE.copy()
    damaged[40_000:60_000] = voiced(20_000 / RATE_HZ, 77)
    found = misplaced(TONE, joined(silence(0.2), damaged, silence(0.8)), RATE_HZ)

    assert found.lost_s >= 0.25


def test_a_tail_that_was_cut_off_is_noticed() -> None:
    played = joined(silence(0.2), TONE[:-4_800], silence(1.0))

    assert misplaced(TONE, played, RATE_HZ).lost_s > 0.1


def test_a_reply_that_was_not_played_is_all_lost() -> None:
    assert misplaced(TONE, silence(5.0), RATE_HZ) == Misplaced(4.0, 0)
    other = joined(silence(0.1), voiced(4.0, 9), silence(0.5))
    assert misplaced(TONE, other, RATE_HZ).lost_s > 1


def test_levels_are_against_full_scale() -> None:
    square = np.tile(np.asarray([16_384, -16_384], np.int16), 100)

    assert level_dbfs(square) == pytest.approx(-6.02, abs=0.01)
    assert level_dbfs(silence(0.1)) == level_dbfs(silence(0.0)) == SILENCE_DB
    assert level_dbfs(TONE) == pytest.approx(20 * np.log10(PEAK / 32_768) - 7, abs=3)
