"""Figures are short, and say neither less nor more than what is known."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.talk.events import Ended
from voicecli.talk.usage import UsageTotals
from voicecli.ui.amounts import count, running, spent, tokens, usd

USED = UsageTotals(1200, 63, 40, 1303, {"text": 800, "audio": 400}, {"audio": 63}, 0.0123)


def told(used: UsageTotals, prices_as_of: str | None = "2026-11") -> tuple[str, ...]:
    return spent(Ended(62, "you left", 1, 0, used, prices_as_of))


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1.0k"),
        (1_234, "1.2k"),
        (9_949, "9.9k"),
        (9_950, "10k"),
        (12_345, "12k"),
        (999_499, "999k"),
        (999_500, "1.0M"),
        (1_234_567, "1.2M"),
        (2_500_000_000, "2.5G"),
        (2_500_000_000_000, "2500G"),
    ],
)
def test_counts(number: int, shown: str) -> None:
    assert count(number) == shown


def test_one_token_is_no_tokens() -> None:
    assert [tokens(number) for number in (0, 1, 2)] == ["0 tokens", "1 token", "2 tokens"]


@pytest.mark.parametrize(
    ("dollars", "shown"),
    [
        (0.0, "$0"),
        (0.00000075, "<$0.0001"),
        (0.0001, "$0.0001"),
        (0.0004, "$0.0004"),
        (0.00994, "$0.0099"),
        (0.00996, "$0.010"),
        (0.0123, "$0.012"),
        (0.0996, "$0.10"),
        (0.5, "$0.50"),
        (1.2345, "$1.23"),
        (1234.5, "$1234.50"),
    ],
)
def test_dollars(dollars: float, shown: str) -> None:
    assert usd(dollars) == shown


@given(st.integers(0, 10**12))
def test_a_count_is_near_the_number(number: int) -> None:
    match = re.fullmatch(r"([\d.]+)([kMG]?)", count(number))
    assert match is not None
    size = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9}[match[2]]
    assert float(match[1]) * size == pytest.approx(number, rel=0.055)


@given(st.floats(0.0001, 1e6))
def test_an_amount_is_near_the_dollars(dollars: float) -> None:
    assert float(usd(dollars).removeprefix("$")) == pytest.approx(dollars, rel=0.06, abs=0.00006)


def test_the_summary_tells_tokens_by_modality_and_the_month_of_the_prices() -> None:
    assert told(USED) == (
        "1.3k tokens · in: 800 text, 400 audio · out: 63 audio, 40 thoughts",
        "cost: $0.012 at the prices of 2026-11",
    )


def test_without_a_known_cost_there_are_only_tokens() -> None:
    unknown = UsageTotals(10, 0, 0, 10, {"text": 10}, cost_usd=None)
    assert told(unknown, None) == ("10 tokens · in: 10 text",)


def test_what_no_modality_accounts_for_is_told() -> None:
    assert told(UsageTotals(10, 5, 0, 15, {"text": 7}), None) == (
        "15 tokens · in: 7 text, 3 unspecified · out: 5 unspecified",
    )
    assert told(UsageTotals(total_tokens=7), None) == ("7 tokens",)


def test_of_nothing_nothing_is_told() -> None:
    assert told(UsageTotals()) == ()
    assert running(UsageTotals()) == ("", "")


def test_figures_of_a_running_conversation() -> None:
    assert running(USED) == ("1.3k tokens", "$0.012")
    assert running(UsageTotals(total_tokens=1, cost_usd=None)) == ("1 token", "")


def test_the_name_of_a_modality_steers_no_terminal() -> None:
    (line,) = told(UsageTotals(1, 0, 0, 1, {"a\x1b[2J\nb": 1}), None)
    assert "\x1b" not in line
    assert "\n" not in line
