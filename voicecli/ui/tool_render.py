"""Calls and code: a row each while they are at work, and what is left of them above."""

from __future__ import annotations

from typing import Final

from rich.text import Text

from voicecli.ui import describe
from voicecli.ui.blocks import CodeRun, ToolRun
from voicecli.ui.escape import one_line
from voicecli.ui.values import fold, text_lines

SPIN_HZ = 8
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"

# A call that is over keeps its place on the screen for good; the details and the record have all.
MAX_CALL_CHARS = 120
MAX_RESULT_CHARS = 160
# The latest result of a call that goes on leaves room for what was called.
RESULT_SHARE = 0.5
# More at once are counted: the words need the room.
MAX_CALL_ROWS = 3
# What a panel holds of code and of what it printed; `t` shows the rest.
MAX_CODE_ROWS = 20
MAX_OUTPUT_ROWS = 10

_RULE_COLUMNS = 24
_FAILED: Final = ("✗", "red")
_DONE: Final = ("✓", "green")
_STOPPED: Final = ("⊘", "dim")


def spinner(now_s: float) -> str:
    """The spinner's sign at `now_s`."""
    return _SPINNER[int(now_s * SPIN_HZ) % len(_SPINNER)]


def call_rows(
    runs: tuple[ToolRun | CodeRun, ...], room: int, columns: int, now_s: float
) -> list[Text]:
    """What is at work, a row each in at most `room` rows; the older ones are counted."""
    most = min(room, MAX_CALL_ROWS)
    if most < 1 or not runs:
        return []
    if len(runs) <= most:
        return [running_row(run, columns, now_s) for run in runs]
    newest = runs[len(runs) - most + 1 :]
    more = f"  {spinner(now_s)} … {_count(len(runs) - len(newest), more=bool(newest))}"
    rows = [Text(more, style="dim"), *(running_row(run, columns, now_s) for run in newest)]
    rows[0].truncate(columns, overflow="ellipsis")
    return rows


def running_row(run: ToolRun | CodeRun, columns: int, now_s: float) -> Text:
    """One row of at most `columns`: what is called, for how long, and what it gave last."""
    if isinstance(run, CodeRun):
        what, style, after = f"runs {_language(run)}: {one_line(run.code)}", "yellow", ""
        sign = spinner(now_s)
    else:
        what, style = describe.call(run.name, run.args), "yellow"
        after = _state(run, now_s, int(columns * RESULT_SHARE))
        sign = "?" if run.waits else "⊘" if run.denied else spinner(now_s)
    suffix = Text(after, style="dim")
    suffix.truncate(columns, overflow="ellipsis")
    row = Text.assemble(f"  {sign} ", (what, style))
    row.truncate(max(columns - suffix.cell_len, 0), overflow="ellipsis")
    row.append_text(suffix)
    row.truncate(columns, overflow="ellipsis")
    return row


def call_line(run: ToolRun) -> Text:
    """A call that is over, as one line of any length."""
    call = describe.call(run.name, run.args, MAX_CALL_CHARS)
    arrow = ("→ ", "dim")
    return Text.assemble("  ", outcome_sign(run), f" {call} ", arrow, (_outcome(run), "dim"))


def outcome_sign(run: ToolRun) -> tuple[str, str]:
    """The sign of how a call ended, and its style."""
    if run.denied or run.end is None or run.end.cancelled:
        return _STOPPED
    return _DONE if run.end.error is None else _FAILED


def code_lines(run: CodeRun, columns: int) -> list[Text]:
    """A panel: the code behind a bar, then what it printed; each cut where it is long."""
    rows = [row for line in text_lines(run.code.strip("\n")) for row in _folded(line, columns)]
    title = f"  ╭─ {_language(run)} "
    lines = [_cut_row(title + "─" * max(_RULE_COLUMNS - len(title), 0), "dim", columns)]
    for row in _short(rows, MAX_CODE_ROWS):
        lines.append(_cut_row(Text.assemble(("  │ ", "dim"), row), "", columns))
    sign, style = code_sign(run)
    words = "no result" if run.ran is None else "result" if run.ran.ok else "failed"
    lines.append(_cut_row(Text.assemble(("  ╰─ ", "dim"), (f"{sign} {words}", style)), "", columns))
    output = run.ran.output.strip("\n") if run.ran is not None else ""
    printed = text_lines(output) if output else []
    rows = [row for line in printed for row in _folded(line, columns)]
    lines += [_cut_row(f"    {row}", "", columns) for row in _short(rows, MAX_OUTPUT_ROWS)]
    return lines


def code_sign(run: CodeRun) -> tuple[str, str]:
    """The sign of how a run of code ended, and its style."""
    if run.ran is None:
        return _STOPPED
    return _DONE if run.ran.ok else _FAILED


def _state(run: ToolRun, now_s: float, room: int) -> str:
    if run.waits:
        return " waits for your word"
    if run.denied and run.decided is not None:
        return f" {describe.decision(run.decided)}"
    elapsed_s = now_s - run.started_s
    elapsed = f" {elapsed_s:.0f} s" if elapsed_s >= 1 else ""
    if not run.results:
        return elapsed
    latest = Text(f" · {describe.value(run.results[-1])}")
    latest.truncate(max(room - len(elapsed), 1), overflow="ellipsis")
    return elapsed + latest.plain


def _outcome(run: ToolRun) -> str:
    if run.denied and run.decided is not None:
        return describe.decision(run.decided)
    if run.end is None:
        return "not finished"
    plain = run.end.error is None and not run.end.cancelled
    if run.given and plain:
        times = "1 result" if run.given == 1 else f"{run.given} results"
        last = describe.value(run.results[-1], MAX_RESULT_CHARS)
        return f"{last} ({times}, {run.end.duration_s:.1f} s)"
    return describe.outcome(run.end, MAX_RESULT_CHARS)


def _count(number: int, *, more: bool) -> str:
    return f"{number}{' more' if more else ''} call{'' if number == 1 else 's'}"


def _language(run: CodeRun) -> str:
    return one_line(run.language).lower() or "code"


def _folded(line: str, columns: int) -> list[str]:
    return fold(line, max(columns - 4, 1))


def _short(rows: list[str], most: int) -> list[str]:
    if len(rows) <= most:
        return rows
    return [*rows[: most - 1], f"… {len(rows) - most + 1} more rows: t shows all"]


def _cut_row(row: Text | str, style: str, columns: int) -> Text:
    text = Text(row, style=style) if isinstance(row, str) else row
    text.truncate(columns, overflow="ellipsis")
    return text
