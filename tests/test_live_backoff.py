"""A client that redials too eagerly is a load, and one that gives up too soon loses the thread."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicecli.live.backoff import (
    BRIEF_TRIES,
    FIRST_DELAY_S,
    HEALTHY_AFTER_S,
    LONGEST_DELAY_S,
    MOST_TRIES,
    BackOff,
)


def delays(back_off: BackOff, *, briefly: bool = False) -> list[float]:
    found = []
    while (delay_s := back_off.next_delay_s(0.0, briefly=briefly)) is not None:
        found.append(delay_s)
    return found


def test_delays_double_from_a_tenth_of_a_second_up_to_ten() -> None:
    found = delays(BackOff(lambda: 1.0))
    assert found[0] == FIRST_DELAY_S
    assert found[1] == 2 * FIRST_DELAY_S
    assert found[-1] == LONGEST_DELAY_S
    assert len(found) == MOST_TRIES


@given(st.floats(0, 1))
def test_jitter_takes_away_at_most_half(chance: float) -> None:
    whole = delays(BackOff(lambda: 1.0))
    found = delays(BackOff(lambda: chance))
    assert all(full / 2 <= delay <= full for delay, full in zip(found, whole, strict=True))


def test_a_quota_is_tried_a_few_times_only() -> None:
    assert len(delays(BackOff(lambda: 0.0), briefly=True)) == BRIEF_TRIES


def test_a_server_that_accepts_and_drops_is_not_redialled_for_ever() -> None:
    back_off = BackOff(lambda: 0.0)
    tries = 0
    while back_off.next_delay_s(float(tries)) is not None:
        tries += 1
        back_off.connected(float(tries))
    assert tries == MOST_TRIES


def test_a_healthy_minute_gives_the_tries_back() -> None:
    back_off = BackOff(lambda: 1.0)
    delays(back_off)
    back_off.connected(0.0)
    assert back_off.next_delay_s(HEALTHY_AFTER_S - 0.1) is None
    back_off.connected(100.0)
    assert back_off.next_delay_s(100.0 + HEALTHY_AFTER_S) == FIRST_DELAY_S
    assert back_off.tries == 1


def test_a_connection_that_replaces_a_healthy_one_gives_the_tries_back() -> None:
    back_off = BackOff(lambda: 1.0)
    delays(back_off)
    back_off.connected(0.0)
    back_off.connected(HEALTHY_AFTER_S)
    assert back_off.tries == 0


def test_a_connection_that_replaces_a_young_one_gives_nothing_back() -> None:
    back_off = BackOff(lambda: 1.0)
    delays(back_off)
    back_off.connected(0.0)
    back_off.connected(HEALTHY_AFTER_S - 0.1)
    assert back_off.next_delay_s(HEALTHY_AFTER_S) is None
