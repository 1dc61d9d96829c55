"""What a server says beside the protocol: kept for the log and for errors, limited and redacted."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable

_log = logging.getLogger(__name__)

# A traceback fits; a server that writes on and on must not push all else out of the log.
MOST_LOGGED_LINES = 200
LONGEST_LINE_CHARACTERS = 500
# The end of a traceback, which names the error, and a line after it.
REMEMBERED_LINES = 3


class Words:
    """The lines that one server wrote since it was started."""

    def __init__(self, server: str, redact: Callable[[str], str]) -> None:
        self._server = server
        self._redact = redact
        self._logged = 0
        self._begun = ""
        self._last: deque[str] = deque(maxlen=REMEMBERED_LINES)

    @property
    def last(self) -> str:
        """The last lines, as one; "" if there was nothing."""
        begun = self._harmless(self._begun)
        lines = [*self._last, begun] if begun else self._last
        return " / ".join([*lines][-REMEMBERED_LINES:])

    def hear(self, data: bytes) -> None:
        """Take in a piece of what it writes to its standard error."""
        *lines, begun = (self._begun + data.decode(errors="replace")).split("\n")
        for line in lines:
            self.note(line)
        self._begun = begun[:LONGEST_LINE_CHARACTERS]

    def note(self, line: str) -> None:
        """Take in a whole line of the server's."""
        if harmless := self._harmless(line):
            self._last.append(harmless)
            self.remark(f"says: {harmless}")

    def remark(self, what: str) -> None:
        """Log what the server does."""
        self._logged += 1
        if self._logged <= MOST_LOGGED_LINES:
            _log.warning("MCP server %s %s", self._server, what)
        elif self._logged == MOST_LOGGED_LINES + 1:
            _log.warning("MCP server %s goes on, which is not kept", self._server)

    def _harmless(self, line: str) -> str:
        # Twice as much goes through `redact`, so that no half of a secret is left at the end.
        short = self._redact(line[: 2 * LONGEST_LINE_CHARACTERS])[:LONGEST_LINE_CHARACTERS]
        return "".join(c if c.isprintable() else " " for c in short).strip()
