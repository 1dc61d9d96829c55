"""What a client may offer, declaration by declaration, and in which words the rest is refused."""

from __future__ import annotations

import json
import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.local.json_fields import Fields
from voicecli.local.models import find_model
from voicecli.local.refusal import INVALID_ARGUMENT, Refusal
from voicecli.local.tool_check import MAX_FUNCTIONS, Tools, read_tools

NATIVE_25 = "gemini-2.5-flash-native-audio-preview-12-2025"
FLASH_31 = "gemini-3.1-flash-live-preview"
LIVE_38 = "gemini-3.8-live"
EXTENDED = "gemini-3.8-live-extended-thinking"
CASCADE = "gemini-live-2.5-flash-preview"
NATIVE = (NATIVE_25, FLASH_31, LIVE_38, EXTENDED)

Json = dict[str, object]


def function(name: str = "f", **fields: object) -> list[Json]:
    return [{"functionDeclarations": [{"name": name, **fields}]}]


def read(model: str, tools: list[Json]) -> Tools:
    found = find_model(model)
    assert found is not None
    return read_tools(found, [Fields(tool) for tool in tools], "setup")


def refusal(model: str, tools: list[Json]) -> tuple[int, str]:
    with pytest.raises(Refusal) as refused:
        read(model, tools)
    return refused.value.code, refused.value.reason


def test_all_tools_together_are_taken_by_the_model_that_has_them() -> None:
    google: list[Json] = [{"googleSearch": {}}, {"codeExecution": {}}, {"url_context": {}}]
    expected = Tools({"f": "BLOCKING"}, search=True, code=True, urls=True)
    assert read(CASCADE, [*google, *function()]) == expected
    one: Json = {"google_search": {}, "code_execution": {}, "urlContext": {}, **function()[0]}
    assert read(CASCADE, [one]) == expected
    assert read(CASCADE, []) == Tools()


@pytest.mark.parametrize("model", [*NATIVE, CASCADE])
def test_every_model_has_the_search(model: str) -> None:
    assert read(model, [{"googleSearch": {}}]) == Tools(search=True)


@pytest.mark.parametrize("model", NATIVE)
@pytest.mark.parametrize("tool", ["codeExecution", "code_execution", "urlContext"])
def test_code_execution_and_url_context_are_refused(model: str, tool: str) -> None:
    assert refusal(model, [{tool: {}}]) == (1007, INVALID_ARGUMENT)


@pytest.mark.parametrize(
    ("model", "unsaid", "blocking", "non_blocking"),
    [
        (NATIVE_25, "BLOCKING", True, True),
        (FLASH_31, "BLOCKING", True, False),
        (LIVE_38, "NON_BLOCKING", True, True),
        (EXTENDED, "NON_BLOCKING", False, True),
        (CASCADE, "BLOCKING", True, True),
    ],
)
def test_behaviors_of_functions(
    model: str, unsaid: str, blocking: bool, non_blocking: bool
) -> None:
    assert read(model, function()).functions == {"f": unsaid}
    unspecified = function(behavior="UNSPECIFIED")
    assert read(model, unspecified).functions == {"f": unsaid}
    for behavior, allowed in (("BLOCKING", blocking), ("NON_BLOCKING", non_blocking)):
        tools = function(behavior=behavior)
        if allowed:
            assert read(model, tools).functions == {"f": behavior}
        else:
            assert refusal(model, tools)[0] == 1007


def test_extended_thinking_says_why_it_refuses_a_blocking_function() -> None:
    assert refusal(EXTENDED, function(behavior="BLOCKING")) == (
        1007,
        "BLOCKING function calls are not supported for this model",
    )


@pytest.mark.parametrize(
    "parameters",
    [
        {"additionalProperties": False},
        {"properties": {"a": {"additional_properties": True}}},
        {"items": {"additionalProperties": True}},
        {"anyOf": [{"type": "STRING"}, {"properties": {"a": {"additionalProperties": True}}}]},
    ],
)
def test_additional_properties_are_refused_wherever_they_hide(parameters: Json) -> None:
    code, reason = refusal(LIVE_38, function(parameters=parameters))
    assert code == 1007
    assert reason.startswith(
        'Invalid JSON payload received. Unknown name "additionalProperties" at '
        "'setup.tools[0].function_declarations"
    )


