"""A cost that is shown is one that somebody has to pay: by the table, and never too low."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.live.events import Usage
from voicecli.live.models import DEFAULT_MODEL, MODELS
from voicecli.live.prices import (
    Rates,
    cost_usd,
    price_table,
    rates_of,
    tokens_in,
    tokens_out,
)

OLDER = "gemini-2.5-flash-native-audio-preview-12-2025"
SOUNDLESS = "gemini-3.8-live-extended-thinking"
counts = st.integers(0, 10**9)
by_modality = st.dictionaries(st.sampled_from(["text", "audio"]), counts)
usages = st.builds(Usage, counts, counts, counts, counts, by_modality, by_modality)
priced = st.sampled_from([name for name, rates in price_table().models.items() if rates.complete])


def adding_up(ins: dict[str, int], outs: dict[str, int], thoughts: int = 0) -> Usage:
    went_in, came_out = sum(ins.values()), sum(outs.values())
    return Usage(went_in, came_out, thoughts, went_in + came_out + thoughts, ins, outs)


def test_the_table_tells_its_month_and_where_it_is_from() -> None:
    assert re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", price_table().as_of)
    assert "Gemini" in price_table().source


def test_every_model_that_one_can_talk_with_has_prices() -> None:
    assert set(price_table().models) == {model.name for model in MODELS if not model.text_only}


@pytest.mark.parametrize("rates", price_table().models.values())
def test_what_comes_out_is_dearer_than_what_goes_in_and_sound_dearer_than_text(
    rates: Rates,
) -> None:
    assert rates.text_in is not None
    assert rates.text_out is not None
    assert 0 < rates.text_in < rates.text_out
    if rates.audio_in is not None and rates.audio_out is not None:
        assert rates.text_in < rates.audio_in < rates.audio_out


@pytest.mark.parametrize(
    ("model", "usage", "dollars"),
    [
        # 1 M text in, 1 M audio in, 1 M audio out, 1 M thoughts: 0.75 + 3 + 12 + 4.50
        (
            DEFAULT_MODEL,
            adding_up({"text": 10**6, "audio": 10**6}, {"audio": 10**6}, 10**6),
            20.25,
        ),
        # 0.50 + 3 + 12 + 2
        (OLDER, adding_up({"text": 10**6, "audio": 10**6}, {"audio": 10**6}, 10**6), 17.50),
        # 312 x 0.75 + 287 x 3 + 27 of no modality x 3 + 63 x 12 + 40 x 4.50 = 2112 millionths
        (
            DEFAULT_MODEL,
            Usage(626, 63, 40, 729, {"text": 312, "audio": 287}, {"audio": 63}),
            0.002112,
        ),
        # No details: 100 x 3 + 10 x 12
        (DEFAULT_MODEL, Usage(100, 10, 0, 110), 0.00042),
        # Only a total: 7 x 12
        (DEFAULT_MODEL, Usage(total_tokens=7), 0.000084),
        # Only details: 10 x 0.75
        (DEFAULT_MODEL, Usage(prompt_by_modality={"text": 10}), 0.0000075),
        (DEFAULT_MODEL, Usage(), 0.0),
        (SOUNDLESS, adding_up({"text": 1000}, {"text": 100}, 10), 0.001245),
    ],
)
def test_costs_worked_out_by_hand(model: str, usage: Usage, dollars: float) -> None:
    assert cost_usd(model, usage) == pytest.approx(dollars, abs=1e-9)


def test_a_name_with_and_without_its_prefix_is_the_same_model() -> None:
    usage = Usage(100, 10, 0, 110)
    assert cost_usd(f"models/{DEFAULT_MODEL}", usage) == cost_usd(DEFAULT_MODEL, usage)


def test_an_unknown_model_has_no_cost_even_for_nothing() -> None:
    assert rates_of("gemini-9-live") is None
    assert cost_usd("gemini-9-live", Usage(1, 1, 0, 2)) is None
    assert cost_usd("gemini-9-live", Usage()) is None


@pytest.mark.parametrize("modality", ["image", "video", "document", "other"])
def test_a_modality_without_a_price_makes_the_cost_unknown(modality: str) -> None:
    assert cost_usd(DEFAULT_MODEL, adding_up({modality: 1}, {})) is None
    assert cost_usd(DEFAULT_MODEL, adding_up({}, {modality: 1})) is None
    assert cost_usd(DEFAULT_MODEL, adding_up({modality: 0}, {})) == 0


def test_sound_without_a_price_makes_the_cost_unknown_and_so_do_tokens_that_may_be_sound() -> None:
    rates = rates_of(SOUNDLESS)
    assert rates is not None
    assert not rates.complete
    for usage in (
        adding_up({"text": 5, "audio": 1}, {}),
        Usage(5, 0, 0, 5),
        Usage(0, 5, 0, 5),
        Usage(total_tokens=5),
    ):
        assert cost_usd(SOUNDLESS, usage) is None


@given(priced, usages)
def test_a_cost_is_never_negative_and_never_below_the_cheapest_reading(
    model: str, usage: Usage
) -> None:
    cost, rates = cost_usd(model, usage), rates_of(model)
    assert rates is not None
    assert rates.text_in is not None
    assert rates.text_out is not None
    assert cost is not None
    cheapest = tokens_in(usage) * rates.text_in
    cheapest += (tokens_out(usage) + usage.thoughts_tokens) * rates.text_out
    assert cost >= cheapest / 1e6 - 1e-6


@given(priced, by_modality, by_modality, counts, by_modality, by_modality, counts)
def test_costs_of_turns_that_add_up_can_be_added(
    model: str,
    ins: dict[str, int],
    outs: dict[str, int],
    thoughts: int,
    more_in: dict[str, int],
    more_out: dict[str, int],
    more_thoughts: int,
) -> None:
    def both(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
        return {name: one.get(name, 0) + other.get(name, 0) for name in {*one, *other}}

    whole = adding_up(both(ins, more_in), both(outs, more_out), thoughts + more_thoughts)
    first = cost_usd(model, adding_up(ins, outs, thoughts))
    second = cost_usd(model, adding_up(more_in, more_out, more_thoughts))
    assert first is not None
    assert second is not None
    assert cost_usd(model, whole) == pytest.approx(first + second, rel=1e-9, abs=1e-8)


@given(priced, usages, counts)
def test_a_total_that_says_more_never_costs_less(model: str, usage: Usage, more: int) -> None:
    cost = cost_usd(model, usage)
    dearer = cost_usd(model, replace(usage, total_tokens=usage.total_tokens + more))
    assert cost is not None
    assert dearer is not None
    assert dearer >= cost


@given(usages)
def test_all_tokens_are_at_least_those_of_the_modalities(usage: Usage) -> None:
    assert tokens_in(usage) >= sum(usage.prompt_by_modality.values())
    assert tokens_out(usage) >= usage.response_tokens
