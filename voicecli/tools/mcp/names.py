"""What the functions of MCP servers are called to the model, so that no two are the same. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

# What the service takes as the name of a function (ai.google.dev/api/caching, FunctionDeclaration).
LONGEST_NAME = 64
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_-]")
_NOT_AT_THE_START = re.compile(r"^(?=[^A-Za-z_]|$)")


class Names:
    """Gives every function of every server its name, which it keeps, also over a restart.

    It is the server's name for it if that is free, else with the name of the server before it.
    """

    def __init__(self, is_taken: Callable[[str], bool]) -> None:
        """`is_taken` tells whether a function that is of no server has the name."""
        self._is_taken = is_taken
        self._given: dict[tuple[str, str], str] = {}

    def name(self, server: str, tool: str) -> str:
        """What the function `tool` of `server` is called."""
        key = (server, tool)
        if key not in self._given:
            self._given[key] = self._free(server, tool)
        return self._given[key]

    def _free(self, server: str, tool: str) -> str:
        used = set(self._given.values())
        number = 1
        name = _fitting(tool)
        while name in used or self._is_taken(name):
            ending = "" if number == 1 else f"_{number}"
            name = _fitting(f"{server}_{tool}")[: LONGEST_NAME - len(ending)] + ending
            number += 1
        return name


def _fitting(name: str) -> str:
    """`name` with only what the service takes."""
    return _NOT_AT_THE_START.sub("_", _NOT_IN_A_NAME.sub("_", name))[:LONGEST_NAME]