def test_a_property_may_be_called_additional_properties() -> None:
    parameters: Json = {"properties": {"additionalProperties": {"type": "STRING"}}}
    assert read(LIVE_38, function(parameters=parameters))


SCHEMA: Json = {
    "type": "object",
    "properties": {"a": {"type": "string"}, "b": True},
    "required": ["a"],
    "additionalProperties": False,
}


def test_the_json_form_of_parameters_may_have_additional_properties() -> None:
    for tools in (function(parametersJsonSchema=SCHEMA), function(parameters_json_schema=SCHEMA)):
        assert read(LIVE_38, tools).functions == {"f": "NON_BLOCKING"}


@pytest.mark.parametrize(
    "change",
    [
        {"type": "array"},
        {"type": "OBJECT"},
        {"type": ["object"]},
        {"properties": []},
        {"properties": {"a": "string"}},
        {"required": "a"},
        {"required": [1]},
    ],
)
def test_the_json_form_has_to_be_a_schema_of_an_object(change: Json) -> None:
    tools = function(parametersJsonSchema={**SCHEMA, **change})
    assert refusal(LIVE_38, tools) == (1007, INVALID_ARGUMENT)


def test_the_json_form_without_a_type_is_refused() -> None:
    assert refusal(LIVE_38, function(parametersJsonSchema={})) == (1007, INVALID_ARGUMENT)


def test_the_two_forms_of_parameters_exclude_each_other() -> None:
    tools = function(parametersJsonSchema=SCHEMA, parameters={"type": "OBJECT"})
    assert refusal(LIVE_38, tools) == (1007, INVALID_ARGUMENT)


def test_a_schema_as_deep_as_json_gets_is_no_danger() -> None:
    schema: Json = {}
    for _ in range(50_000):
        schema = {"items": schema}
    assert read(LIVE_38, function(parameters=schema))


@pytest.mark.parametrize("name", ["f", "_f", "A.b:c-d_1", "f" * 64])
def test_names_that_are_in_order(name: str) -> None:
    assert name in read(LIVE_38, function(name)).functions


@pytest.mark.parametrize("name", ["", "1f", "-f", ".f", "a b", "a/b", "é", "f\n", "f" * 65])
def test_other_names_are_refused_with_their_place(name: str) -> None:
    code, reason = refusal(LIVE_38, [{"googleSearch": {}}, *function(name)])
    assert code == 1007
    assert reason.startswith(
        "setup.tools[1].function_declarations[0].name: [FIELD_INVALID] Invalid function name."
    )


def test_a_name_is_declared_once_in_all_tools_together() -> None:
    duplicate = (1007, "Duplicate function declaration found: f")
    assert refusal(LIVE_38, [*function(), *function()]) == duplicate
    assert refusal(LIVE_38, [{"functionDeclarations": [{"name": "f"}, {"name": "f"}]}]) == duplicate


def test_names_that_differ_in_case_are_two() -> None:
    assert len(read(LIVE_38, [*function("f"), *function("F")]).functions) == 2


def test_there_is_a_most_of_functions() -> None:
    declared = [{"name": f"f{at}"} for at in range(MAX_FUNCTIONS + 1)]
    assert len(read(LIVE_38, [{"functionDeclarations": declared[1:]}]).functions) == MAX_FUNCTIONS
    code, reason = refusal(LIVE_38, [{"functionDeclarations": declared}])
    assert code == 1007
    assert reason.endswith("At most 512 function declarations can be specified.")


NAMES = st.sampled_from(
    re.findall(
        r"\w+",
        "name description parameters parametersJsonSchema behavior functionDeclarations f g type "
        "googleSearch codeExecution urlContext object properties required items anyOf BLOCKING",
    )
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from([*NATIVE, CASCADE]), st.lists(st.dictionaries(NAMES, VALUES), max_size=3))
def test_any_tools_are_taken_or_refused(model: str, tools: list[Json]) -> None:
    with suppress(Refusal):
        found = read(model, json.loads(json.dumps(tools)))
        assert all(found.functions)
