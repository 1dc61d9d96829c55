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
from voicecli.ui.blocks import Block, Cited, CodeRun, Item, Remark, ToolRun, Words
from voicecli.ui.details import Details
from voicecli.ui.details_render import details_rows
from voicecli.ui.escape import visible
from voicecli.ui.input_line import InputLine
from voicecli.ui.picker import Picker
from voicecli.ui.picker_render import picker_rows
from voicecli.ui.press import Mode
from voicecli.ui.question import Shown
from voicecli.ui.question_render import question_rows, waiting_row
from voicecli.ui.region import Cursor, Size
from voicecli.ui.status_render import keys, status, typed
from voicecli.ui.tool_render import SPIN_HZ, call_line, call_rows, code_lines
from voicecli.ui.tui_model import ScreenModel

# Below these heights the rule, then the keys, give way to the words.
RULE_FROM_HEIGHT = 8
KEYS_FROM_HEIGHT = 5
# The region never takes the whole screen: what scrolled away stays in sight.
WORDS_SHARE = 0.6
# Of the rows that are left, so that the conversation goes on above picker and details.
PANE_SHARE = 2 / 3
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
    """The rows of the live region, each within the width, and the cursor if a line is typed.

    `question` is the one on them that keys can answer, `details` the pane as it was drawn.
    """

    rows: tuple[Text, ...] = ()
    cursor: Cursor | None = None
    question: Shown | None = None
    details: Details | None = None


def spins(model: ScreenModel) -> bool:
    """Whether something on the screen turns."""
    return bool(model.calls) or model.state in _SPINNING


def clockwork(model: ScreenModel, now_s: float) -> int:
    """A number that changes whenever time alone changes the screen."""
    return int(now_s * (SPIN_HZ if spins(model) else 1))


def block_rows(block: Block, columns: int, console: Console) -> list[Text]:
    """`block` as rows of at most `columns`; addresses are left whole, for terminals to link."""
    match block:
        case CodeRun():
            return code_lines(block, columns)
        case Cited():
            return [_source(cited) for cited in block.sources]
        case ToolRun():
            return wrapped([call_line(block)], columns, console)
        case Words():
            return wrapped(words_lines(block), columns, console)
        case Remark():
            return wrapped(_remark(block), columns, console)


def words_lines(words: Words) -> list[Text]:
    """A turn as logical lines of any length, after an empty one if it is the user's."""
    gap = [Text()] if words.role == "user" else []
    return gap + list(_words(words).split(allow_blank=True))


def render(
    model: ScreenModel,
    mode: Mode,
    meters: Meters,
    size: Size,
    now_s: float,
    console: Console,
    read: str | None = None,
) -> Screen:
    """The live region, at most the screen's height: words and calls, question, state, keys.

    `read` is the call of which the details have shown all.
    """
    if model.ended:
        return Screen()
    columns = max(size.width - 1, 1)
    panel = min(columns, PANEL_COLUMNS)
    height = max(size.height - 1, 1)
    rule = [Text("─" * panel, style="dim")] if size.height >= RULE_FROM_HEIGHT else []
    state = [status(model, meters, panel, now_s)]
    key_rows = 1 if size.height >= KEYS_FROM_HEIGHT else 0
    room = height - len(rule) - len(state) - key_rows
    asked, question = _asked(model, mode, read, room, columns)
    if asked and room < 1:  # in a window of one or two rows the question matters more
        state, room = [], room + 1
    room -= len(asked)
    middle, cursor_column, details = _middle(model, mode, room, columns, now_s)
    below = [keys(model, mode, meters, panel, question)] if key_rows else []
    bottom = [*rule, *asked, *state, *middle, *below]
    above = _above(model, size, max(height - len(bottom), 0), now_s, console)
    rows = [*above, *bottom][-height:]
    cursor = None
    if cursor_column is not None:
        cursor = Cursor(len(rows) - 1 - len(below), cursor_column)
    return Screen(tuple(rows), cursor, question, details)


def _asked(
    model: ScreenModel, mode: Mode, read: str | None, room: int, columns: int
) -> tuple[list[Text], Shown | None]:
    """The question that waits: in full, or a row while one types or picks."""
    waiting = model.questions
    if not waiting:
        return [], None
    if isinstance(mode, InputLine | Picker):
        return ([waiting_row(waiting, columns)] if room > 1 else []), None
    most = room // 2 if isinstance(mode, Details) else room
    return question_rows(waiting, read, max(most, 1), columns)


def _middle(
    model: ScreenModel, mode: Mode, room: int, columns: int, now_s: float
) -> tuple[list[Text], int | None, Details | None]:
    """What has the keys, between state and keys; the cursor's column; the pane as drawn."""
    share = max(int(room * PANE_SHARE), 1)
    match mode:
        case InputLine():
            row, cursor_column = typed(mode, columns)
            return [row], cursor_column, None
        case Picker():
            return picker_rows(mode, share, columns), None, None
        case Details():
            share = min(share, max(room, 0))
            rows, drawn = details_rows(model.journal, mode, share, columns, now_s)
            return rows, None, drawn
        case None:
            return [], None, None


def _above(model: ScreenModel, size: Size, room: int, now_s: float, console: Console) -> list[Text]:
    """The words, and below them what is at work, which never pushes them out."""
    columns = max(size.width - 1, 1)
    words_room = min(max(int(size.height * WORDS_SHARE), 1), room)
    words = _current(model, words_room, columns, console)
    left = room - len(words)
    calls_room = max(left, (room + 1) // 3) if words else room
    calls = call_rows(model.calls, calls_room, columns, now_s)
    if len(words) + len(calls) > room:
        words = _current(model, room - len(calls), columns, console)
    return [*words, *calls]


def wrapped(lines: list[Text], columns: int, console: Console) -> list[Text]:
    """`lines` broken between words into rows of at most `columns`, without trailing blanks."""
    rows: list[Text] = []
    for line in lines:
        for row in line.wrap(console, columns) if line.plain else [line]:
            row.rstrip()
            rows.append(row)
    return rows


def _current(model: ScreenModel, room: int, columns: int, console: Console) -> list[Text]:
    """The last `room` rows of what is said; an ellipsis says that there is more above."""
    if room == 0:
        return []
    rows: list[Text] = []
    for item in reversed(model.items):
        if isinstance(item, ToolRun | CodeRun) and item.at_work:
            continue
        rows = block_rows(_tail(item, room * columns), columns, console) + rows
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


def _source(cited: Source) -> Text:
    return Text.assemble("  ↗ ", (describe.source(cited), "dim"))


def _remark(remark: Remark) -> list[Text]:
    sign, style = _REMARK_STYLES[remark.kind]
    lines = [Text(sign + remark.text, style=style)]
    if remark.hint:
        lines.append(Text.assemble(("  hint: ", "bold"), remark.hint))
    return lines
