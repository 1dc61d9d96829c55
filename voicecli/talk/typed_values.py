"""Dataclasses out of parsed JSON, by the types that they declare; all else is refused."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Hashable, Mapping
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from voicecli.talk.json_values import jsonable

# Some thirty years in seconds, and more tokens than anyone pays for: what is larger is no figure
# of a conversation, and may break what is reckoned with it.
MAX_NUMBER = 1e9

_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_MISSING: Final = object()

Made = TypeVar("Made")


def build(kind: type[Made], values: Mapping[str, object], names: Mapping[str, str]) -> Made:
    """An instance of the dataclass `kind`, its fields found in `values` under `names`.

    A field that is not in `names` has its own name. Raises ValueError for a value of another type
    than the field's, and for a missing one that has no default.
    """
    made: dict[str, object] = {}
    for name, declared, needed in _fields(cast(Hashable, kind)):
        value = values.get(names.get(name, name), _MISSING)
        if value is not _MISSING:
            made[name] = read(value, declared)
        elif needed:
            raise ValueError(f"{name} is missing")
    return kind(**made)


def read(value: object, declared: Any) -> object:
    """`value` as the type `declared`. Raises ValueError if it is none."""
    if declared is object:
        return jsonable(value)
    origin = get_origin(declared)
    if origin in (Union, UnionType):
        return _one_of(value, get_args(declared))
    if origin is Literal:
        return _member(value, get_args(declared))
    if origin is tuple and isinstance(value, list):
        return tuple(read(item, get_args(declared)[0]) for item in value)
    if origin is Mapping and isinstance(value, dict):
        return {_text(key): read(item, get_args(declared)[1]) for key, item in value.items()}
    if origin is None and isinstance(declared, type):
        return _plain(value, declared)
    raise ValueError(f"not {declared}")


@cache
def _fields(kind: Any) -> tuple[tuple[str, Any, bool], ...]:
    """Name, type and whether it is needed, of each field of a dataclass."""
    hints = get_type_hints(kind)
    unset = dataclasses.MISSING
    return tuple(
        (field.name, hints[field.name], field.default is unset and field.default_factory is unset)
        for field in dataclasses.fields(kind)
    )


def _one_of(value: object, kinds: tuple[Any, ...]) -> object:
    for kind in kinds:
        try:
            return read(value, kind)
        except ValueError:
            continue
    raise ValueError("none of the types fits")


def _member(value: object, members: tuple[object, ...]) -> object:
    for member in members:
        if type(member) is type(value) and member == value:
            return member
    raise ValueError("none of the values")


def _plain(value: object, kind: type) -> object:
    if dataclasses.is_dataclass(kind) and isinstance(value, dict):
        return build(kind, value, {})
    if issubclass(kind, Enum):
        return kind(value)  # ValueError for what is no member
    if kind is str and isinstance(value, str):
        return _text(value)
    if kind in (int, float) and isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value, kind)
    if type(value) is kind:
        return value
    raise ValueError(f"not {kind.__name__}")


def _number(value: float, kind: type) -> object:
    if not abs(value) <= MAX_NUMBER:  # also true of nan
        raise ValueError("out of range")
    if kind is int and isinstance(value, float):
        raise ValueError("not a whole number")
    return kind(value)


def _text(text: str) -> str:
    return _LONE_SURROGATE.sub("\ufffd", text)
