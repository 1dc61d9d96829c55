"""The meter is how a person sees that the microphone is alive: its scale and its motion."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sound_pieces import sine

from voicecli.audio.levels import ATTACK_S, RELEASE_S, SILENCE_DBFS, LevelMeter, dbfs


def constant(value: int, count: int = 1000) -> bytes:
    return np.full(count, value, "<i2").tobytes()


def test_full_scale_is_0_and_a_sine_3_below_it() -> None:
    assert dbfs(constant(-32768)) == pytest.approx(0.0)
    assert dbfs(sine(24_000, peak=32767)) == pytest.approx(-3.01, abs=0.01)


def test_half_the_amplitude_is_6_db_less() -> None:
    assert dbfs(constant(16384)) == pytest.approx(-6.02, abs=0.01)


@pytest.mark.parametrize("pcm", [b"", b"\x01", constant(0), constant(1)])
def test_nothing_and_next_to_nothing_are_silence(pcm: bytes) -> None:
    assert dbfs(pcm) == pytest.approx(SILENCE_DBFS, abs=0.5)
    assert dbfs(pcm) >= SILENCE_DBFS


def test_half_a_sample_at_the_end_does_not_count() -> None:
    assert dbfs(constant(1000) + b"\x7f") == dbfs(constant(1000))


@given(st.binary(max_size=2000))
def test_every_level_is_between_silence_and_full_scale(pcm: bytes) -> None:
    assert SILENCE_DBFS <= dbfs(pcm) <= 0.0


def test_a_meter_shows_its_first_level_at_once() -> None:
    assert LevelMeter().update(-20.0, 0.0) == -20.0


def test_a_meter_rises_faster_than_it_falls() -> None:
    rising, falling = LevelMeter(), LevelMeter()
    rising.update(-60.0, 0.0)
    falling.update(-20.0, 0.0)
    assert rising.update(-20.0, 0.05) > -21.0
    assert falling.update(-60.0, 0.05) > -30.0


@pytest.mark.parametrize(
    ("before", "after", "settling_s"), [(-80.0, -10.0, ATTACK_S), (-10.0, -80.0, RELEASE_S)]
)
def test_a_meter_goes_two_thirds_of_the_way_in_its_settling_time(
    before: float, after: float, settling_s: float
) -> None:
    meter = LevelMeter()
    meter.update(before, 0.0)
    way = (meter.update(after, settling_s) - before) / (after - before)
    assert way == pytest.approx(0.632, abs=0.001)


def test_how_often_a_meter_is_read_does_not_change_what_it_shows() -> None:
    often, seldom = LevelMeter(), LevelMeter()
    often.update(-10.0, 0.0)
    seldom.update(-10.0, 0.0)
    for step in range(1, 101):
        shown = often.update(-80.0, step * 0.002)
    assert shown == pytest.approx(seldom.update(-80.0, 0.2))


def test_time_that_goes_back_moves_nothing() -> None:
    meter = LevelMeter()
    meter.update(-10.0, 1.0)
    assert meter.update(-80.0, 0.5) == -10.0


@given(st.lists(st.tuples(st.floats(SILENCE_DBFS, 0.0), st.floats(0.0, 1.0)), min_size=1))
def test_a_meter_never_leaves_the_range_of_what_it_was_given(
    readings: list[tuple[float, float]],
) -> None:
    meter = LevelMeter()
    now_s = 0.0
    for level, pause_s in readings:
        now_s += pause_s
        shown = meter.update(level, now_s)
    levels = [level for level, _ in readings]
    assert min(levels) - 1e-9 <= shown <= max(levels) + 1e-9
