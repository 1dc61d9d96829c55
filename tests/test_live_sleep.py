"""A lid that was closed is noticed at the first look after it, and a clock put right is none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicecli.live.sleep import SLEPT_S, Sleep


def test_time_of_day_that_went_on_alone_is_sleep_and_told_once() -> None:
    sleep = Sleep(0.0, 1_000.0)
    assert not sleep.has_slept(1.0, 1_001.0)
    assert sleep.has_slept(2.0, 9_000.0)
    assert not sleep.has_slept(3.0, 9_001.0)


@given(st.floats(-SLEPT_S, SLEPT_S), st.floats(0, 1e6))
def test_a_clock_that_is_put_right_is_no_sleep(by_s: float, after_s: float) -> None:
    sleep = Sleep(0.0, 0.0)
    assert not sleep.has_slept(after_s, after_s + by_s * 0.99)


def test_a_clock_that_is_set_back_is_no_sleep() -> None:
    assert not Sleep(0.0, 10_000.0).has_slept(1.0, 0.0)
