"""Each turn is told with its cost and all so far; what cannot be known is said once."""

from __future__ import annotations

import pytest

from voicecli.live.events import Usage
from voicecli.live.models import DEFAULT_MODEL
from voicecli.live.prices import price_table
from voicecli.talk import events as talk
from voicecli.talk.tally import Tally
from voicecli.talk.usage import UsageTotals

TURN = Usage(626, 63, 40, 729, {"text": 312, "audio": 287}, {"audio": 63})
PICTURE = Usage(10, 0, 0, 10, {"image": 10})
SOUNDLESS = "gemini-3.8-live-extended-thinking"


def taken(tally: Tally, *turns: Usage) -> list[talk.TalkEvent]:
    return [event for turn in turns for event in tally.take(turn, 1.0)]


def notes(events: list[talk.TalkEvent]) -> list[str]:
    return [event.message for event in events if isinstance(event, talk.Noted)]


def costs(events: list[talk.TalkEvent]) -> list[float | None]:
    return [event.cost_usd for event in events if isinstance(event, talk.UsageReported)]


def test_a_turn_is_told_as_the_service_counts_it_with_its_cost() -> None:
    tally = Tally(DEFAULT_MODEL)
    totals = UsageTotals().plus(TURN, 0.002112)
    assert taken(tally, TURN) == [
        talk.UsageReported(
            1.0,
            *(626, 63, 40, 729, {"text": 312, "audio": 287}, {"audio": 63}),
            cost_usd=0.002112,
            so_far=totals,
        )
    ]
    assert tally.totals == totals
    assert tally.prices_as_of == price_table().as_of


def test_of_nothing_no_prices_are_named() -> None:
    tally = Tally(DEFAULT_MODEL)
    assert (tally.totals, tally.prices_as_of) == (UsageTotals(), None)


def test_turns_add_up() -> None:
    events = taken(Tally(DEFAULT_MODEL), TURN, TURN)
    assert isinstance(events[1], talk.UsageReported)
    assert events[1].cost_usd == 0.002112
    assert events[1].so_far.cost_usd == pytest.approx(0.004224)
    assert events[1].so_far.total_tokens == 1458


def test_a_cost_that_gets_lost_stays_lost_and_is_noted_once() -> None:
    tally = Tally(DEFAULT_MODEL)
    events = taken(tally, TURN, PICTURE, PICTURE, TURN)
    assert costs(events) == [0.002112, None, None, 0.002112]
    assert notes(events) == ["the cost is not known from here on: image has no price"]
    assert tally.totals.cost_usd is None
    assert tally.prices_as_of is None


def test_a_model_whose_sound_has_no_price_says_so() -> None:
    (note,) = notes(taken(Tally(SOUNDLESS), TURN, TURN))
    assert note.endswith("the model's sound has no price")


@pytest.mark.parametrize("model", [None, "gemini-9-live"])
def test_where_nothing_is_paid_or_no_price_is_known_there_are_tokens_and_no_word_of_cost(
    model: str | None,
) -> None:
    tally = Tally(model)
    events = taken(tally, TURN, TURN)
    assert costs(events) == [None, None]
    assert notes(events) == []
    assert tally.totals.total_tokens == 1458
    assert tally.prices_as_of is None
