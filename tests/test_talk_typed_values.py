"""What comes out of foreign JSON has the types that the code relies on, or is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.talk.typed_values import MAX_NUMBER, build, read


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Inner:
    name: str


@dataclass(frozen=True, slots=True)
class Outer:
    at_s: float
    inner: Inner | None
    many: tuple[Inner, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    colour: Colour = Colour.RED


def test_a_dataclass_is_built_to_its_depth() -> None:
    values = {"at": 2, "inner": {"name": "a"}, "many": [{"name": "b"}], "counts": {"x": 1}}
    expected = Outer(2.0, Inner("a"), (Inner("b"),), {"x": 1})
    assert build(Outer, values, {"at_s": "at"}) == expected


def test_what_has_a_default_may_be_missing() -> None:
    assert build(Outer, {"at_s": 1.5, "inner": None}, {}) == Outer(1.5, None)


@pytest.mark.parametrize(
    "values",
    [
        {"inner": None},
        {"at_s": 1.0},
        {"at_s": 1.0, "inner": "a"},
        {"at_s": 1.0, "inner": {"name": None}},
        {"at_s": 1.0, "inner": None, "many": {"name": "b"}},
        {"at_s": 1.0, "inner": None, "counts": {"x": "1"}},
        {"at_s": 1.0, "inner": None, "colour": "blue"},
        {"at_s": 1.0, "inner": None, "colour": []},
    ],
)
def test_what_is_missing_or_of_another_type_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        build(Outer, values, {})


@pytest.mark.parametrize(
    ("value", "declared", "made"),
    [
        (1, float, 1.0),
        (1, int, 1),
        (True, bool, True),
        ("input", Literal["input", "output"], "input"),
        ("red", Colour, Colour.RED),
        (None, str | None, None),
        ({"a": [1]}, object, {"a": [1]}),
    ],
)
def test_a_value_of_its_type_is_taken(value: object, declared: Any, made: object) -> None:
    again = read(value, declared)
    assert again == made
    assert type(again) is type(made)


@pytest.mark.parametrize(
    ("value", "declared"),
    [
        (True, int),
        (True, float),
        (1.0, int),
        (1, bool),
        (1, str),
        ("both", Literal["input", "output"]),
        (True, Literal[1]),
        (MAX_NUMBER * 2, float),
        (10**400, float),
        (float("nan"), float),
        (float("-inf"), float),
    ],
)
def test_a_value_of_another_type_is_refused(value: object, declared: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(value, declared)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.sampled_from(["at_s", "inner", "many", "counts", "colour"]), json_values))
def test_nothing_but_a_refusal_comes_of_any_values(values: dict[str, object]) -> None:
    try:
        made = build(Outer, values, {})
    except ValueError:
        return
    assert type(made.at_s) is float
    assert made.inner is None or type(made.inner.name) is str
