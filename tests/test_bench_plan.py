"""How much the benchmark measures: in full it is what was promised, in short it is short."""

from __future__ import annotations

import pytest

from bench.plan import FULL, RIVAL, ROOMS, SHORT, Plan


def test_the_full_form_has_a_hundred_replies_in_rooms() -> None:
    assert len(FULL.rooms) * FULL.replies_a_room == 100
    assert FULL.startups >= 9


def test_interruptions_come_at_three_moments_and_two_levels() -> None:
    assert FULL.onsets_s == (0.5, 1.0, 3.0)
    assert {room.gain_db for room in FULL.interrupted_rooms} == {-12, -6}


def test_the_rooms_are_as_different_as_real_ones() -> None:
    assert min(room.delay_ms for room in ROOMS) == 40
    assert max(room.delay_ms for room in ROOMS) == 250
    assert {room.gain_db for room in ROOMS} == {-20, -12, -6}
    assert {abs(room.drift_ppm) for room in ROOMS} == {100}
    assert {room.rt60_s for room in ROOMS} == {0.25}
    assert len({room.seed for room in ROOMS}) == len(ROOMS)


@pytest.mark.parametrize("plan", [FULL, RIVAL, SHORT])
def test_a_plan_leaves_no_scene_empty(plan: Plan) -> None:
    counts = (plan.startups, plan.sentences, plan.stops, plan.warm_replies, plan.stalls)

    assert min(*counts, plan.replies_a_room, plan.interruptions) >= 1
    assert plan.rooms
    assert plan.interrupted_rooms
    assert plan.onsets_s
    assert plan.chunks_ms
