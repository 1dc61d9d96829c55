"""Scrolling: what is read stays where it is while more comes, and the end is followed again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.ui.details import Details, scrolled
from voicecli.ui.keys import Key

UP, DOWN = Key("up"), Key("down")


def after(details: Details, *keys: Key) -> Details:
    for key in keys:
        now = scrolled(details, key)
        assert now is not None
        details = now
    return details


def test_it_opens_at_the_end_and_follows_what_comes() -> None:
    opened = Details().drawn(rows=30, page=10)
    assert opened == Details(first=20, follows=True, page=10, last=20)
    assert opened.drawn(31, 10).first == 21


def test_who_has_scrolled_up_keeps_the_place() -> None:
    up = after(Details().drawn(30, 10), UP)
    assert up.first == 19
    assert up.drawn(40, 10).first == 19


def test_at_the_end_it_follows_again() -> None:
    back = after(Details().drawn(30, 10), UP, DOWN)
    assert back.drawn(40, 10).first == 30


@pytest.mark.parametrize(
    ("key", "first"),
    [
        (Key("up"), 19),
        (Key("char", "k"), 19),
        (Key("down"), 20),
        (Key("char", "j"), 20),
        (Key("page-up"), 10),
        (Key("page-down"), 20),
        (Key("home"), 0),
        (Key("end"), 20),
    ],
)
def test_each_key_moves_as_far_as_it_says(key: Key, first: int) -> None:
    assert after(Details().drawn(30, 10), key).first == first


def test_other_keys_are_not_for_scrolling() -> None:
    assert scrolled(Details(), Key("char", "m")) is None
    assert scrolled(Details(), Key("paste", "k")) is None


def test_fewer_rows_than_before_never_leave_it_beyond_the_end() -> None:
    up = after(Details().drawn(30, 10), UP)
    assert up.drawn(15, 10).first == 5
    assert up.drawn(3, 10).first == 0


names = ["up", "down", "page-up", "page-down", "home", "end"]
steps = st.tuples(st.sampled_from(names), st.integers(0, 50), st.integers(1, 20))


@given(st.lists(steps))
def test_there_is_always_something_to_see(taken: list[tuple[str, int, int]]) -> None:
    details = Details()
    for name, rows, page in taken:
        details = after(details, Key(name)).drawn(rows, page)
        assert 0 <= details.first <= details.last
        assert details.first + page <= max(rows, page)
