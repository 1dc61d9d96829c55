"""Too little delay is a gap, too much is a reply that ends late: here the two are weighed."""

from __future__ import annotations

import pytest

from voicecli.audio.lateness import LITTLE_ARRIVALS, Lateness
from voicecli.audio.playout_delay import (
    FIRST_LEAD_MS,
    GIVE_BACK_MS,
    LEAST_DELAY_MS,
    LONGEST_LEAD_MS,
    MARGIN_MS,
    MOST_DELAY_MS,
    SHALLOW_MS,
    PlayoutDelay,
)

RATE_HZ = 24_000
CHUNK = 960
DEVICE_MS = 12
DEVICE_PERIOD_MS = 5
PLENTY_MS = 1000.0


def learned(late_ms: float, *, pace: float = 1.0) -> tuple[PlayoutDelay, int, float]:
    """After a reply in which every other chunk was late; the position and time after it."""
    lateness = Lateness()
    lateness.begin()
    position, now_s = 0, 3.0
    for number in range(100):
        now_s = 3.0 + number * 0.04 / pace + (number % 2) * late_ms / 1000
        lateness.arrived(position, CHUNK, now_s)
        position += CHUNK
    return PlayoutDelay(lateness), position, now_s


def test_the_first_sound_comes_within_40_ms_with_the_device() -> None:
    assert LONGEST_LEAD_MS + DEVICE_MS + DEVICE_PERIOD_MS <= 40
    assert FIRST_LEAD_MS <= LONGEST_LEAD_MS


def test_the_first_lead_of_all_is_a_guess() -> None:
    assert PlayoutDelay(Lateness()).lead_ms == FIRST_LEAD_MS


@pytest.mark.parametrize(("late_ms", "lead_ms"), [(0.0, 0.0), (7.0, 7.0), (60.0, LONGEST_LEAD_MS)])
def test_the_lead_is_what_arrivals_need_within_its_limit(late_ms: float, lead_ms: float) -> None:
    assert learned(late_ms)[0].lead_ms == pytest.approx(lead_ms, abs=1e-6)


def test_a_voice_that_comes_fast_starts_at_once() -> None:
    assert learned(0.0, pace=4.0)[0].lead_ms == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("late_ms", "wanted_ms"),
    [(0.0, LEAST_DELAY_MS), (300.0, 300.0 + MARGIN_MS), (900.0, MOST_DELAY_MS)],
)
def test_the_delay_that_is_wanted_follows_the_lateness(late_ms: float, wanted_ms: float) -> None:
    assert learned(late_ms)[0].wanted_ms == pytest.approx(wanted_ms)


def test_delay_is_built_up_until_it_is_there() -> None:
    delay, position, now_s = learned(0.0)
    just_behind = now_s + 0.04
    assert delay.lacking_ms(position, just_behind) == pytest.approx(LEAST_DELAY_MS)
    assert delay.wants_more(position, PLENTY_MS, just_behind)
    later_s = just_behind + (LEAST_DELAY_MS + 1) / 1000
    assert not delay.wants_more(position, PLENTY_MS, later_s)


def test_a_voice_that_comes_fast_is_not_slowed_down() -> None:
    delay, _, now_s = learned(0.0, pace=4.0)
    assert not delay.wants_more(CHUNK * 40, PLENTY_MS, now_s + 0.1)


def test_a_buffer_that_runs_low_is_slowed_down_whatever_the_schedule_says() -> None:
    delay, position, now_s = learned(0.0)
    late_s = now_s + 1.0
    assert delay.wants_more(position, SHALLOW_MS - 1, late_s)
    assert not delay.wants_more(position, SHALLOW_MS + 1, late_s)


def test_nothing_is_slowed_down_while_more_may_come_early() -> None:
    lateness = Lateness()
    lateness.begin()
    lateness.arrived(0, CHUNK, 1.0)
    delay = PlayoutDelay(lateness)
    assert not delay.wants_more(0, 40.0, 1.01)
    assert delay.wants_more(0, 40.0, 1.013)


def built(delay: PlayoutDelay, delay_ms: float) -> None:
    delay.built(int(delay_ms * RATE_HZ / 1000))


def test_delay_that_was_built_up_far_beyond_the_need_is_given_back_down_to_it() -> None:
    delay = learned(0.0)[0]
    built(delay, LEAST_DELAY_MS + GIVE_BACK_MS - 1)
    assert not delay.wants_less(PLENTY_MS)
    built(delay, 2)
    assert delay.wants_less(PLENTY_MS)
    built(delay, -GIVE_BACK_MS + 1)
    assert delay.wants_less(PLENTY_MS)
    built(delay, -3)
    assert not delay.wants_less(PLENTY_MS)


def test_sound_that_came_early_is_no_delay_to_give_back() -> None:
    assert not learned(0.0, pace=4.0)[0].wants_less(60_000.0)


def test_nothing_is_sped_up_that_is_about_to_run_dry() -> None:
    delay = learned(0.0)[0]
    built(delay, 1000)
    assert not delay.wants_less(LEAST_DELAY_MS - 1)


def test_a_new_reply_has_built_up_nothing() -> None:
    delay = learned(0.0)[0]
    built(delay, 1000)
    assert delay.wants_less(PLENTY_MS)
    delay.begin()
    assert not delay.wants_less(PLENTY_MS)


def test_little_is_known_for_so_long_only_that_a_reply_is_enough_to_learn() -> None:
    assert LITTLE_ARRIVALS * 0.2 <= 2.0
