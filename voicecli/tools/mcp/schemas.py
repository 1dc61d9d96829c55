"""The parameters of a server's function: from its schema to one that the service takes. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jsonschema import (  # type: ignore[import-untyped]
    Draft202012Validator,
    SchemaError,
    exceptions,
    validators,
)
from referencing import Registry

from voicecli.tools.tool import Arguments, ArgumentsError

# A large form has some 5 kB. The model reads every schema again in each turn, which costs.
LARGEST_SCHEMA_CHARACTERS = 16_000
# Written out, references to references multiply; this many parts are far more than fit above.
MOST_PARTS = 2_000
# Each level is a call in Python's recursion; people nest five deep.
DEEPEST_SCHEMA = 40
LONGEST_FAULT_CHARACTERS = 400

_SCHEMAS_BY_NAME = frozenset({"properties", "dependentSchemas"})
_PLAIN_VALUES = frozenset({"const", "default", "enum", "examples", "required"})
_LEFT_OUT = frozenset({"definitions", "patternProperties"})
# They say what `patternProperties` leave over, and would refuse too much without these.
_REST = frozenset({"additionalProperties", "unevaluatedProperties"})

Check = Callable[[Arguments], None]


class UnusableSchemaError(Exception):
    """The service could not be told this schema; the message says why."""


def read_schema(schema: object) -> tuple[dict[str, object], Check]:
    """The parameters that `schema` of a server describes, whole in themselves, and their check.

    The check raises ArgumentsError for what does not fit. Raises UnusableSchemaError.
    """
    if not isinstance(schema, Mapping) or schema.get("type", "object") != "object":
        raise UnusableSchemaError("its arguments are not an object")
    parameters = {"properties": {}, **_Inliner(schema).inlined(), "type": "object"}
    try:
        size = len(json.dumps(parameters, allow_nan=False))
        dialect = _dialect(schema)
        dialect.check_schema(parameters)
    except SchemaError as error:
        fault = str(error.message)[:LONGEST_FAULT_CHARACTERS]
        raise UnusableSchemaError(f"its schema is not valid: {fault}") from None
    except (RecursionError, ValueError):
        raise UnusableSchemaError("its schema cannot be written as JSON") from None
    if size > LARGEST_SCHEMA_CHARACTERS:
        raise UnusableSchemaError(f"its schema has {size} characters")
    return parameters, _check(dialect(parameters, registry=Registry()))


def _dialect(schema: Mapping[str, object]) -> Any:
    """The validator class for the version of JSON schema, without the patterns.

    A pattern of a stranger's can take hours to match (ReDoS); the server looks at it anyway.
    """
    version = schema.get("$schema")
    known = {"$schema": version} if isinstance(version, str) else {}
    dialect = validators.validator_for(known, default=Draft202012Validator)
    return validators.extend(dialect, {"pattern": None})


def _check(validator: Any) -> Check:
    def check(args: Arguments) -> None:
        error = exceptions.best_match(validator.iter_errors(dict(args)))
        if error is not None:
            place = "".join(f"[{part!r}]" for part in error.absolute_path)
            fault = f"arguments{place}: {error.message}"
            raise ArgumentsError(fault[:LONGEST_FAULT_CHARACTERS])

    return check


class _Inliner:
    """Writes out the references of a schema, and leaves away what only they need."""

    def __init__(self, root: Mapping[str, object]) -> None:
        self._root = root
        self._parts = 0

    def inlined(self) -> dict[str, object]:
        """The whole schema; raises UnusableSchemaError."""
        return self._mapping(self._root, ())

    def _schema(self, node: object, path: tuple[str, ...]) -> object:
        """`path` has the references that led here, and "" for each level."""
        if isinstance(node, bool):
            return node
        if not isinstance(node, Mapping):
            raise UnusableSchemaError("its schema is not valid: a part of it is no schema")
        return self._mapping(node, path)

    def _mapping(self, node: Mapping[str, object], path: tuple[str, ...]) -> dict[str, object]:
        self._parts += 1
        if self._parts > MOST_PARTS or len(path) > DEEPEST_SCHEMA:
            raise UnusableSchemaError("its schema is too large")
        written: dict[str, object] = {}
        if "$ref" in node:
            written.update(self._referenced(node["$ref"], path))
        left_out = _LEFT_OUT | (_REST if "patternProperties" in node else frozenset())
        for key, value in node.items():
            if key in _PLAIN_VALUES:
                written[key] = value
            elif not key.startswith("$") and key not in left_out:
                written[key] = self._value(key, value, (*path, ""))
        return written

    def _value(self, key: str, value: object, path: tuple[str, ...]) -> object:
        if key in _SCHEMAS_BY_NAME and isinstance(value, Mapping):
            return {name: self._schema(schema, path) for name, schema in value.items()}
        if isinstance(value, Mapping):
            return self._mapping(value, path)
        if isinstance(value, Sequence) and not isinstance(value, str):
            return [self._mapping(x, path) if isinstance(x, Mapping) else x for x in value]
        return value

    def _referenced(self, reference: object, path: tuple[str, ...]) -> dict[str, object]:
        if not isinstance(reference, str) or not reference.startswith("#"):
            raise UnusableSchemaError("its schema refers to another document")
        if reference in path:
            raise UnusableSchemaError("its schema is recursive")
        return self._mapping(self._target(reference), (*path, reference))

    def _target(self, reference: str) -> Mapping[str, object]:
        """What a JSON pointer (RFC 6901) points at."""
        target: object = self._root
        for part in reference[1:].split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            target = target.get(name) if isinstance(target, Mapping) else None
        if not isinstance(target, Mapping):
            raise UnusableSchemaError("its schema refers to a part that it does not have")
        return target
