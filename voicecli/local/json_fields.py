"""JSON objects from the client, which is untrusted: read by name in either case, types checked.

Clients mix camel case and snake case in one message (live-api.md, section 2), as protobuf's JSON
form allows. Only the names that the server asks for are looked up in both: the keys of the user's
own data are never touched.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import NoReturn

from voicecli.local.refusal import Refusal

_CAPITAL = re.compile(r"[A-Z]")
_SURROGATE_ESCAPE = "\\ud"
_URL_SAFE_TO_STANDARD = str.maketrans("-_", "+/")


class Fields:
    """A JSON object at `path` of the client's message. Every getter raises Refusal on a wrong type.

    A field that is missing or null reads as None, False, or empty, as in protobuf's JSON form.
    """

    def __init__(self, data: Mapping[str, object], path: str = "") -> None:
        self.data = data
        self.path = path

    def value(self, name: str) -> object:
        """The field that is called `name` in camel case, whichever case it was sent in."""
        if name in self.data:
            return self.data[name]
        return self.data.get(snake_case(name))

    def has(self, name: str) -> bool:
        return self.value(name) is not None

    def text(self, name: str) -> str:
        value = self.value(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else self._wrong(name)

    def choice(self, name: str, *values: str) -> str:
        """One of the names of a protobuf enum; empty where it is left out."""
        value = self.text(name)
        return value if value in ("", *values) else self._wrong(name)

    def flag(self, name: str) -> bool | None:
        value = self.value(name)
        return value if value is None or isinstance(value, bool) else self._wrong(name)

    def integer(self, name: str) -> int | None:
        """A whole number of 32 bits; protobuf's JSON form also allows 500.0."""
        value = self.value(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            return self._wrong(name)
        in_range = -(2**31) <= value < 2**31
        return int(value) if in_range and value == int(value) else self._wrong(name)

    def blob(self, name: str) -> bytes:
        """Bytes in base64: the standard or the URL-safe alphabet, padded or not."""
        sent = self.text(name).translate(_URL_SAFE_TO_STANDARD).rstrip("=")
        try:
            return base64.b64decode(sent + "=" * (-len(sent) % 4), validate=True)
        except (binascii.Error, ValueError):
            self._wrong(name)

    def message(self, name: str) -> Fields | None:
        value = self.value(name)
        if value is None:
            return None
        return self._object(value, name)

    def messages(self, name: str) -> list[Fields]:
        return [self._object(item, f"{name}[{at}]") for at, item in enumerate(self._items(name))]

    def texts(self, name: str) -> list[str]:
        return [item if isinstance(item, str) else self._wrong(name) for item in self._items(name)]

    def _items(self, name: str) -> list[object]:
        value = self.value(name)
        if value is None:
            return []
        return value if isinstance(value, list) else self._wrong(name)

    def _object(self, value: object, name: str) -> Fields:
        return Fields(value, self._path_of(name)) if isinstance(value, dict) else self._wrong(name)

    def _path_of(self, name: str) -> str:
        return f"{self.path}.{snake_case(name)}" if self.path else snake_case(name)

    def _wrong(self, name: str) -> NoReturn:
        raise Refusal(f"Invalid value at '{self._path_of(name)}'.")


def snake_case(name: str) -> str:
    """`turnComplete` as `turn_complete`."""
    return _CAPITAL.sub(lambda capital: "_" + capital.group().lower(), name)


def parse_object(frame: str | bytes) -> Fields:
    """The one JSON object of a frame. Raises Refusal for anything else (RFC 8259; no NaN)."""
    try:
        text = frame if isinstance(frame, str) else frame.decode()
        data = json.loads(text, parse_constant=_no_constant)
        if _SURROGATE_ESCAPE in text.lower():
            # Half of a pair is no character: nothing further in could encode it.
            json.dumps(data, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refusal("Invalid JSON payload received. Unable to parse the message.") from None
    if not isinstance(data, dict):
        raise Refusal("Invalid JSON payload received. The message must be an object.")
    return Fields(data)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
