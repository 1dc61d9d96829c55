"""JSON schemas as the Live API is sent them. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

Schema = dict[str, object]

REF_PREFIX = "#/$defs/"
# What stands below these are schemas by name, not a schema.
MAPS_OF_SCHEMAS = frozenset({"properties", "patternProperties", "dependentSchemas"})
# What stands below these is data, whatever it looks like.
DATA = frozenset({"default", "enum", "const", "examples", "required"})
# Titles repeat names, and a discriminator is for generators of code.
LEFT_OUT = frozenset({"title", "discriminator", "$defs"})


class RecursiveSchemaError(Exception):
    """A schema contains itself, so that it cannot be written without references."""


def tidy(schema: Mapping[str, object]) -> Schema:
    """`schema` without references and titles; a `const` becomes an `enum` of one.

    How the service reads `$ref` and `const` is not documented for functions. Raises
    RecursiveSchemaError with the name of a definition that contains itself.
    """
    definitions = schema.get("$defs")
    return _tidy(schema, definitions if isinstance(definitions, Mapping) else {}, ())


def _tidy(
    schema: Mapping[str, object], definitions: Mapping[str, object], inside: tuple[str, ...]
) -> Schema:
    tidied: Schema = {}
    reference = schema.get("$ref")
    if isinstance(reference, str):
        name = reference.removeprefix(REF_PREFIX)
        if name in inside:
            raise RecursiveSchemaError(name)
        target = definitions[name]
        assert isinstance(target, Mapping)
        tidied.update(_tidy(target, definitions, (*inside, name)))
    for key, value in schema.items():
        if key in LEFT_OUT or key == "$ref":
            continue
        if key == "const":
            tidied["enum"] = [value]
        elif key in DATA:
            tidied[key] = value
        elif key in MAPS_OF_SCHEMAS and isinstance(value, Mapping):
            tidied[key] = {name: _below(part, definitions, inside) for name, part in value.items()}
        else:
            tidied[key] = _below(value, definitions, inside)
    return tidied


def _below(value: object, definitions: Mapping[str, object], inside: tuple[str, ...]) -> object:
    if isinstance(value, Mapping):
        return _tidy(value, definitions, inside)
    if isinstance(value, list):
        return [_below(part, definitions, inside) for part in value]
    return value


def in_words(schema: Mapping[str, object]) -> str:
    """What an object of `schema` takes: `city (string), days (integer, optional)`."""
    return ", ".join(_properties(schema)) or "nothing"


def _properties(schema: Mapping[str, object]) -> Iterator[str]:
    properties, required = schema.get("properties"), schema.get("required", [])
    assert isinstance(properties, Mapping)
    assert isinstance(required, list)
    for name, part in properties.items():
        optional = "" if name in required else ", optional"
        yield f"{name} ({_kind(part)}{optional})"


def _kind(schema: Mapping[str, object]) -> str:
    choices, items = schema.get("anyOf", schema.get("oneOf")), schema.get("items")
    values = schema.get("enum")
    if isinstance(values, list):
        return " or ".join(json.dumps(value) for value in values)
    if isinstance(choices, list):
        return " or ".join(_kind(choice) for choice in choices)
    if isinstance(items, Mapping):
        return f"array of {_kind(items)}"
    return str(schema.get("type", "anything"))
