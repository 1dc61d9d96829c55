"""Values that are tables: the user's words on functions, and the MCP servers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from voicecli.settings.values import Kind, Place, type_in_words

RISK_WORDS = ("safe", "ask", "deny")


@dataclass(frozen=True, slots=True)
class ServerTables:
    """The table of each MCP server, unchecked; relative names in them start in `folder`."""

    # They may hold keys.
    tables: Mapping[str, object] = field(repr=False)
    folder: Path


def _parse_risks(value: object, place: Place) -> Mapping[str, str]:
    if place.text_too and isinstance(value, str):
        pairs = [word.partition("=") for word in value.replace(",", " ").split()]
        value = {name: risk for name, _, risk in pairs}
    if not isinstance(value, dict):
        raise ValueError(f"it is {type_in_words(value)}")
    for risk in value.values():
        if risk not in RISK_WORDS:
            raise ValueError("after each name stands one of safe, ask and deny")
    return MappingProxyType(value)


def _parse_servers(value: object, place: Place) -> ServerTables:
    if place.text_too and isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise ValueError("it is not JSON") from None
    if not isinstance(value, dict):
        raise ValueError(f"it is {type_in_words(value)}")
    return ServerTables(MappingProxyType(value), place.folder)


RISKS = Kind('a table of names and of safe, ask or deny, as in { shell = "deny" }', _parse_risks)
SERVERS = Kind("tables, such as [mcp_servers.files]", _parse_servers)
