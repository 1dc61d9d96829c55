"""`voicecli sessions`: the conversations that are kept, to look at, take out and throw away."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicecli.errors import UsageError

if TYPE_CHECKING:
    from voicecli.talk.record_reading import Summary
    from voicecli.talk.records import Record, Records

app = typer.Typer(
    help="Show, export and remove conversations that were kept.", no_args_is_help=True
)

# As much of the first words as a line has room for beside the rest.
_WORDS_COLUMNS = 60
# Fewer columns of words tell no conversation from another: then others make room, never the ID.
_LEAST_WORDS_COLUMNS = 20
_DISPENSABLE = ("model", "turns", "length", "when")

Id = Annotated[str, typer.Argument(metavar="ID", help="The start of it is enough; or `last`.")]


class Form(StrEnum):
    """What a conversation is exported as."""

    MD = "md"
    JSONL = "jsonl"
    TXT = "txt"


@app.command("list")
def list_all(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a line and conversation.")
    ] = False,
) -> None:
    """Print what is kept, the oldest first: ID, time, length, turns, model, first words."""
    from voicecli.talk.event_json import as_line
    from voicecli.talk.record_reading import summary_of
    from voicecli.ui.line_writer import LineWriter

    summaries = [summary_of(record) for record in _records().kept()]
    if as_json:
        ascii_only = not _is_utf8()
        lines = LineWriter(sys.stdout)
        for one in summaries:
            lines.write(as_line(_values(one), ascii_only=ascii_only))
    elif not summaries:
        print("voicecli: no conversation is kept", file=sys.stderr)
    else:
        _print_table([_cells(one) for one in summaries])


@app.command()
def show(conversation: Id) -> None:
    """Print what both sides said, a line a turn, with tools and sources."""
    _write(_text(_records().find(conversation), Form.TXT))


@app.command()
def export(
    conversation: Id,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file.", metavar="FILE")
    ] = None,
    form: Annotated[
        Form, typer.Option("--format", help="Markdown, events as JSON lines, or plain lines.")
    ] = Form.MD,
) -> None:
    """Print a conversation as a document, or write it to a file."""
    from voicecli.transcribe.output import check_writable, write_whole

    record = _records().find(conversation)
    if output is None:
        _write(_text(record, form, ascii_only=form is Form.JSONL and not _is_utf8()))
    else:
        check_writable(output)
        write_whole(output, _text(record, form))


@app.command()
def delete(
    conversations: Annotated[
        list[str], typer.Argument(metavar="ID...", help="The start of each is enough; or `last`.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove conversations for good, with their sound."""
    from voicecli.talk.records import remove_all

    records = _records()
    found = {record.id: record for record in map(records.find, conversations)}
    if not yes:
        _ask(", ".join(found), f"voicecli sessions delete --yes {' '.join(found)}")
    _told(remove_all(list(found.values()), skip_running=False))


@app.command()
def prune(
    days: Annotated[
        int | None,
        typer.Option(min=1, max=36_500, help="Remove what is older; `history_days` without it."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Remove all but what goes on at this moment.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --all: do not ask.")] = False,
) -> None:
    """Remove old conversations for good."""
    from datetime import UTC, datetime

    from voicecli.cli.common import resolve_settings
    from voicecli.talk.records import remove_all

    if everything and days is not None:
        raise UsageError(
            "--all and --days cannot both be given", hint="voicecli sessions prune --days 7"
        )
    records = _records()
    if everything:
        if not yes:
            _ask("all conversations", "voicecli sessions prune --all --yes")
        _told(remove_all(records.all(), skip_running=True))
    else:
        limit = days or resolve_settings({}, None).settings.history_days
        _told(records.prune(limit, datetime.now(UTC)))


def _records() -> Records:
    from voicecli.paths import records_folder
    from voicecli.talk.records import Records

    return Records(records_folder())


def _text(record: Record, form: Form, *, ascii_only: bool = False) -> str:
    """The whole conversation in this form."""
    import io

    from voicecli.talk.event_json import encode
    from voicecli.talk.record_reading import events_of, settled_events_of
    from voicecli.ui.markdown import MarkdownTranscript
    from voicecli.ui.plain import PlainView

    if form is Form.JSONL:
        lines = (encode(event, ascii_only=ascii_only) for event in events_of(record))
        return "".join(f"{line}\n" for line in lines)
    if form is Form.MD:
        markdown = MarkdownTranscript(f"Conversation of {record.began:%Y-%m-%d %H:%M} UTC")
        return "".join(map(markdown.take, settled_events_of(record)))
    text = io.StringIO()
    view = PlainView(text, io.StringIO())
    for event in settled_events_of(record):
        view.show(event)
    return text.getvalue()


def _write(text: str) -> None:
    from voicecli.ui.line_writer import LineWriter

    lines = LineWriter(sys.stdout)
    for line in text.removesuffix("\n").split("\n") if text else ():
        lines.write(line)


def _values(one: Summary) -> dict[str, object]:
    return {
        "id": one.id,
        "began": one.began.isoformat(),
        "seconds": round(one.duration_s, 3),
        "turns": one.turns,
        "model": one.model,
        "words": one.words,
        "running": one.running,
    }


def _cells(one: Summary) -> tuple[str, ...]:
    from voicecli.ui import describe
    from voicecli.ui.escape import one_line

    return (
        one.id,
        f"{one.began.astimezone():%Y-%m-%d %H:%M}",
        "goes on" if one.running else describe.clock(one.duration_s),
        str(one.turns),
        one_line(one.model) or "-",
        describe.shortened(one_line(one.words), _WORDS_COLUMNS),
    )


def _print_table(rows: Sequence[tuple[str, ...]]) -> None:
    if sys.stdout.isatty():
        _print_for_a_person(rows)
        return
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    cells = (
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    _write("\n".join(line.rstrip() for line in cells))


def _print_for_a_person(rows: Sequence[tuple[str, ...]]) -> None:
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    names = ("id", "when", "length", "turns", "model")
    columns = dict(zip(names, zip(*rows, strict=True), strict=False))
    taken = {name: 2 + max(map(cell_len, (name, *columns[name]))) for name in names}
    for name in _DISPENSABLE:
        if console.width - sum(taken.values()) < _LEAST_WORDS_COLUMNS:
            del taken[name]
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for name in taken:
        grid.add_column(name, no_wrap=True, style="cyan" if name == "id" else "")
    room = max(console.width - sum(taken.values()), 1)
    grid.add_column("first words", no_wrap=True, overflow="ellipsis", max_width=room)
    for at, row in enumerate(rows):
        grid.add_row(*(Text(columns[name][at]) for name in taken), Text(row[-1]))
    console.print(grid)


def _ask(what: str, without_asking: str) -> None:
    """Ask whether this may go; typer.Abort if not, UsageError if there is nobody to ask."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            "nobody can be asked whether this may be removed",
            why="standard input is no terminal",
            hint=without_asking,
        )
    typer.confirm(f"Remove {what} for good?", abort=True, err=True)


def _told(removed: Sequence[Record]) -> None:
    count = "1 conversation" if len(removed) == 1 else f"{len(removed)} conversations"
    print(f"voicecli: {count} removed", file=sys.stderr)


def _is_utf8() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
