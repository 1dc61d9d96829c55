"""Arguments and results to be read in full: as lines of harmless text, and these as rows. Pure."""

from __future__ import annotations

import json

from rich.cells import get_character_cell_size

from voicecli.talk.json_values import MAX_SHOWN_CHARS, MAX_SHOWN_LINES, jsonable
from voicecli.ui.escape import NEWLINE_SIGN, one_line, visible

# Makes the character before it as wide as two letters.
_AS_EMOJI = "\ufe0f"


class Same:
    """Anything as a key of a cache: by which one it is, not by what it is equal to."""

    __slots__ = ("it",)

    def __init__(self, it: object) -> None:
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.it is self.it


def value_lines(value: object) -> list[str]:
    """`value` for reading: `name: value` for each field, texts as they are, the rest as JSON.

    What is too long lacks its middle, with a line that says so: the end always shows.
    """
    plain = jsonable(value)
    if isinstance(plain, dict) and plain:
        lines = [line for key, item in plain.items() for line in _field(key, item)]
    else:
        lines = _lines(plain)
    over = len(lines) - MAX_SHOWN_LINES
    if over <= 0:
        return lines
    half = MAX_SHOWN_LINES // 2
    return [*lines[:half], f"… {over} lines left out …", *lines[-half:]]


def text_lines(text: str) -> list[str]:
    """`text` as harmless lines; without its middle if it is too long."""
    over = len(text) - MAX_SHOWN_CHARS
    if over > 0:
        half = MAX_SHOWN_CHARS // 2
        text = f"{text[:half]}\n… {over} characters left out …\n{text[-half:]}"
    return visible(text).split("\n")


def fold(line: str, columns: int) -> list[str]:
    """`line` as rows of at most `columns`, every blank kept; at least one row."""
    if line.isascii():
        return [line[at : at + columns] for at in range(0, len(line), columns)] or [""]
    rows, start, filled = [], 0, 0
    for at, char in enumerate(line):
        wide = 1 if char == _AS_EMOJI else get_character_cell_size(char)
        if filled + wide > columns and at > start:
            rows.append(line[start:at])
            start, filled = at, 0
        filled += wide
    return [*rows, line[start:]]


def _field(key: str, value: object) -> list[str]:
    first, *rest = _lines(value)
    return [f"{one_line(key)}: {first}", *(f"  {line}" for line in rest)]


def _lines(value: object) -> list[str]:
    """Where a text has a line break, a sign tells it from the end of the text."""
    if not isinstance(value, str) or not value:
        return text_lines(json.dumps(value, ensure_ascii=False, indent=2))
    *broken, last = text_lines(value)
    return [*(f"{line}{NEWLINE_SIGN}" for line in broken), last]
