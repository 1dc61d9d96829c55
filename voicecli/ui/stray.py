"""Lines that Python itself prints on stderr while the screen is up: kept from tearing it."""

from __future__ import annotations

import io
import sys
from collections import deque
from typing import TextIO

# Enough for a traceback; a flood shows its end.
MAX_LINES = 200


class StrayLines(io.TextIOBase):
    """Stands in for `sys.stderr` between `begin` and `end`; any thread may write."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=MAX_LINES)
        self._unfinished = ""
        self._real: TextIO | None = None

    def begin(self) -> None:
        """Take the place of `sys.stderr`."""
        if self._real is None:
            self._real, sys.stderr = sys.stderr, self

    def end(self) -> None:
        """Give the place back and write there what was not taken."""
        if self._real is None:
            return
        real, self._real = self._real, None
        if sys.stderr is self:
            sys.stderr = real
        for line in self.take() + ([self._unfinished] if self._unfinished else []):
            print(line, file=real)
        self._unfinished = ""

    def take(self) -> list[str]:
        """The whole lines since the last call."""
        taken: list[str] = []
        while self._lines:
            taken.append(self._lines.popleft())
        return taken

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, text: str) -> int:
        """Keep `text`; its lines show up in `take` once they are whole."""
        *whole, self._unfinished = (self._unfinished + text).split("\n")
        self._lines.extend(whole)
        return len(text)
