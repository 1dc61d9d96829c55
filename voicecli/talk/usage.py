"""Tokens and cost of a conversation so far. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from voicecli.live.events import Usage
from voicecli.live.prices import USD_DECIMALS, tokens_in, tokens_out


@dataclass(frozen=True, slots=True)
class UsageTotals:
    """The sum over all turns; the total counts are at least those of their parts.

    `cost_usd` is None as soon as the cost of one turn is not known.
    """

    prompt_tokens: int = 0
    response_tokens: int = 0
    thoughts_tokens: int = 0
    total_tokens: int = 0
    prompt_by_modality: Mapping[str, int] = field(default_factory=dict)
    response_by_modality: Mapping[str, int] = field(default_factory=dict)
    cost_usd: float | None = 0.0

    def plus(self, turn: Usage, cost_usd: float | None) -> UsageTotals:
        """The totals after `turn`, which cost `cost_usd`."""
        went_in, came_out, thoughts = tokens_in(turn), tokens_out(turn), turn.thoughts_tokens
        return UsageTotals(
            self.prompt_tokens + went_in,
            self.response_tokens + came_out,
            self.thoughts_tokens + thoughts,
            self.total_tokens + max(turn.total_tokens, went_in + came_out + thoughts),
            _added(self.prompt_by_modality, turn.prompt_by_modality),
            _added(self.response_by_modality, turn.response_by_modality),
            None
            if self.cost_usd is None or cost_usd is None
            else round(self.cost_usd + cost_usd, USD_DECIMALS),
        )


def _added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    names = dict.fromkeys((*one, *other))
    return {name: one.get(name, 0) + other.get(name, 0) for name in names}
