"""Sums over turns: what was counted once stays counted, and an unknown cost stays unknown."""

from __future__ import annotations

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.live.events import Usage
from voicecli.talk.usage import UsageTotals

counts = st.integers(0, 10**9)
by_modality = st.dictionaries(st.sampled_from(["text", "audio", "image", "other"]), counts)
usages = st.builds(Usage, counts, counts, counts, counts, by_modality, by_modality)
turns_with_costs = st.lists(st.tuples(usages, st.none() | st.floats(0, 1e4)), max_size=8)

Turns = list[tuple[Usage, float | None]]


def summed(turns: Turns) -> UsageTotals:
    return reduce(lambda totals, turn: totals.plus(*turn), turns, UsageTotals())


def test_two_turns_by_hand() -> None:
    first = Usage(626, 63, 40, 729, {"text": 312, "audio": 287}, {"audio": 63})
    second = Usage(100, 10, 0, 110, {"image": 50, "text": 50}, {"audio": 10})
    assert summed([(first, 0.002112), (second, 0.0004)]) == UsageTotals(
        *(726, 73, 40, 839),
        {"text": 362, "audio": 287, "image": 50},
        {"audio": 73},
        0.002512,
    )


def test_counts_that_are_missing_are_those_of_the_modalities() -> None:
    turn = Usage(prompt_by_modality={"text": 5}, response_by_modality={"audio": 3})
    totals = summed([(turn, 0.0)])
    assert (totals.prompt_tokens, totals.response_tokens, totals.total_tokens) == (5, 3, 8)


def test_nothing_costs_nothing() -> None:
    assert UsageTotals().cost_usd == 0


@given(turns_with_costs)
def test_totals_are_never_negative_and_at_least_the_sum_of_their_parts(turns: Turns) -> None:
    totals = summed(turns)
    assert totals.prompt_tokens >= sum(totals.prompt_by_modality.values()) >= 0
    assert totals.response_tokens >= sum(totals.response_by_modality.values()) >= 0
    parts = totals.prompt_tokens + totals.response_tokens + totals.thoughts_tokens
    assert totals.total_tokens >= parts >= 0


@given(turns_with_costs)
def test_the_cost_is_the_sum_or_unknown_as_soon_as_one_is(turns: Turns) -> None:
    known = [cost for _, cost in turns if cost is not None]
    totals = summed(turns)
    if len(known) < len(turns):
        assert totals.cost_usd is None
    else:
        assert totals.cost_usd == pytest.approx(sum(known), abs=1e-8)


@given(turns_with_costs, turns_with_costs)
def test_it_does_not_matter_in_which_order_turns_are_counted(one: Turns, other: Turns) -> None:
    forth, back = summed(one + other), summed(other + one)
    assert forth.total_tokens == back.total_tokens
    assert forth.prompt_by_modality == back.prompt_by_modality
    assert forth.response_by_modality == back.response_by_modality
