"""Text of the model and of tools must never steer the terminal, nor hide in it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.ui.escape import one_line, visible

BIDI_AND_HIDDEN = (
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u2060\ufeff\u2028\u2029"
)
any_text = st.text(st.characters(codec=None))
nasty = st.text(
    st.sampled_from(f"\x00\x07\x1b[31m\x7f\x9b\r\n\t\u200c\u200d\ud800aé👩{BIDI_AND_HIDDEN}")
)


def controls(text: str) -> list[str]:
    return [
        c
        for c in text
        if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or c in BIDI_AND_HIDDEN
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "␛[2J"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("\x00", "␀"),
        ("\x7f", "␡"),
        ("\x9b31m", "\\x9b31m"),
        ("a\u202eb", "a\\u202eb"),
        ("\u2028", "\\u2028"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("a\u200db", "a\\u200db"),
        ("over\rwritten", "over␍written"),
    ],
)
def test_what_steers_or_hides_becomes_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    "text", ["naïve café", "日本語", "👩‍👩‍👧", "می‌خواهم", "क्‍ष", "שלום\u200f!", "🏳️‍🌈"]
)
def test_ordinary_writing_stays_as_it_is(text: str) -> None:
    assert visible(text) == text
    assert one_line(text) == text


def test_newlines_stay_and_tabs_become_spaces() -> None:
    assert visible("a\r\nb\n\tc") == "a\nb\n    c"


def test_one_line_joins_lines_with_single_spaces() -> None:
    assert one_line(" a\r\n\r\n\t b \n") == "a b"


@given(any_text | nasty)
def test_the_result_holds_no_control_character(text: str) -> None:
    assert controls(visible(text).replace("\n", "")) == []
    assert controls(one_line(text)) == []


@given(any_text | nasty)
def test_doing_it_twice_changes_nothing(text: str) -> None:
    assert visible(visible(text)) == visible(text)
    assert one_line(one_line(text)) == one_line(text)


@given(any_text)
def test_the_result_can_be_written_as_utf8(text: str) -> None:
    assert isinstance(visible(text).encode(), bytes)
    assert isinstance(one_line(text).encode(), bytes)
