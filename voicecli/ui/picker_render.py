"""The device picker as rows: microphones, then speakers, scrolled so that the cursor shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from rich.text import Text

from voicecli.talk.events import DeviceOption
from voicecli.ui.escape import one_line
from voicecli.ui.picker import Picker

# With fewer rows than these there is none to spare for headings; each device says what it is.
HEADINGS_FROM_ROWS = 3

Direction = Literal["input", "output"]
_DIRECTIONS: Final[tuple[Direction, ...]] = ("input", "output")
_HEADINGS: Final = {"input": "microphones", "output": "speakers"}
_LABELS: Final = {"input": "mic ", "output": "spk "}
# The star is that of `voicecli devices`.
_LEGEND = "   ● in use   * default"


@dataclass(frozen=True, slots=True)
class _Row:
    """What a row says right of its first column, which tells whether there is more."""

    direction: Direction
    body: Text
    chosen: bool = False


def picker_rows(picker: Picker, room: int, columns: int) -> list[Text]:
    """At most `room` rows of at most `columns`; arrows say that there is more above or below."""
    headed = room >= HEADINGS_FROM_ROWS
    everything = [row for direction in _DIRECTIONS for row in _group(picker, direction, headed)]
    cursor = next(at for at, row in enumerate(everything) if row.chosen)
    last_first = max(len(everything) - room, 0)
    first = min(max(cursor - room // 2, 0), last_first)
    rows = everything[first : first + room]
    if headed:  # the first row's own heading may have scrolled away
        rows[0] = _heading(rows[0].direction)
        if 1 + len(rows[0].body) + len(_LEGEND) <= columns:
            rows[0].body.append(_LEGEND)
    signs = [" "] * len(rows)
    if first < last_first:
        signs[-1] = "↓"
    if first > 0:
        signs[0] = "↑" if signs[0] == " " else "↕"
    return [_fitted(sign, row.body, columns) for sign, row in zip(signs, rows, strict=True)]


def _group(picker: Picker, direction: Direction, headed: bool) -> list[_Row]:
    rows = [
        _device(device, at == picker.at, headed)
        for at, device in enumerate(picker.devices)
        if device.direction == direction
    ]
    if not headed:
        return rows
    return [_heading(direction), *(rows or [_Row(direction, Text("  none", style="dim"))])]


def _heading(direction: Direction) -> _Row:
    return _Row(direction, Text(_HEADINGS[direction], style="dim"))


def _device(device: DeviceOption, chosen: bool, headed: bool) -> _Row:
    """Cursor, marks, index and name; the name last, since it may be long."""
    body = Text.assemble(
        ("› " if chosen else "  ", "bold cyan"),
        ("● ", "green") if device.current else ("○ ", "dim"),
        ("" if headed else _LABELS[device.direction], "dim"),
        (f"{device.index:>2}{'*' if device.default else ' '} ", "dim"),
        (one_line(device.name), "bold" if chosen else ""),
    )
    return _Row(device.direction, body, chosen)


def _fitted(sign: str, body: Text, columns: int) -> Text:
    row = Text.assemble((sign, "dim"), body)
    row.truncate(columns, overflow="ellipsis")
    return row
