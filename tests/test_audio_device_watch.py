"""A device that is gone is noticed in a second; one that is late, or slept through, is kept."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.audio.device_watch import (
    FIRST_PAUSE_S,
    GONE_AFTER_S,
    LONGEST_PAUSE_S,
    LOOK_EVERY_S,
    SHORT_WINDOW_S,
    SHORT_WINDOWS,
    STOOD_STILL_S,
    Pulse,
    Retries,
    Shortage,
)


def looks(until_s: float, begin_s: float = 0.0) -> list[float]:
    count = round((until_s - begin_s) / LOOK_EVERY_S)
    return [begin_s + number * LOOK_EVERY_S for number in range(count + 1)]


def test_a_device_that_calls_is_alive() -> None:
    pulse = Pulse()
    assert not any(pulse.stopped(now_s - 0.004, now_s) for now_s in looks(3600.0))


def test_a_device_that_no_longer_calls_is_gone_after_a_second() -> None:
    pulse = Pulse()
    assert not any(pulse.stopped(now_s - 0.004, now_s) for now_s in looks(10.0))
    gone = [now_s for now_s in looks(13.0, 10.25) if pulse.stopped(9.996, now_s)]
    assert gone[0] == 10.0 + GONE_AFTER_S


def test_a_device_that_never_calls_is_gone_a_second_after_the_first_look() -> None:
    pulse = Pulse()
    gone = [now_s for now_s in looks(60.0, 50.0) if pulse.stopped(float("-inf"), now_s)]
    assert gone[0] == 50.0 + GONE_AFTER_S


@given(st.lists(st.floats(0.0, GONE_AFTER_S - LOOK_EVERY_S - 0.01), max_size=50))
def test_calls_that_are_late_by_less_than_a_second_are_forgiven(pauses_s: list[float]) -> None:
    """Whatever the rhythm of a device that stutters, as it does on a busy machine."""
    calls_s, now_s = [0.0], 0.0
    for pause_s in pauses_s:
        calls_s.append(calls_s[-1] + pause_s)
    pulse = Pulse()
    while now_s <= calls_s[-1]:
        latest_s = max(call_s for call_s in calls_s if call_s <= now_s)
        assert not pulse.stopped(latest_s, now_s)
        now_s += LOOK_EVERY_S


def test_a_machine_that_slept_gives_its_devices_another_second() -> None:
    pulse = Pulse()
    assert not pulse.stopped(9.99, 10.0)
    woken_s = 10.0 + 8 * 3600
    assert not pulse.stopped(9.99, woken_s)
    assert not pulse.stopped(9.99, woken_s + GONE_AFTER_S - LOOK_EVERY_S)
    assert pulse.stopped(9.99, woken_s + GONE_AFTER_S)


def test_looks_that_come_late_themselves_are_not_held_against_the_device() -> None:
    pulse = Pulse()
    late = [number * (STOOD_STILL_S + 0.1) for number in range(20)]
    assert not any(pulse.stopped(-1.0, now_s) for now_s in late)


def tries(until_s: float) -> list[float]:
    """When it is tried again from the time 0 on, in steps of 1/64 s."""
    retries, tried = Retries(0.0), []
    for step in range(round(until_s * 64)):
        if retries.due(step / 64):
            tried.append(step / 64)
            retries.failed(step / 64)
    return tried


def test_tries_come_ever_less_often_and_never_end() -> None:
    tried = tries(600.0)
    pauses = [after - before for before, after in pairwise([0.0, *tried])]
    assert pauses[:6] == pytest.approx(
        [FIRST_PAUSE_S, 0.4, 0.8, 1.6, 3.2, LONGEST_PAUSE_S], abs=0.02
    )
    assert set(pauses[5:]) == {LONGEST_PAUSE_S}
    assert tried[-1] > 590.0


def short_after(calls: list[tuple[float, int]]) -> float | None:
    """When a speaker that asks at these times for so many samples at 24 kHz is found to stutter."""
    shortage = Shortage(24_000)
    for now_s, n_samples in calls:
        if shortage.asked(n_samples, now_s):
            return now_s
    return None


def paced(seconds: float, share: float = 1.0) -> list[tuple[float, int]]:
    """A speaker that asks for 5 ms at a time, and for `share` of what passes."""
    count = round(seconds / 0.005 * share)
    return [(50.0 + number * 0.005 / share, 120) for number in range(count)]


def test_a_speaker_that_keeps_pace_does_not_stutter() -> None:
    assert short_after(paced(120)) is None


@pytest.mark.parametrize("share", [0.999, 0.98, 1.001, 1.1])
def test_clocks_that_differ_and_single_hiccups_are_no_stutter(share: float) -> None:
    assert short_after(paced(120, share)) is None


@pytest.mark.parametrize("share", [0.96, 0.8, 0.2])
def test_a_speaker_that_lacks_some_percent_is_found_out_in_seconds(share: float) -> None:
    short_s = short_after(paced(20, share))
    assert short_s is not None
    assert short_s <= 50.0 + SHORT_WINDOWS * SHORT_WINDOW_S + 0.2


def test_a_few_bad_seconds_are_forgiven() -> None:
    """As when a program starts, or this one loads a library."""
    bad = paced((SHORT_WINDOWS - 1) * SHORT_WINDOW_S, 0.5)
    good = [(bad[-1][0] + now_s - 49.995, n_samples) for now_s, n_samples in paced(10)]
    again = [(good[-1][0] + now_s - 49.995, n_samples) for now_s, n_samples in bad]
    assert short_after(bad + good + again) is None


def test_a_pause_is_no_stutter() -> None:
    """The machine slept, or the device is gone: that is for others to notice."""
    before = [(now_s, n_samples) for now_s, n_samples in paced(5.9, 0.5)]
    after = [(now_s + 3600, n_samples) for now_s, n_samples in paced(5.9, 0.5)]
    assert short_after(before + after) is None
