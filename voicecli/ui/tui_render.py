"""The screen as Rich texts: finished blocks, and the live region below them.

Pure: `render` is given the model, what has the keys, the levels, the size and the time.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from voicecli.live.events import Source
from voicecli.talk.events import State
from voicecli.talk.view import Meters
from voicecli.ui import describe
from voicecli.ui.escape import visible
from voicecli.ui.input_line import InputLine
from voicecli.ui.picker import Picker
from voicecli.ui.picker_render import picker_rows
from voicecli.ui.press import Mode
from voicecli.ui.region import Cursor, Size
from voicecli.ui.status_render import SPIN_HZ, keys, spinner, status, typed
from voicecli.ui.tui_model import Block, Cited, Item, Remark, ScreenModel, ToolRun, Words

# Below these heights the rule, then the keys, give way to the words.
RULE_FROM_HEIGHT = 8
KEYS_FROM_HEIGHT = 5
# The region never takes the whole screen: what scrolled away stays in sight.
WORDS_SHARE = 0.6
# Of the rows that are left, so that the conversation goes on above the picker.
PICKER_SHARE = 2 / 3
# Room for the fullest status row; more gains nothing, and rows that fit are not rewrapped on a
# resize.
PANEL_COLUMNS = 99

_LABELS = {"user": ("you › ", "bold cyan"), "model": ("voicecli › ", "bold magenta")}
_REMARK_STYLES = {
    "session": ("", "dim"),
    "note": ("· ", "dim"),
    "warning": ("! ", "bold yellow"),
    "error": ("✗ ", "bold red"),
    "end": ("— ", "dim"),
}
_SPINNING = (State.CONNECTING, State.THINKING, State.RECONNECTING)


@dataclass(frozen=True, slots=True)
class Screen:
    """The rows of the live region, each within the width, and the cursor if a line is typed."""

    rows: tuple[Text, ...] = ()
    cursor: Cursor | None = None


def spins(model: ScreenModel) -> bool:
    """Whether something on the screen turns."""
    running = any(isinstance(item, ToolRun) and item.end is None for item in model.items)
    return running or model.state in _SPINNING


def clockwork(model: ScreenModel, now_s: float) -> int:
    """A number that changes whenever time alone changes the screen."""
    return int(now_s * (SPIN_HZ if spins(model) else 1))


def block_text(block: Block, now_s: float) -> list[Text]:
    """`block` as logical lines, of any length; the first may be an empty one."""
    match block:
        case Words():
            gap = [Text()] if block.role == "user" else []
            return gap + list(_words(block).split(allow_blank=True))
        case ToolRun():
            return [_tool(block, now_s)]
        case Cited():
            return [_source(cited) for cited in block.sources]
        case Remark():
            return _remark(block)


def render(
    model: ScreenModel,
    mode: Mode,
    meters: Meters,
    size: Size,
    now_s: float,
    console: Console,
) -> Screen:
    """The live region: current words above, then state and keys, at most the screen's height."""
    if model.ended:
        return Screen()
    columns = max(size.width - 1, 1)
    panel = min(columns, PANEL_COLUMNS)
    height = max(size.height - 1, 1)
    above = [status(model, meters, panel, now_s)]
    if size.height >= RULE_FROM_HEIGHT:
        above.insert(0, Text("─" * panel, style="dim"))
    below = [keys(model, mode, meters, panel)] if size.height >= KEYS_FROM_HEIGHT else []
    room = height - len(above) - len(below)
    middle, cursor_column = _middle(mode, room, columns)
    bottom = [*above, *middle, *below]
    room = min(max(int(size.height * WORDS_SHARE), 1), height - len(bottom))
    rows = [*_current(model, max(room, 0), columns, now_s, console), *bottom][-height:]
    if cursor_column is None:
        return Screen(tuple(rows))
    return Screen(tuple(rows), Cursor(len(rows) - 1 - len(below), cursor_column))


def _middle(mode: Mode, room: int, columns: int) -> tuple[list[Text], int | None]:
    """What has the keys, between state and keys, and the cursor's column while typing."""
    match mode:
        case InputLine():
            row, cursor_column = typed(mode, columns)
            return [row], cursor_column
        case Picker():
            return picker_rows(mode, max(int(room * PICKER_SHARE), 1), columns), None
        case None:
            return [], None


def wrapped(lines: list[Text], columns: int, console: Console) -> list[Text]:
    """`lines` broken between words into rows of at most `columns`, without trailing blanks."""
    rows: list[Text] = []
    for line in lines:
        for row in line.wrap(console, columns) if line.plain else [line]:
            row.rstrip()
            rows.append(row)
    return rows


def _current(
    model: ScreenModel, room: int, columns: int, now_s: float, console: Console
) -> list[Text]:
    """The last `room` rows of what is going on; an ellipsis says that there is more above."""
    if room == 0:
        return []
    rows: list[Text] = []
    for item in reversed(model.items):
        texts = block_text(_tail(item, room * columns), now_s)
        rows = wrapped(texts, columns, console) + rows
        if len(rows) > room:
            break
    if not rows and model.thought:
        rows = [Text(f"✻ {model.thought}", style="dim italic", no_wrap=True, overflow="ellipsis")]
        rows[0].truncate(columns, overflow="ellipsis")
    if len(rows) > room:
        rows = rows[-room:]
        rows[0] = Text("…", style="dim") if room > 1 else rows[0]
    return rows


def _tail(item: Item, max_chars: int) -> Item:
    """`item` without the start of very long words, which would not show and cost time."""
    if not isinstance(item, Words) or len(item.text) <= max_chars:
        return item
    cut = len(item.text) - max_chars
    return Words(item.role, item.text[cut:], item.heard[cut:], item.final, item.cut)


def _words(words: Words) -> Text:
    label, style = _LABELS[words.role]
    text = Text.assemble((label, style))
    if words.role == "user":
        return text.append(visible(words.text))
    start = describe.unheard(words.text, words.heard)
    text.append(visible(words.text[:start]))
    rest = visible(words.text[start:])
    if not rest:
        return text
    if words.final or words.cut:
        return text.append("[not heard: ", "dim").append(rest, "dim strike").append("]", "dim")
    return text.append(rest, "dim")


def _tool(run: ToolRun, now_s: float) -> Text:
    call = describe.call(run.name, run.args)
    if run.end is None:
        elapsed = f" {now_s - run.started_s:.0f} s" if now_s - run.started_s >= 1 else ""
        return Text.assemble(f"  {spinner(now_s)} ", (call, "yellow"), (elapsed, "dim"))
    failed = run.end.error is not None
    sign, style = ("✗", "red") if failed else ("⊘", "dim") if run.end.cancelled else ("✓", "green")
    outcome = describe.outcome(run.end)
    return Text.assemble("  ", (sign, style), f" {call} ", ("→ ", "dim"), (outcome, "dim"))


def _source(cited: Source) -> Text:
    return Text.assemble("  ↗ ", (describe.source(cited), "dim"))


def _remark(remark: Remark) -> list[Text]:
    sign, style = _REMARK_STYLES[remark.kind]
    lines = [Text(sign + remark.text, style=style)]
    if remark.hint:
        lines.append(Text.assemble(("  hint: ", "bold"), remark.hint))
    return lines
