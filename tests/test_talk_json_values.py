"""Tools may return anything; the JSON lines must stay valid JSON all the same."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.talk.json_values import MAX_DEPTH, jsonable

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
