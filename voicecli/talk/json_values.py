"""Anything a tool may take or give, as a value that JSON can hold."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping

# Deeper than any sensible result; also what ends a value that contains itself.
MAX_DEPTH = 40
# Python refuses to print much longer integers in decimal (CVE-2020-10735).
MAX_INT_BITS = 4_096
# More than a person reads; as much as makes no frame late. Of what is longer the middle is not
# shown, so nobody is asked about it.
MAX_SHOWN_CHARS = 20_000
MAX_SHOWN_LINES = 1_000


def shown_whole(args: Mapping[str, object]) -> bool:
    """Whether a view shows all of the arguments `args`, however it lays them out."""
    if jsonable(args) != args:
        return False  # nested deeper than is shown, or no JSON
    written = json.dumps(dict(args), ensure_ascii=False, indent=2)
    lines = written.count("\n") + written.count("\\n")
    return len(written) <= MAX_SHOWN_CHARS and lines <= MAX_SHOWN_LINES


def jsonable(value: object, depth: int = 0) -> object:
    """`value` made of dict, list, str, int, finite float, bool and None; all else as a string."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value) if value.bit_length() <= MAX_INT_BITS else hex(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(value)
    if depth >= MAX_DEPTH:
        return "…"
    if isinstance(value, Mapping):
        return {_text(key): jsonable(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item, depth + 1) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = (field.name for field in dataclasses.fields(value))
        return {name: jsonable(getattr(value, name), depth + 1) for name in names}
    return _text(value)


def _text(value: object) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    try:
        return str(value)
    except Exception:  # a tool's own class may fail in any way; its name still tells something
        return f"<{type(value).__name__}>"
