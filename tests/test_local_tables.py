"""Values of hand-written tables are checked, and a wrong one is named."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.errors import UsageError
from voicecli.local.tables import MAX_NUMBER, Table, type_of


def table(**values: object) -> Table:
    return Table(values, "x.toml, entry 1", tuple(values) or ("key",))


def why_not(values: object, getter: str, *arguments: object) -> str:
    with pytest.raises(UsageError, match=r"^x\.toml, entry 1: `key` is not usable") as caught:
        getattr(table(key=values), getter)("key", *arguments)
    return caught.value.why


def test_what_is_left_out_is_what_is_usual() -> None:
    empty = table()
    assert empty.text("key") == ""
    assert empty.texts("key") == ()
    assert empty.tables("key") == []
    assert empty.number("key", 1.5) == 1.5
    assert empty.integer("key", 7) == 7


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (True, "a number is needed, not true or false"),
        ("1", "a number is needed, not a text"),
        (-0.1, "a number from 0 to"),
        (math.nan, "a number from 0 to"),
        (MAX_NUMBER + 1, "a number from 0 to"),
        (10**400, "a number from 0 to"),
    ],
)
def test_a_number_is_one_that_can_be_reckoned_with(value: object, why: str) -> None:
    assert why_not(value, "number", 0.0).startswith(why)
    assert why_not(value, "integer", 0).startswith(why)


def test_a_whole_number_has_no_fraction() -> None:
    assert why_not(1.5, "integer", 0) == "a whole number is needed"


def test_a_choice_is_one_of_the_list_and_the_nearest_is_proposed() -> None:
    assert table(key="close").choice("key", ("close", "drop")) == "close"
    with pytest.raises(UsageError, match="`clos` is none of close, drop") as caught:
        table(key="clos").choice("key", ("close", "drop"))
    assert caught.value.hint == "did you mean `close`?"
    assert why_not(" ", "choice", ("close",)) == "it is missing or empty"


def test_an_unknown_key_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="unknown key `cod`") as caught:
        Table({"cod": 1}, "x.toml", ("code", "kind"))
    assert caught.value.hint == "did you mean `code`?"


@given(st.integers(0, MAX_NUMBER))
def test_every_number_in_range_is_taken(value: int) -> None:
    assert table(key=value).integer("key", 0) == value
    assert table(key=float(value)).number("key", 0.0) == value


def test_types_are_named_as_toml_does() -> None:
    named = [type_of(value) for value in ({}, [], "", False, 1, 1.5, object())]
    assert named == [
        "a table",
        "a list",
        "a text",
        "true or false",
        "a number",
        "a number",
        "a date or time",
    ]
