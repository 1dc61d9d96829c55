"""Counts what the service used, turn by turn, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator

from voicecli.live.events import Usage
from voicecli.live.prices import MODALITIES, cost_usd, price_table, rates_of
from voicecli.talk import events as talk
from voicecli.talk.usage import UsageTotals


class Tally:
    """The totals of one conversation; `model` is None where nothing has to be paid."""

    def __init__(self, model: str | None) -> None:
        self._model = model
        self._priced = model is not None and rates_of(model) is not None
        self.totals = UsageTotals()

    @property
    def prices_as_of(self) -> str | None:
        """The month of the prices behind the cost, such as `2026-11`; None without a cost."""
        counted, known = self.totals.total_tokens > 0, self.totals.cost_usd is not None
        return price_table().as_of if self._priced and counted and known else None

    def take(self, turn: Usage, now_s: float) -> Iterator[talk.TalkEvent]:
        """A turn's tokens; the first whose cost is not known, of a model with prices, is noted."""
        cost = None if self._model is None else cost_usd(self._model, turn)
        known_before = self.totals.cost_usd is not None
        self.totals = self.totals.plus(turn, cost)
        yield talk.UsageReported(
            now_s,
            turn.prompt_tokens,
            turn.response_tokens,
            turn.thoughts_tokens,
            turn.total_tokens,
            turn.prompt_by_modality,
            turn.response_by_modality,
            cost,
            self.totals,
        )
        if self._priced and known_before and cost is None:
            what = _unpriced(turn)
            yield talk.Noted(now_s, f"the cost is not known from here on: {what} has no price")


def _unpriced(turn: Usage) -> str:
    """Which part of `turn` has no price: what the table does not cover, else the sound."""
    names = {*turn.prompt_by_modality, *turn.response_by_modality} - set(MODALITIES)
    return " and ".join(sorted(names)) or "the model's sound"
