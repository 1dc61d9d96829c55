"""Schemas come from strangers: each becomes one that the service takes, or a reason why not."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.tools.mcp.schemas import (
    LARGEST_SCHEMA_CHARACTERS,
    UnusableSchemaError,
    read_schema,
)
from voicecli.tools.tool import ArgumentsError


def parameters(schema: object) -> dict[str, object]:
    return read_schema(schema)[0]


def refusal(schema: object) -> str:
    with pytest.raises(UnusableSchemaError) as caught:
        read_schema(schema)
    return str(caught.value)


def with_property(schema: object, **more: object) -> dict[str, object]:
    return {"type": "object", "properties": {"a": schema}, **more}


def test_a_plain_schema_stays_as_it_is() -> None:
    schema = with_property({"type": "string", "description": "A path.", "enum": ["x", "y"]})
    assert parameters(schema) == schema


def test_what_the_service_needs_is_added() -> None:
    assert parameters({}) == {"type": "object", "properties": {}}
    assert parameters({"properties": {}}) == {"type": "object", "properties": {}}


def test_references_are_written_out() -> None:
    place = {"type": "object", "properties": {"city": {"type": "string"}}}
    schema = with_property(
        {"$ref": "#/$defs/Place", "description": "Where."},
        **{"$defs": {"Place": place}, "$schema": "https://json-schema.org/draft/2020-12/schema"},
    )
    assert parameters(schema) == with_property({**place, "description": "Where."})


def test_references_in_lists_and_to_references_are_written_out() -> None:
    schema = with_property(
        {"anyOf": [{"$ref": "#/definitions/B"}, {"type": "null"}]},
        definitions={"A": {"type": "integer"}, "B": {"$ref": "#/definitions/A"}},
    )
    assert parameters(schema) == with_property({"anyOf": [{"type": "integer"}, {"type": "null"}]})


def test_a_pointer_may_hold_signs_that_are_escaped() -> None:
    schema = with_property({"$ref": "#/$defs/a~1b~0c"}, **{"$defs": {"a/b~c": {"type": "null"}}})
    assert parameters(schema) == with_property({"type": "null"})


def test_a_property_may_have_the_name_of_a_keyword() -> None:
    names: dict[str, object] = {
        name: {"type": "string"} for name in ("$ref", "$defs", "properties", "pattern", "enum")
    }
    assert parameters({"type": "object", "properties": names})["properties"] == names


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (None, "not an object"),
        ([], "not an object"),
        ({"type": "string"}, "not an object"),
        ({"type": ["object", "null"]}, "not an object"),
        (with_property({"type": "carrot"}), "not valid"),
        (with_property("string"), "not valid"),
        ({"properties": []}, "not valid"),
        ({"required": "a"}, "not valid"),
        (with_property({"$ref": "https://example.org/schema"}), "another document"),
        (with_property({"$ref": 5}), "another document"),
        (with_property({"$ref": "#/$defs/nothing"}), "does not have"),
        (with_property({"$ref": "#"}), "recursive"),
        (with_property({"$ref": "#/properties/a"}), "recursive"),
        (with_property({"default": float("nan")}), "JSON"),
        (with_property({"description": "x" * LARGEST_SCHEMA_CHARACTERS}), "characters"),
    ],
)
def test_what_cannot_be_declared_is_refused_with_a_reason(schema: object, said: str) -> None:
    assert said in refusal(schema)


def test_a_tree_is_recursive() -> None:
    node = {"type": "object", "properties": {"children": {"items": {"$ref": "#/$defs/Node"}}}}
    assert "recursive" in refusal(
        with_property({"$ref": "#/$defs/Node"}, **{"$defs": {"Node": node}})
    )


def test_references_that_multiply_are_refused_soon() -> None:
    twice = {f"L{level}": {"anyOf": [{"$ref": f"#/$defs/L{level + 1}"}] * 2} for level in range(30)}
    began_s = time.perf_counter()
    assert "too large" in refusal(with_property({"$ref": "#/$defs/L0"}, **{"$defs": twice}))
    assert time.perf_counter() - began_s < 5


def test_nesting_has_an_end() -> None:
    schema: dict[str, object] = {}
    for _ in range(200):
        schema = {"not": schema}
    assert "too large" in refusal(with_property(schema))


# the check


def check(schema: object, args: dict[str, Any]) -> None:
    read_schema(schema)[1](args)


def test_arguments_that_fit_pass() -> None:
    schema = with_property({"type": "integer"}, required=["a"], additionalProperties=False)
    check(schema, {"a": 5})


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({}, "'a' is a required property"),
        ({"a": "five"}, "['a']: 'five' is not of type 'integer'"),
        ({"a": 5, "b": 6}, "'b' was unexpected"),
    ],
)
def test_arguments_that_do_not_fit_are_an_error_for_the_model(
    args: dict[str, object], said: str
) -> None:
    schema = with_property({"type": "integer"}, required=["a"], additionalProperties=False)
    with pytest.raises(ArgumentsError) as caught:
        check(schema, args)
    assert said in str(caught.value)


def test_the_error_is_short_however_long_the_argument() -> None:
    with pytest.raises(ArgumentsError) as caught:
        check(with_property({"type": "integer"}), {"a": "x" * 100_000})
    assert len(str(caught.value)) <= 400


def test_a_strangers_pattern_is_not_matched() -> None:
    """It would take hours."""
    check(with_property({"type": "string", "pattern": "(a+)+$"}), {"a": "a" * 50 + "!"})
    check({"patternProperties": {"(a+)+$": {}}, "additionalProperties": False}, {"a" * 50 + "!": 1})


def test_older_versions_of_json_schema_are_read_as_such() -> None:
    old = "http://json-schema.org/draft-07/schema#"
    pair = with_property({"items": [{"type": "string"}]}, **{"$schema": old})
    check(pair, {"a": ["x"]})
    with pytest.raises(ArgumentsError):
        check(pair, {"a": [1]})
    assert parameters({"$schema": ["not text"]}) == {"type": "object", "properties": {}}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "properties", "items", "$ref", "enum", "anyOf", "required", "$defs", "a"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_schema_is_declared_or_refused(schema: object) -> None:
    try:
        declared, check_args = read_schema(schema)
    except UnusableSchemaError:
        return
    assert declared["type"] == "object"
    assert len(json.dumps(declared)) <= LARGEST_SCHEMA_CHARACTERS
    try:
        check_args({"a": 1})
    except ArgumentsError as error:
        assert str(error)  # noqa: PT017 - either is right
