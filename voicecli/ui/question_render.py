"""The question whether a call may be made, as rows above the status."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from voicecli.ui import describe
from voicecli.ui.blocks import ToolRun
from voicecli.ui.escape import one_line
from voicecli.ui.question import Shown
from voicecli.ui.values import Same, fold, value_lines

# Drawn before each row of arguments, so that none can look like a row of voicecli's own.
_BAR: Final = "   │ "
_STYLE: Final = "bold yellow"


def question_rows(
    waiting: tuple[ToolRun, ...], read: str | None, room: int, columns: int
) -> tuple[list[Text], Shown | None]:
    """The first of the `waiting` calls in at most `room` rows of at most `columns`.

    Where it is too long, its middle gives way, and the rows say so. `read` is the call of which
    all was shown elsewhere. None is shown without a row.
    """
    if not waiting or room < 1:
        return [], None
    run, body = waiting[0], _body(Same(waiting[0]), columns)
    always = run.asked is not None and run.asked.always
    others = f" (1 of {len(waiting)})" if len(waiting) > 1 else ""
    name = f"call {one_line(run.name)}{others}"
    fits = len(body) < room and cell_len(f" ? {_keys(True, always)} {name}") <= columns
    whole = fits or run.call_id == read
    rows = [_row(f" ? {_keys(whole, always)} {name}", _STYLE, columns)]
    rows += [_row(line, "", columns) for line in _cut(body, room - 1)]
    return rows, Shown(run.call_id, always, whole)


def waiting_row(waiting: tuple[ToolRun, ...], columns: int) -> Text:
    """That a question waits, while keys are for something else."""
    run = waiting[0]
    text = f" ? a question waits: {describe.call(run.name, run.args)}"
    return _row(text, _STYLE, columns)


def _keys(whole: bool, always: bool) -> str:
    """The keys come first, so that they show in the narrowest window; `t` shows all."""
    if not whole:
        return "t/n"
    return "y/n/a" if always else "y/n"


@lru_cache(maxsize=4)
def _body(run: Same, columns: int) -> tuple[str, ...]:
    assert isinstance(run.it, ToolRun)
    lines = value_lines(run.it.args) if run.it.args else ["without arguments"]
    room = max(columns - len(_BAR), 1)
    return tuple(f"{_BAR}{row}" for line in lines for row in fold(line, room))


def _cut(body: tuple[str, ...], room: int) -> list[str]:
    """`body` in `room` rows: all, or start and end and between them how much is missing."""
    if room < 1 or len(body) <= room:
        return list(body[: max(room, 0)])
    head = (room - 1) // 2
    tail = room - 1 - head
    missing = len(body) - head - tail
    mark = f"   … {missing} more rows: t shows all"
    return [*body[:head], mark, *body[len(body) - tail :]]


def _row(text: str, style: str, columns: int) -> Text:
    row = Text(text, style=style)
    row.truncate(columns, overflow="ellipsis")
    return row
