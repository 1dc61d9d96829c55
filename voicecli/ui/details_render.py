"""All details as rows: calls in full, the thoughts of this turn and the last, code and pages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rich.text import Text

from voicecli.ui import describe
from voicecli.ui.blocks import Cited, CodeRun, ToolRun
from voicecli.ui.details import Details
from voicecli.ui.escape import one_line
from voicecli.ui.journal import Entry, Journal, Thought
from voicecli.ui.tool_render import code_sign, outcome_sign, spinner
from voicecli.ui.values import Same, fold, text_lines, value_lines

NOTHING = "no calls, thoughts, code or pages yet"
OLDER = "… older ones are in the record"
# More than a person scrolls through; as many as are laid out before anyone notices.
MAX_ROWS = 2_000
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class _Line:
    """A row without its first column, which tells whether there is more."""

    text: str
    style: str = ""


def details_rows(
    journal: Journal, details: Details, room: int, columns: int, now_s: float
) -> tuple[list[Text], Details]:
    """At most `room` rows of at most `columns`, and the pane as it was drawn.

    Arrows say that there is more above or below. What keys answer stands last.
    """
    lines = _lines(journal, columns, now_s)
    drawn = details.drawn(len(lines), max(room, 1))
    shown = lines[drawn.first : drawn.first + max(room, 0)]
    signs = [" "] * len(shown)
    if shown and drawn.first < drawn.last:
        signs[-1] = "↓"
    if shown and drawn.first > 0:
        signs[0] = "↑" if signs[0] == " " else "↕"
    return [_fitted(sign, row, columns) for sign, row in zip(signs, shown, strict=True)], drawn


def _lines(journal: Journal, columns: int, now_s: float) -> list[_Line]:
    """All entries, or the newest in some `MAX_ROWS`."""
    entries = _in_order(journal)
    if not entries:
        return [_Line(NOTHING, "dim")]
    laid_out: list[list[_Line]] = []
    count = 0
    for entry in reversed(entries):
        if count >= MAX_ROWS:
            laid_out.append([_Line(OLDER, "dim")])
            break
        laid_out.append(_entry(entry, columns, now_s))
        count += len(laid_out[-1])
    return [line for lines in reversed(laid_out) for line in lines]


def _in_order(journal: Journal) -> list[Entry]:
    """All entries; last the question that was asked first, since that is what keys answer."""
    waiting: list[ToolRun] = []
    others: list[Entry] = []
    for entry in journal.entries:
        if isinstance(entry, ToolRun) and entry.waits:
            waiting.append(entry)
        else:
            others.append(entry)
    waiting.sort(key=lambda run: run.asked.t_s if run.asked else 0.0)
    return [*others, *reversed(waiting)]


def _entry(entry: Entry, columns: int, now_s: float) -> list[_Line]:
    """The heading, which time may change, and below it what was laid out once."""
    return [*_heading(entry, columns, now_s), *_body(Same(entry), columns)]


def _heading(entry: Entry, columns: int, now_s: float) -> list[_Line]:
    match entry:
        case ToolRun():
            text, style = _call_heading(entry, now_s), "bold"
        case CodeRun():
            text, style = f"{code_sign(entry)[0]} {one_line(entry.language).lower()} code", "bold"
        case Cited():
            text, style = "↗ sources", "bold"
        case Thought():
            text, style = "✻ thought", "dim italic"
    return [_Line(row, style) for row in fold(text, max(columns - 1, 1))]


def _call_heading(run: ToolRun, now_s: float) -> str:
    sign = "?" if run.waits else spinner(now_s) if run.at_work else outcome_sign(run)[0]
    parts = [f"{sign} {one_line(run.name)}"]
    if run.waits:
        parts.append("waits for your word")
    if run.decided is not None:
        parts.append(describe.decision(run.decided))
    if run.background:
        parts.append("in the background")
    took_s = run.end.duration_s if run.end is not None else max(now_s - run.started_s, 0.0)
    parts.append(f"{took_s:.1f} s" if run.end is not None else f"{took_s:.0f} s so far")
    return " · ".join(parts)


# An entry is made anew when it changes, and laid out anew when it or the width is another.
@lru_cache(maxsize=256)
def _body(entry: Same, columns: int) -> tuple[_Line, ...]:
    room = max(columns - 1 - len(_INDENT), 1)
    return tuple(
        _Line(_INDENT + row, line.style)
        for line in _logical(entry.it)
        for row in fold(line.text, room)
    )


def _logical(entry: object) -> list[_Line]:
    match entry:
        case ToolRun():
            return _call(entry)
        case CodeRun():
            printed = text_lines(entry.ran.output.strip("\n")) if entry.ran is not None else []
            return [
                *(_Line(f"│ {line}") for line in text_lines(entry.code.strip("\n"))),
                *(_Line(line, "dim") for line in printed),
            ]
        case Cited():
            searched = [_Line(f"searched for: {one_line(query)}") for query in entry.queries]
            return [*searched, *(_Line(describe.source(page)) for page in entry.sources)]
        case Thought():
            text = entry.text.replace("**", "").strip()
            return [_Line(line, "dim italic") for line in text_lines(text)]
        case _:
            return []


def _call(run: ToolRun) -> list[_Line]:
    lines = [_Line(line) for line in value_lines(run.args)] if run.args else []
    if run.given > len(run.results):
        lines.append(_Line(f"… {run.given - len(run.results)} earlier results", "dim"))
    for result in run.results:
        lines += _result(result)
    if run.end is None:
        return lines
    if run.end.error is not None:
        return [*lines, *_arrowed(text_lines(run.end.error), "red")]
    if run.end.cancelled:
        return [*lines, _Line("→ cancelled", "dim")]
    return lines if run.given else [*lines, *_result(run.end.result)]


def _result(result: object) -> list[_Line]:
    return _arrowed(value_lines(result), "dim")


def _arrowed(lines: list[str], style: str) -> list[_Line]:
    return [_Line(f"{'  ' if at else '→ '}{line}", style) for at, line in enumerate(lines)]


def _fitted(sign: str, line: _Line, columns: int) -> Text:
    row = Text.assemble((sign, "dim"), (line.text, line.style))
    row.truncate(columns, overflow="ellipsis")
    return row
