"""The tools that a client offers, in its setup or later, or why the service takes none of them.

Where the service's own words for a refusal are known (of `generateContent`, which checks
declarations alike), the reason is these; otherwise it is the general one, `INVALID_ARGUMENT`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from voicecli.local.json_fields import Fields
from voicecli.local.models import Model
from voicecli.local.refusal import Refusal

# What users were told of larger lists (google-gemini/gemini-cli#19083); Vertex AI documents 128.
MAX_FUNCTIONS = 512

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}")
# Where a schema in `parameters` holds further ones, beside its properties.
_ONE_SCHEMA = ("items",)
_LISTS_OF_SCHEMAS = ("anyOf", "prefixItems")


@dataclass(frozen=True, slots=True)
class Tools:
    """What the model may use: functions by name, with their behavior, and Google's own tools."""

    functions: Mapping[str, str] = field(default_factory=dict)
    search: bool = False
    code: bool = False
    urls: bool = False


def read_tools(model: Model, tools: list[Fields], path: str) -> Tools:
    """The tools of a setup or of a later update; `path` is where the message holds them."""
    functions: dict[str, str] = {}
    search = code = urls = False
    for at, tool in enumerate(tools):
        search = search or tool.message("googleSearch") is not None
        code = code or tool.message("codeExecution") is not None
        urls = urls or tool.message("urlContext") is not None
        where = f"{path}.tools[{at}].function_declarations"
        declared = tool.messages("functionDeclarations")
        if len(declared) > MAX_FUNCTIONS:
            raise Refusal(
                f"{where}: [FIELD_INVALID] At most {MAX_FUNCTIONS} function declarations can be "
                "specified."
            )
        for index, function in enumerate(declared):
            name = _name(function, f"{where}[{index}]")
            if name in functions:
                raise Refusal(f"Duplicate function declaration found: {name}")
            functions[name] = _behavior(model, function)
            _check_parameters(function, f"{where}[{index}]")
    if (code and not model.code_execution) or (urls and not model.url_context):
        raise Refusal
    return Tools(functions, search, code, urls)


def _name(function: Fields, where: str) -> str:
    name = function.text("name")
    if not _NAME.fullmatch(name):
        raise Refusal(
            f"{where}.name: [FIELD_INVALID] Invalid function name. Must start with a letter or an "
            "underscore."
        )
    return name


def _behavior(model: Model, function: Fields) -> str:
    behavior = function.text("behavior").upper()
    if behavior in ("", "UNSPECIFIED"):
        return model.behaviors[0]
    if behavior in model.behaviors:
        return behavior
    if behavior == "BLOCKING":
        raise Refusal("BLOCKING function calls are not supported for this model")
    raise Refusal


def _check_parameters(function: Fields, where: str) -> None:
    """One of two forms: `parameters`, or a JSON schema of type object."""
    schema = function.message("parameters")
    json_schema = function.message("parametersJsonSchema")
    if json_schema is None:
        _check_schema(schema, f"{where}.parameters")
        return
    # A JSON schema is the user's data: its names are looked up in one case.
    if schema is not None or json_schema.data.get("type") != "object":
        raise Refusal
    properties = json_schema.data.get("properties", {})
    required = json_schema.data.get("required", [])
    if not isinstance(properties, dict) or not isinstance(required, list):
        raise Refusal
    if not all(isinstance(one, dict | bool) for one in properties.values()):
        raise Refusal
    if not all(isinstance(one, str) for one in required):
        raise Refusal


def _check_schema(schema: Fields | None, where: str) -> None:
    """`parameters` is no full JSON Schema; `additionalProperties` belongs to the JSON form."""
    unchecked = [schema]
    while unchecked:
        schema = unchecked.pop()
        if schema is None:
            continue
        if schema.has("additionalProperties"):
            raise Refusal(
                'Invalid JSON payload received. Unknown name "additionalProperties" '
                f"at '{where}': Cannot find field."
            )
        properties = schema.message("properties")
        # A property may have any name, so none is looked up in two cases.
        for value in properties.data.values() if properties else ():
            unchecked.append(Fields({"property": value}, where).message("property"))
        unchecked.extend(schema.message(name) for name in _ONE_SCHEMA)
        for name in _LISTS_OF_SCHEMAS:
            unchecked.extend(schema.messages(name))
