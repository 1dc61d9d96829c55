"""The two lowest rows of the screen: state and levels, and the keys or the line being typed."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from voicecli.talk.events import State
from voicecli.talk.view import Meters
from voicecli.ui.amounts import running
from voicecli.ui.describe import clock
from voicecli.ui.details import Details
from voicecli.ui.escape import NEWLINE_SIGN, visible
from voicecli.ui.input_line import InputLine
from voicecli.ui.picker import Picker
from voicecli.ui.press import Mode
from voicecli.ui.question import Shown
from voicecli.ui.tool_render import spinner
from voicecli.ui.tui_model import ScreenModel

# Room noise is below the floor; speech into a near microphone lies between -30 and -10 dBFS.
FLOOR_DBFS = -60.0
_HOT_DBFS = -12.0
_CLIPPING_DBFS = -3.0

# A level falls this slowly, so that an eye can follow it; it rises at once.
FALL_DB_PER_S = 60.0

FULL_VOLUME_PERCENT = 100
# Right of the speaker's level, where it moves nothing.
_DUCKED = "▾"

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


def status(model: ScreenModel, meters: Meters, columns: int, now_s: float) -> Text:
    """State, levels, volume and, where there is room, turns, tokens, cost and time."""
    wide = columns >= _NORMAL
    cells = 10 if wide else 5
    between = "  " if wide else " "
    sign, word, style = _state(model)
    row = Text.assemble((f" {sign or spinner(now_s)} ", style), (word, f"bold {style}"))
    row.append(" " * max(_STATE_COLUMNS - row.cell_len, 0) + f"{between}mic ")
    if model.muted or meters.muted:
        row.append(" MUTED ".center(cells) if wide else "MUTED", "bold white on red")
    elif not meters.microphone_open:
        row.append("off".ljust(cells), "dim")
    else:
        row.append_text(bar(meters.microphone_dbfs, cells))
    row.append(f"{between}{'speaker' if wide else 'spk'} ")
    row.append_text(bar(meters.speaker_dbfs, cells))
    row.append(_DUCKED if model.ducked else " ", "dim")
    if meters.volume_percent != FULL_VOLUME_PERCENT:
        row.append(f"{meters.volume_percent}%")
    right = _figures(model, now_s, columns - row.cell_len - 1)
    if right:
        row.append(" " * (columns - row.cell_len - len(right)) + right, "dim")
    row.truncate(columns)
    return row


def _state(model: ScreenModel) -> tuple[str, str, str]:
    """Sign, word and style; with push-to-talk, who has the turn matters more than listening."""
    connected = model.state not in (State.CONNECTING, State.RECONNECTING)
    if model.talking and connected:
        return "●", "TALKING", "red"
    if model.push_to_talk and model.state is State.LISTENING:
        return "○", "waiting", "cyan"
    sign, style = _STATES[model.state]
    return sign, str(model.state), style


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


def keys(
    model: ScreenModel, mode: Mode, meters: Meters, columns: int, question: Shown | None = None
) -> Text:
    """What each key does now: as many as fit, the important ones first."""
    row = Text(" ")
    for key, does in _bindings(model, mode, meters, columns >= _NORMAL, question):
        gap = "  " if len(row) > 1 else ""
        if row.cell_len + cell_len(f"{gap}{key} {does}") > columns:
            break
        row.append(gap).append(key, "bold").append(f" {does}", "dim")
    row.truncate(columns)
    return row


Bindings = tuple[tuple[str, str], ...]


def _bindings(
    model: ScreenModel, mode: Mode, meters: Meters, wide: bool, question: Shown | None
) -> Bindings:
    match mode:
        case InputLine():
            return ("enter", "send"), ("esc", "leave")
        case Picker():
            return ("↑↓", "move"), ("enter", "take"), ("esc", "leave"), ("q", "quit")
        case Details():
            answers = () if question is None else _answers(question)[1:]
            return *answers, ("↑↓", "move"), ("t", "close"), ("q", "quit")
        case None if question is not None:
            return *_answers(question), ("q", "quit")
        case None if model.recorded:
            stop = "stop, go on" if wide else "stop"
            return ("space", stop), ("q", "quit"), ("+-", "vol"), ("t", "details")
        case None:
            return _commands(model, meters)


def _answers(question: Shown) -> Bindings:
    """`t` first; a yes is on offer only to who could read what is asked."""
    details = ("t", "details" if question.whole else "shows all")
    yes = (("y", "yes"),) if question.whole else ()
    always = (("a", "always"),) if question.whole and question.always else ()
    return details, *yes, ("n", "no"), *always


def _commands(model: ScreenModel, meters: Meters) -> Bindings:
    most = ("↵", "type"), ("q", "quit")
    others = ("t", "details"), ("+-", "vol"), ("d", "devices")
    if model.push_to_talk:
        tap = ("space", "send" if model.talking else "talk")
        return tap, *most, ("esc", "stop"), *others
    if not meters.microphone_open:
        return ("space", "stop"), *most, *others
    mute = ("m", "unmute" if model.muted else "mute")
    return mute, ("space", "stop"), *most, *others, ("p", "patience")


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


def _figures(model: ScreenModel, now_s: float, room: int) -> str:
    """Turns, tokens, cost and time, without what does not fit: the time is the last to go."""
    tokens, cost = running(model.used)
    turns = "" if model.turns == 0 else "1 turn" if model.turns == 1 else f"{model.turns} turns"
    time = clock(now_s)
    for parts in ((turns, tokens, cost, time), (turns, cost, time), (cost, time), (time,)):
        figures = " · ".join(part for part in parts if part) + " "
        if len(figures) <= room:
            return figures
    return ""
