"""What tokens cost: the price table of `prices.toml`, and the cost of a turn by it.

A cost is never too low: what a service's count leaves open is taken at the dearest price that it
can have, and with a price that is not known the cost is not known either.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from voicecli.live.events import Usage

# Prices are for this many tokens.
TOKENS_PER_PRICE = 1_000_000
# A token costs some 10^-6 dollars: what lies below this is an error of the arithmetic.
USD_DECIMALS = 9

MODALITIES = ("text", "audio")
"""The modalities that the table has prices for."""

Direction = Literal["in", "out"]


@dataclass(frozen=True, slots=True)
class Rates:
    """What a model's tokens cost, in US dollars for a million; None where that is not known."""

    text_in: float | None = None
    text_out: float | None = None
    audio_in: float | None = None
    audio_out: float | None = None

    @property
    def complete(self) -> bool:
        """Whether a conversation in sound and text has a known cost."""
        return None not in (self.text_in, self.text_out, self.audio_in, self.audio_out)

    def of(self, modality: str, direction: Direction) -> float | None:
        """The price of a modality; None if there is none for it."""
        by_modality = {
            "in": {"text": self.text_in, "audio": self.audio_in},
            "out": {"text": self.text_out, "audio": self.audio_out},
        }
        return by_modality[direction].get(modality)

    def dearest(self, *directions: Direction) -> float | None:
        """The highest price of `directions`; None if one of them is not known."""
        prices = [self.of(modality, way) for modality in MODALITIES for way in directions]
        known = [price for price in prices if price is not None]
        return max(known) if len(known) == len(prices) else None


@dataclass(frozen=True, slots=True)
class PriceTable:
    """The prices of a month, `as_of` such as `2026-11`, and where they come from."""

    as_of: str
    source: str
    models: Mapping[str, Rates]


@cache
def price_table() -> PriceTable:
    """The table that comes with voicecli."""
    table = tomllib.loads(files("voicecli.live").joinpath("prices.toml").read_text("utf-8"))
    models = {name: Rates(**prices) for name, prices in table["models"].items()}
    return PriceTable(table["as_of"], table["source"], models)


def rates_of(model: str) -> Rates | None:
    """The prices of `model`, with or without `models/`; None if the table does not know it."""
    return price_table().models.get(model.removeprefix("models/"))


def tokens_in(usage: Usage) -> int:
    """All tokens that went in: the count may lack what the modalities tell, and the reverse."""
    return max(usage.prompt_tokens, sum(usage.prompt_by_modality.values()))


def tokens_out(usage: Usage) -> int:
    """All tokens that came out, without thoughts."""
    return max(usage.response_tokens, sum(usage.response_by_modality.values()))


def cost_usd(model: str, usage: Usage) -> float | None:
    """What a turn costs with `model`, in US dollars; None if one of its prices is not known.

    Thoughts are text that comes out. Tokens of no modality cost what the dearer one does, and
    those that only the total counts what the dearest token of the model does.
    """
    rates = rates_of(model)
    if rates is None:
        return None
    ins, outs = usage.prompt_by_modality, usage.response_by_modality
    went_in, came_out = tokens_in(usage), tokens_out(usage)
    only_in_total = usage.total_tokens - went_in - came_out - usage.thoughts_tokens
    return _sum_usd(
        *((count, rates.of(modality, "in")) for modality, count in ins.items()),
        *((count, rates.of(modality, "out")) for modality, count in outs.items()),
        (usage.thoughts_tokens, rates.of("text", "out")),
        (went_in - sum(ins.values()), rates.dearest("in")),
        (came_out - sum(outs.values()), rates.dearest("out")),
        (max(only_in_total, 0), rates.dearest("in", "out")),
    )


def _sum_usd(*parts: tuple[int, float | None]) -> float | None:
    """Counts and their prices; a price that is not known matters only if there is a count."""
    if any(count and price is None for count, price in parts):
        return None
    total = sum(count * (price or 0.0) for count, price in parts)
    return round(total / TOKENS_PER_PRICE, USD_DECIMALS)
