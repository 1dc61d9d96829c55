"""A recording sent too fast overruns the service, and too slowly wastes the user's time."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.transcribe.pacing import LEAD_S, Pacer

BLOCK_S = 0.1


def send_times_s(speed: float, stalls_s: Sequence[float]) -> list[float]:
    """When each block is sent, if sending block n takes `stalls_s[n]`; begins at 100 s."""
    pacer = Pacer(speed)
    now_s, times_s = 100.0, []
    for index, stall_s in enumerate(stalls_s):
        now_s += pacer.delay_s(index * BLOCK_S, now_s)
        times_s.append(now_s)
        now_s += stall_s
    return times_s


@pytest.mark.parametrize("speed", [1.0, 2.0])
def test_a_minute_takes_a_minute_at_speed_one(speed: float) -> None:
    times_s = send_times_s(speed, [0.0] * 600)
    assert times_s[-1] - times_s[0] == pytest.approx((60.0 - BLOCK_S - LEAD_S) / speed)


def test_the_lead_is_sent_at_once() -> None:
    times_s = send_times_s(1.0, [0.0] * 10)
    assert [time_s for time_s in times_s if time_s == 100.0] == [100.0] * 6


def test_a_small_delay_is_caught_up() -> None:
    punctual = send_times_s(1.0, [0.0] * 100)
    delayed = send_times_s(1.0, [0.0] * 20 + [0.3] + [0.0] * 79)
    assert delayed[-1] == pytest.approx(punctual[-1])


def test_after_a_long_stall_nothing_is_sent_in_a_flood() -> None:
    times_s = send_times_s(1.0, [0.0] * 20 + [60.0] + [0.0] * 79)
    burst = [time_s for time_s in times_s[21:] if time_s < times_s[21] + 0.01]
    assert len(burst) <= LEAD_S / BLOCK_S + 2


@given(st.floats(0.5, 8.0), st.lists(st.floats(0.0, 5.0), min_size=1, max_size=100))
def test_never_faster_than_the_speed_and_the_lead_allow(
    speed: float, stalls_s: list[float]
) -> None:
    times_s = send_times_s(speed, stalls_s)
    assert times_s == sorted(times_s)
    for index, time_s in enumerate(times_s):
        assert index * BLOCK_S <= (time_s - 100.0) * speed + LEAD_S + 1e-6
