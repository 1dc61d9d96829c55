"""The two lowest rows of the screen: state and levels, and the keys or the line being typed."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from voicecli.talk.events import State
from voicecli.talk.view import Meters
from voicecli.ui.describe import clock
from voicecli.ui.escape import NEWLINE_SIGN, visible
from voicecli.ui.input_line import InputLine

SPIN_HZ = 8
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"

# Room noise is below the floor; speech into a near microphone lies between -30 and -10 dBFS.
FLOOR_DBFS = -60.0
_HOT_DBFS = -12.0
_CLIPPING_DBFS = -3.0

# A level falls this slowly, so that an eye can follow it; it rises at once.
FALL_DB_PER_S = 60.0

# The width from which there is room for longer bars and whole words.
_NORMAL = 60

_STATES: Final = {
    State.CONNECTING: ("", "yellow"),
    State.LISTENING: ("●", "green"),
    State.THINKING: ("", "yellow"),
    State.SPEAKING: ("▶", "magenta"),
    State.RECONNECTING: ("", "red"),
}
_STATE_COLUMNS = max(len(state) for state in State) + 3


def spinner(now_s: float) -> str:
    """The spinner's sign at `now_s`."""
    return _SPINNER[int(now_s * SPIN_HZ) % len(_SPINNER)]


def status(
    state: State, muted: bool, meters: Meters, turns: int, columns: int, now_s: float
) -> Text:
    """State, levels and, where there is room, turns and time."""
    cells = 10 if columns >= _NORMAL else 5
    speaker = "speaker" if columns >= _NORMAL else "spk"
    sign, style = _STATES[state]
    row = Text.assemble((f" {sign or spinner(now_s)} ", style), (str(state), f"bold {style}"))
    row.append(" " * max(_STATE_COLUMNS - row.cell_len, 0) + "  mic ")
    if muted or meters.muted:
        row.append(" MUTED ".center(cells) if cells > 5 else "MUTED", "bold white on red")
    elif not meters.microphone_open:
        row.append("off".ljust(cells), "dim")
    else:
        row.append_text(bar(meters.microphone_dbfs, cells))
    row.append(f"  {speaker} ").append_text(bar(meters.speaker_dbfs, cells))
    right = f"{_counted(turns)}{clock(now_s)} "
    gap = columns - row.cell_len - len(right)
    if gap >= 1:
        row.append(" " * gap + right, "dim")
    row.truncate(columns)
    return row


def bar(level_dbfs: float, cells: int) -> Text:
    """A level as a line of `cells` columns that is heavy as far as it is loud."""
    half_cells = level_steps(level_dbfs, cells)
    full, half = divmod(half_cells, 2)
    hot, clipping = level_dbfs > _HOT_DBFS, level_dbfs > _CLIPPING_DBFS
    style = "bold red" if clipping else "yellow" if hot else "green"
    heavy = "━" * full + "╸" * half
    return Text.assemble((heavy, style), ("─" * (cells - full - half), "dim"))


def fallen(before: Meters, now: Meters, elapsed_s: float) -> Meters:
    """The levels to show: at least `now`, and not far below what was shown `elapsed_s` ago."""
    fall_db = FALL_DB_PER_S * elapsed_s
    return replace(
        now,
        microphone_dbfs=max(now.microphone_dbfs, before.microphone_dbfs - fall_db),
        speaker_dbfs=max(now.speaker_dbfs, before.speaker_dbfs - fall_db),
    )


def level_steps(level_dbfs: float, cells: int) -> int:
    """How many half cells of a bar of `cells` are heavy."""
    loudness = min(max(1 - level_dbfs / FLOOR_DBFS, 0.0), 1.0)
    return round(loudness * cells * 2)


def keys(typing: bool, muted: bool, microphone: bool, columns: int) -> Text:
    """What each key does now, in short words where it is narrow."""
    if typing:
        pairs = [("enter", "send"), ("esc", "leave")]
    else:
        stop = "interrupt" if columns >= _NORMAL else "stop"
        pairs = [("space", stop), ("t", "type"), ("q", "quit")]
        if microphone:
            pairs.insert(0, ("m", "unmute" if muted else "mute"))
    gap = "   " if columns >= _NORMAL else "  "
    row = Text(" ")
    for at, (key, does) in enumerate(pairs):
        row.append(gap if at else "").append(key, "bold").append(f" {does}", "dim")
    row.truncate(columns, overflow="ellipsis")
    return row


def typed(line: InputLine, columns: int) -> tuple[Text, int]:
    """The line being typed, scrolled so that the cursor shows, and the cursor's column."""
    label = " say › "
    room = max(columns - len(label) - 1, 1)
    before = _shown(line.text[: line.cursor])[-2 * room :]
    after = _shown(line.text[line.cursor :])[: 2 * room]
    while cell_len(before) > room:
        before = before[1:]
    row = Text.assemble((label, "bold cyan"), before, after)
    row.truncate(columns)
    return row, min(len(label) + cell_len(before), columns)


def _shown(text: str) -> str:
    return visible(text).replace("\n", NEWLINE_SIGN)


def _counted(turns: int) -> str:
    return "" if turns == 0 else "1 turn · " if turns == 1 else f"{turns} turns · "
