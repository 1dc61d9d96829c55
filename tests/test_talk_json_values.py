"""Tools may return anything; the JSON lines must stay valid JSON all the same."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.talk.json_values import (
    MAX_DEPTH,
    MAX_SHOWN_CHARS,
    MAX_SHOWN_LINES,
    jsonable,
    shown_whole,
)

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.complex_numbers()
)
trees = st.recursive(
    leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner)
)


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError("no")


@dataclass(frozen=True)
class Point:
    x: int
    y: object


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": [1, 2.5, None, True]}, {"a": [1, 2.5, None, True]}),
        ((1, 2), [1, 2]),
        ({1: "one"}, {"1": "one"}),
        (b"\x00\x01", "<2 bytes>"),
        (math.inf, "inf"),
        (Point(1, {2}), {"x": 1, "y": "{2}"}),
        (Point, str(Point)),
        (Unprintable(), "<Unprintable>"),
        (1 << 5000, hex(1 << 5000)),
    ],
)
def test_values_that_json_lacks_become_strings(value: object, expected: object) -> None:
    assert jsonable(value) == expected


def test_a_value_that_contains_itself_ends() -> None:
    endless: list[object] = []
    endless.append(endless)
    text = json.dumps(jsonable(endless), ensure_ascii=False)
    assert text == "[" * MAX_DEPTH + '"…"' + "]" * MAX_DEPTH


@given(trees)
def test_the_result_is_always_strict_json(value: object) -> None:
    json.dumps(jsonable(value), allow_nan=False)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_json_passes_unchanged(value: object) -> None:
    assert jsonable(value) == value


def nested(levels: int) -> object:
    return [nested(levels - 1)] if levels else "rm"


@pytest.mark.parametrize(
    ("args", "whole"),
    [
        ({}, True),
        ({"a": "x" * (MAX_SHOWN_CHARS // 2), "b": [1, {"c": None}]}, True),
        ({"a": "x" * MAX_SHOWN_CHARS}, False),
        ({"a": "x" * (MAX_SHOWN_CHARS // 2), "b": "x" * (MAX_SHOWN_CHARS // 2)}, False),
        ({"a": "\n" * (MAX_SHOWN_LINES - 10)}, True),
        ({"a": "\n" * MAX_SHOWN_LINES}, False),
        ({"a": [0] * MAX_SHOWN_LINES}, False),
        ({"a": nested(MAX_DEPTH - 1)}, True),
        ({"a": nested(MAX_DEPTH)}, False),
        ({"a": nested(900)}, False),
        ({"a": math.nan}, False),
    ],
)
def test_what_is_too_long_or_too_deep_is_not_shown_whole(
    args: dict[str, object], whole: bool
) -> None:
    assert shown_whole(args) is whole
