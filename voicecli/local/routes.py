"""Which requests are for the Live API, and which key they bring."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs

# A path prefix and doubled slashes come from the base URL that the client was given.
_PATH = re.compile(
    r"(?:/[^?#]*)?/ws/google\.ai\.generativelanguage\.(?P<version>v1|v1beta|v1alpha)"
    r"\.GenerativeService\.BidiGenerateContent(?:Constrained)?"
)
_AUTHORIZATION = re.compile(r"(?:Token|Bearer)\s+(\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Route:
    """A Live API request: its version and its key, which is empty if it brings none."""

    api_version: str
    key: str = field(repr=False)


def route_of(target: str, header: Callable[[str], str | None]) -> Route | None:
    """Read a request's target and headers; None for a path that is not of the Live API."""
    path, _, query = target.partition("?")
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    return Route(found["version"], _key(query, header))


def _key(query: str, header: Callable[[str], str | None]) -> str:
    authorization = _AUTHORIZATION.fullmatch((header("Authorization") or "").strip())
    asked = parse_qs(query)
    keys = [
        header("x-goog-api-key") or "",
        authorization[1] if authorization else "",
        *asked.get("key", ()),
        *asked.get("access_token", ()),
    ]
    return next((key.strip() for key in keys if key.strip()), "")
