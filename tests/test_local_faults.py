"""What strikes when, and how often, in virtual time."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.local.faults import (
    OF_CONVERSATION,
    Fault,
    FaultPlan,
    Kind,
    Moment,
    Strikes,
    moments_of,
)

CLOSE = Fault(Kind.CLOSE, at=Moment.SPEAKING)


def struck(strikes: Strikes, moment: Moment, now_s: float = 0.0, **how: bool) -> list[Fault]:
    """What strikes at once when `moment` is reached."""
    strikes.reach(moment, now_s, **how)
    return list(strikes.due(now_s))


def test_a_fault_strikes_at_its_moment_and_only_once() -> None:
    strikes = Strikes(FaultPlan([CLOSE]))
    assert struck(strikes, Moment.THINKING) == []
    assert strikes.due_s is None
    assert struck(strikes, Moment.SPEAKING) == [CLOSE]
    assert struck(strikes, Moment.SPEAKING) == []


@pytest.mark.parametrize(("times", "expected"), [(1, 1), (3, 3), (0, 10)])
def test_it_strikes_as_often_as_it_says(times: int, expected: int) -> None:
    fault = Fault(Kind.EMPTY, at=Moment.IDLE, times=times)
    plan = FaultPlan([fault])
    found = [one for _ in range(10) for one in struck(Strikes(plan), Moment.IDLE)]
    assert len(found) == plan.struck(fault) == expected


def test_a_delay_counts_from_the_moment_whatever_comes_next() -> None:
    fault = Fault(Kind.CLOSE, at=Moment.SPEAKING, after_s=2.0)
    strikes = Strikes(FaultPlan([fault]))
    assert struck(strikes, Moment.SPEAKING, 10.0) == []
    assert strikes.due_s == 12.0
    assert struck(strikes, Moment.IDLE, 11.9) == []
    assert list(strikes.due(12.0)) == [fault]
    assert strikes.due_s is None


def test_a_moment_that_comes_again_while_a_strike_waits_adds_none() -> None:
    fault = Fault(Kind.EMPTY, at=Moment.IDLE, after_s=5.0, times=0)
    strikes = Strikes(FaultPlan([fault]))
    for now_s in (0.0, 1.0, 2.0):
        assert struck(strikes, Moment.IDLE, now_s) == []
    assert list(strikes.due(10.0)) == [fault]


def test_the_last_strike_is_had_by_the_connection_that_comes_to_it_first() -> None:
    fault = Fault(Kind.CLOSE, at=Moment.IDLE, after_s=5.0)
    plan = FaultPlan([fault])
    first, second = Strikes(plan), Strikes(plan)
    first.reach(Moment.IDLE, 0.0)
    second.reach(Moment.IDLE, 1.0)
    assert list(first.due(5.0)) == [fault]
    assert list(second.due(6.0)) == []


def test_a_strike_that_a_connection_did_not_live_to_see_is_left_for_the_next() -> None:
    fault = Fault(Kind.CLOSE, at=Moment.IDLE, after_s=5.0)
    plan = FaultPlan([fault])
    Strikes(plan).reach(Moment.IDLE, 0.0)
    later = Strikes(plan)
    later.reach(Moment.IDLE, 100.0)
    assert list(later.due(105.0)) == [fault]


def test_the_earliest_strikes_first_and_else_the_order_of_the_plan_counts() -> None:
    late = Fault(Kind.CLOSE, at=Moment.IDLE, after_s=2.0)
    soon = Fault(Kind.EMPTY, at=Moment.IDLE, after_s=1.0)
    also = Fault(Kind.GARBAGE, at=Moment.IDLE, after_s=1.0)
    strikes = Strikes(FaultPlan([late, soon, also]))
    strikes.reach(Moment.IDLE, 0.0)
    assert strikes.due_s == 1.0
    assert list(strikes.due(9.0)) == [soon, also, late]


def test_turns_are_counted_over_all_connections() -> None:
    fault = Fault(Kind.CLOSE, at=Moment.SPEAKING, turn=3)
    plan = FaultPlan([fault])
    first = Strikes(plan)
    for _ in range(2):
        assert struck(first, Moment.THINKING, begins_turn=True) == []
        assert struck(first, Moment.SPEAKING) == []
    second = Strikes(plan)
    assert struck(second, Moment.USER_SPEAKING, begins_turn=True) == []
    assert plan.turns == 3
    assert struck(first, Moment.SPEAKING) == [], "its own turn is the second"
    assert struck(second, Moment.SPEAKING) == [fault]


def test_what_follows_a_turn_and_the_next_connection_belong_to_it() -> None:
    fault = Fault(Kind.EMPTY, at=Moment.IDLE, turn=1, times=0)
    plan = FaultPlan([fault])
    first = Strikes(plan)
    assert struck(first, Moment.IDLE) == []
    struck(first, Moment.THINKING, begins_turn=True)
    assert struck(first, Moment.IDLE) == [fault]
    assert struck(Strikes(plan), Moment.IDLE) == [fault]


def test_faults_are_added_while_the_server_runs() -> None:
    plan = FaultPlan()
    strikes = Strikes(plan)
    assert struck(strikes, Moment.SPEAKING) == []
    plan.add(CLOSE)
    plan.add(CLOSE)
    assert struck(strikes, Moment.SPEAKING) == [CLOSE, CLOSE]
    assert plan.struck(CLOSE) == 2
    assert plan.at(Moment.SPEAKING, 0) == (), "what has struck is not kept"


def test_every_kind_has_a_usual_moment_that_is_possible() -> None:
    for kind in Kind:
        assert Fault(kind).moment in moments_of(kind)
    for kind in OF_CONVERSATION:
        assert Moment.SETUP not in moments_of(kind)
    assert moments_of(Kind.REFUSE) == (Moment.HANDSHAKE,)


def test_a_stall_lasts_for_ever_unless_it_says_how_long() -> None:
    assert Fault(Kind.STALL).lasts_s == Fault(Kind.STALL, for_s=0.0).lasts_s == math.inf
    assert Fault(Kind.STALL, for_s=2.0).lasts_s == 2.0
    assert Fault(Kind.SLOW_SETUP, for_s=0.0).lasts_s == 0.0
    assert 0 < Fault(Kind.LATE_WORDS).lasts_s < math.inf


def test_a_close_has_the_services_reason_unless_it_says_another_or_none() -> None:
    assert Fault(Kind.CLOSE).close_reason == "The service is currently unavailable."
    assert Fault(Kind.CLOSE, reason="").close_reason == ""


FAULTS = st.builds(
    Fault,
    st.just(Kind.EMPTY),
    at=st.sampled_from([Moment.IDLE, Moment.SPEAKING]),
    after_s=st.sampled_from([0.0, 0.5, 3.0]),
    times=st.integers(0, 3),
    turn=st.integers(0, 3),
)


@given(
    st.lists(FAULTS, max_size=5),
    st.lists(st.tuples(st.sampled_from(list(Moment)), st.booleans(), st.integers(0, 1))),
)
def test_no_fault_strikes_more_often_than_it_may(
    faults: list[Fault], reached: list[tuple[Moment, bool, int]]
) -> None:
    plan = FaultPlan(faults)
    connections = [Strikes(plan), Strikes(plan)]
    found: list[Fault] = []
    for now_s, (moment, begins_turn, number) in enumerate(reached):
        strikes = connections[number]
        found += struck(strikes, moment, float(now_s), begins_turn=begins_turn)
        assert strikes.due_s is None or strikes.due_s > now_s
    for fault in set(faults):
        count = found.count(fault)
        assert count == plan.struck(fault)
        limit = sum(one.times or math.inf for one in faults if one == fault)
        assert count <= limit
