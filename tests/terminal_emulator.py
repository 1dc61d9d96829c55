"""A terminal to look at: pyte's emulator, with what scrolled away."""

from __future__ import annotations

import pyte


class Emulator:
    """Takes bytes as a terminal of `width` times `height` would; tells what one can read."""

    def __init__(self, width: int, height: int) -> None:
        self._screen = pyte.HistoryScreen(width, height, history=100_000, ratio=0.1)
        self._stream = pyte.ByteStream(self._screen)

    def feed(self, data: bytes) -> None:
        """Show `data`."""
        self._stream.feed(data)

    def resize(self, width: int, height: int) -> None:
        """Change the size, as terminals do that keep their lines as they are."""
        self._screen.resize(height, width)

    @property
    def lines(self) -> list[str]:
        """Every row from the first that scrolled away to the last with anything on it."""
        width = self._screen.columns
        gone = ["".join(row[at].data for at in range(width)) for row in self._screen.history.top]
        return (
            "\n".join(row.rstrip() for row in [*gone, *self._screen.display]).rstrip().split("\n")
        )

    @property
    def text(self) -> str:
        """All rows, joined by newlines."""
        return "\n".join(self.lines)

    @property
    def cursor(self) -> tuple[int, int]:
        """Row, counted from the first that scrolled away, and column."""
        return len(self._screen.history.top) + self._screen.cursor.y, self._screen.cursor.x

    @property
    def cursor_hidden(self) -> bool:
        """Whether no cursor is to be seen."""
        return bool(self._screen.cursor.hidden)

    @property
    def modes(self) -> set[int]:
        """The private modes that are set, such as 2004 for bracketed paste."""
        return {mode >> 5 for mode in self._screen.mode if mode >= 32}
