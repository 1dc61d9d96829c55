"""The live region: a few lines at the bottom that are redrawn in place, text above them kept.

Pure: every method gives the bytes to write. Rich's own Live erases and redraws everything on each
frame and counts lines wrongly once a terminal has rewrapped them; this one writes changed lines
only. Control sequences are those of ECMA-48 and xterm's ctlseqs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Terminals that know "synchronized output" show a frame at once; others ignore the two marks.
_BEGIN = "\x1b[?2026h\x1b[?25l"
_END = "\x1b[?2026l"
# Without automatic wrapping, a line whose width terminals disagree on is cut, not wrapped.
_NO_WRAP, _WRAP = "\x1b[?7l", "\x1b[?7h"
_SHOW_CURSOR = "\x1b[?25h"
_ERASE_LINE_END, _ERASE_BELOW = "\x1b[K", "\x1b[J"


@dataclass(frozen=True, slots=True)
class Size:
    """A terminal's columns and rows."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Line:
    """One row: what is written, control sequences included, and how many columns it fills."""

    ansi: str
    columns: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the cursor blinks: row and column of the region, from 0."""

    row: int
    column: int


class Region:
    """What is on the screen now; `rewraps` if the terminal breaks long lines anew on a resize."""

    def __init__(self, *, rewraps: bool) -> None:
        self._rewraps = rewraps
        self._lines: tuple[Line, ...] = ()
        self._width = 0
        self._at = Cursor(0, 0)

    def update(
        self, lines: Sequence[Line], above: str, width: int, cursor: Cursor | None = None
    ) -> str:
        """Show `lines`, each narrower than `width`, below `above`; '' if nothing is to be done.

        `above` is whole lines, each with its newline. The cursor shows where `cursor` says.
        """
        new = tuple(lines)
        at = cursor or Cursor(max(len(new) - 1, 0), 0)
        resized = width != self._width and bool(self._lines)
        if new == self._lines and not above and not resized and at == self._at:
            return ""
        if above or resized or not new or not self._lines:
            body = self._erase(width) + _newlines(above) + _written(new)
            row = max(len(new) - 1, 0)
        else:
            body, row = self._difference(new)
        self._lines, self._width, self._at = new, width, at
        moved = _vertically(at.row - row) + "\r" + (f"\x1b[{at.column}C" if at.column else "")
        return _BEGIN + body + moved + (_SHOW_CURSOR if cursor else "") + _END

    def forget(self) -> None:
        """Begin anew at the cursor, as after another program's output."""
        self._lines, self._at = (), Cursor(0, 0)

    def _erase(self, width: int) -> str:
        top = _vertically(-self._rows_above_cursor(width)) + "\r" + _ERASE_LINE_END
        # From the second row on: tmux keeps a copy of a screen that is erased from its first cell.
        below = _vertically(1) + _ERASE_BELOW + _vertically(-1) if len(self._lines) > 1 else ""
        return top + below

    def _rows_above_cursor(self, width: int) -> int:
        if not self._rewraps or width >= self._width or width < 1:
            return self._at.row
        above = self._lines[: self._at.row]
        rows = sum(max(-(-line.columns // width), 1) for line in above)
        return rows + self._at.column // width

    def _difference(self, new: tuple[Line, ...]) -> tuple[str, int]:
        """The bytes that turn the old lines into `new`, and the row that they end in."""
        old, row = self._lines, self._at.row
        parts = [_NO_WRAP]
        for at, line in enumerate(new):
            if at < len(old) and line == old[at]:
                continue
            # Moving down stops at the last row; only a newline makes a further one.
            down = _vertically(min(at, len(old) - 1) - row) if row < len(old) else ""
            feed = "\n" if at >= len(old) else ""
            parts.append(f"{down}\r{feed}{line.ansi}{_ERASE_LINE_END}")
            row = at
        if len(new) < len(old):
            parts.append(_vertically(len(new) - row) + "\r" + _ERASE_BELOW)
            row = len(new)
        return "".join(parts) + _WRAP, row


def _written(lines: tuple[Line, ...]) -> str:
    return _NO_WRAP + "\r\n".join(line.ansi for line in lines) + _WRAP


def _newlines(above: str) -> str:
    return above.replace("\n", "\r\n")


def _vertically(rows: int) -> str:
    if rows == 0:
        return ""
    return f"\x1b[{-rows}A" if rows < 0 else f"\x1b[{rows}B"
