"""Schemas without references and titles, and in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import BaseModel

from voicecli.tools.schema import RecursiveSchemaError, Schema, in_words, tidy


class Place(BaseModel):
    """Somewhere."""

    title: str
    default: int = 3


class Trip(BaseModel):
    start: Place
    stops: list[Place] = []
    properties: dict[str, Place] = {}


class Tree(BaseModel):
    branches: list[Tree] = []


def test_definitions_stand_where_they_are_used() -> None:
    text = str(tidy(Trip.model_json_schema()))
    assert "$ref" not in text
    assert "$defs" not in text
    assert text.count("Somewhere.") == 3


def test_titles_go_but_not_what_is_called_title() -> None:
    place = tidy(Place.model_json_schema())
    assert place == {
        "description": "Somewhere.",
        "properties": {"title": {"type": "string"}, "default": {"type": "integer", "default": 3}},
        "required": ["title"],
        "type": "object",
    }


def test_what_stands_beside_a_reference_counts() -> None:
    schema = {
        "$defs": {"A": {"type": "string", "description": "of A"}},
        "properties": {"a": {"$ref": "#/$defs/A", "description": "of a"}},
    }
    properties = tidy(schema)["properties"]
    assert properties == {"a": {"type": "string", "description": "of a"}}


def test_a_constant_is_a_choice_of_one() -> None:
    assert tidy({"const": "a", "type": "string"}) == {"enum": ["a"], "type": "string"}


def test_data_is_left_alone() -> None:
    default = {"title": "T", "const": 1, "$ref": "#/$defs/None"}
    assert tidy({"default": default, "examples": [default]}) == {
        "default": default,
        "examples": [default],
    }


def test_a_schema_that_contains_itself_is_refused_by_name() -> None:
    with pytest.raises(RecursiveSchemaError, match="Tree"):
        tidy(Tree.model_json_schema())


PLACES = st.fixed_dictionaries(
    {"title": st.text() | st.none()}, optional={"default": st.integers()}
)


@given(
    st.fixed_dictionaries(
        {}, optional={"start": PLACES, "stops": st.lists(PLACES), "properties": st.just({})}
    )
)
def test_a_tidy_schema_accepts_what_the_other_one_does(value: object) -> None:
    schema = Trip.model_json_schema()
    tidied = Draft202012Validator(tidy(schema))
    assert tidied.is_valid(value) is Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"type": "string"}, "string"),
        ({"enum": ["a", 1, None]}, '"a" or 1 or null'),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "integer or null"),
        ({"oneOf": [{"type": "object"}, {"type": "string"}]}, "object or string"),
        ({"type": "array", "items": {"type": "number"}}, "array of number"),
        ({"type": "array"}, "array"),
        ({}, "anything"),
    ],
)
def test_a_schema_in_words(part: Schema, words: str) -> None:
    schema = {"properties": {"x": part, "y": part}, "required": ["x"]}
    assert in_words(schema) == f"x ({words}), y ({words}, optional)"


def test_nothing_in_words() -> None:
    assert in_words({"properties": {}}) == "nothing"
