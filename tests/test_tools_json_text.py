"""What a function gives as JSON: plain, whatever it is made of."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from voicecli.tools.json_text import json_text

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


class City(BaseModel):
    name: str
    since: datetime


@dataclass
class Point:
    x: int
    kind: Kind


class Kind(Enum):
    A = "a"


@given(PLAIN)
def test_what_json_can_say_stays_as_it_is(value: object) -> None:
    assert json.loads(json_text(value)) == value


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (City(name="Bonn", since=datetime(2026, 1, 2, tzinfo=UTC)), None),
        (Point(1, Kind.A), {"x": 1, "kind": "a"}),
        ([Kind.A, Path("a/b")], ["a", "a/b"]),
        ((1, 2), [1, 2]),
        ({3}, [3]),
        (b"\xff", "b'\\xff'"),
        (print, str(print)),
    ],
)
def test_what_python_has_besides_is_made_plain(value: object, plain: object) -> None:
    expected = {"name": "Bonn", "since": "2026-01-02T00:00:00Z"} if plain is None else plain
    assert json.loads(json_text(value)) == expected


@pytest.mark.parametrize("value", [float("inf"), float("nan"), [float("-inf")]])
def test_a_number_without_an_end_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_text(value)


def test_a_number_without_an_end_is_refused_in_a_model_too() -> None:
    class Reading(BaseModel):
        value: float

    with pytest.raises(ValueError, match="not JSON compliant"):
        json_text(Reading(value=float("inf")))


def test_half_of_a_surrogate_pair_is_replaced() -> None:
    assert json_text("x\ud800") == '"x\ufffd"'


@given(st.text(st.characters(codec=None)))
def test_any_text_can_be_sent(text: str) -> None:
    json_text(text).encode()
