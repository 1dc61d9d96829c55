"""Values as JSON text that any peer can read."""

from __future__ import annotations

import json


def json_text(value: object) -> str:
    """`value` as JSON: models, dataclasses, dates and their like in plain form, the rest as text.

    Raises ValueError or TypeError for what JSON cannot say, such as an infinite number.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_plain)
    # Half of a surrogate pair is no text that could be sent (RFC 8259, 8.2).
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _plain(value: object) -> object:
    # Takes a tenth of a second to import, and most results are plain already.
    from pydantic_core import to_jsonable_python

    return str(value) if isinstance(value, bytes) else to_jsonable_python(value, fallback=str)
