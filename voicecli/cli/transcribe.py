"""`voicecli transcribe`: a recording in, its words out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicecli.errors import ExitCode, PartlyDoneError, UsageError

if TYPE_CHECKING:
    from voicecli.live.endpoint import Endpoint
    from voicecli.live.session import LiveSession
    from voicecli.settings import Resolved
    from voicecli.transcribe.live_engine import LiveEngine, Progress
    from voicecli.transcribe.output import Transcription
    from voicecli.transcribe.source import Recording

LOCAL_EARS = "pocketsphinx"


class Format(StrEnum):
    """What the transcript is written as."""

    TXT = "txt"
    JSON = "json"


def command(
    file: Annotated[
        str,
        typer.Argument(
            help="A WAV file, or `-` for a WAV or raw 16 kHz mono PCM from a pipe.", metavar="FILE"
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file.", metavar="FILE")
    ] = None,
    form: Annotated[
        Format, typer.Option("--format", help="A line an utterance, or one JSON object.")
    ] = Format.TXT,
    language: Annotated[
        str | None, typer.Option(help="The language that is spoken.", metavar="CODE")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="A Live model in place of gemini-3.5-transcribe-live; one for conversations"
            " answers every pause, which costs and is not shown.",
            metavar="NAME",
        ),
    ] = None,
    local: Annotated[
        bool,
        typer.Option("--local", help="Use the built-in recogniser: no key, no network, English."),
    ] = False,
    profile: Annotated[
        str | None, typer.Option(help="Use this profile of the settings.", metavar="NAME")
    ] = None,
) -> None:
    """Print what is said in a WAV file, as it is played to the Live API."""
    from voicecli.cli.checks import check_apart
    from voicecli.cli.common import resolve_settings
    from voicecli.cli.connect import open_endpoint
    from voicecli.cli.logs import log_to_file
    from voicecli.transcribe.live_engine import session_limit_warning
    from voicecli.transcribe.output import check_writable
    from voicecli.transcribe.source import open_recording

    log_to_file()
    check_apart({"the recording": None if file == "-" else Path(file), "--output": output})
    resolved = resolve_settings({"language": language, "local": local or None}, profile)
    if output is not None:
        check_writable(output)
    with open_recording(file, _note) as recording:
        if resolved.settings.local:
            _check_ears()
        too_long = session_limit_warning(recording.duration_s, local=resolved.settings.local)
        if too_long:
            _note(too_long)
        with open_endpoint(resolved) as endpoint:
            transcription, failure = _transcribe(recording, endpoint, resolved, model)
    _deliver(transcription, form, output)
    if failure is not None:
        raise failure


def _transcribe(
    recording: Recording, endpoint: Endpoint, resolved: Resolved, model: str | None
) -> tuple[Transcription, Exception | None]:
    """The words, and what to raise once they are delivered."""
    import asyncio

    from voicecli.live.models import TRANSCRIPTION_MODEL
    from voicecli.live.session import LiveSession
    from voicecli.live.setup import Setup, setup_warnings
    from voicecli.transcribe.live_engine import LOCAL_SPEED, REMOTE_SPEED, LiveEngine, clock
    from voicecli.transcribe.output import Transcription

    setup = Setup(model or TRANSCRIPTION_MODEL, language=resolved.settings.language)
    for warning in setup_warnings(setup):
        _note(warning)
    session = LiveSession(endpoint, setup)
    failure: Exception | None = None
    with _progress_bar(recording.duration_s) as show:
        engine = LiveEngine(
            session,
            speed=LOCAL_SPEED if endpoint.local else REMOTE_SPEED,
            on_progress=show,
            warn=_note,
        )
        try:
            asyncio.run(_listen(session, engine, recording))
        except (KeyboardInterrupt, asyncio.CancelledError):
            _note(f"interrupted at {clock(engine.sent_s)}; the transcript ends there")
            failure = typer.Exit(ExitCode.INTERRUPTED)
        except PartlyDoneError as error:
            failure = error
    transcription = Transcription(
        file=recording.name,
        duration_s=recording.duration_s,
        engine="local" if endpoint.local else "live",
        model=LOCAL_EARS if endpoint.local else setup.model,
        complete=failure is None,
        utterances=engine.transcript.utterances,
    )
    return transcription, failure


async def _listen(session: LiveSession, engine: LiveEngine, recording: Recording) -> None:
    import asyncio

    from voicecli.cli.signals import ending_on_signals

    task = asyncio.current_task()
    assert task is not None

    def stop() -> None:
        task.cancel()

    with ending_on_signals(stop):
        async with session:
            await engine.run(recording.blocks())


def _deliver(transcription: Transcription, form: Format, output: Path | None) -> None:
    """Write the words where they belong; a broken-off run without words leaves a file alone."""
    from voicecli.transcribe.output import as_json, as_text, write_whole

    text = as_json(transcription) if form is Format.JSON else as_text(transcription)
    if not transcription.utterances and transcription.complete:
        _note(f"no speech was recognised in {transcription.file}")
    if output is None:
        typer.echo(text, nl=False)
    elif transcription.utterances or transcription.complete:
        write_whole(output, text)


def _check_ears() -> None:
    """Say once what the built-in recogniser is worth; UsageError where it is not installed."""
    from importlib.util import find_spec

    if find_spec(LOCAL_EARS) is None:
        raise UsageError(
            "the built-in recogniser is not installed",
            why="it needs pocketsphinx, which exists for Python 3.11 and 3.13",
            hint='pip install "voicecli[local]"',
        )
    _note("--local is a small offline recogniser for English: expect mistakes")


@contextmanager
def _progress_bar(duration_s: float) -> Iterator[Callable[[Progress], None]]:
    """A bar on standard error while it is a terminal; notes appear above it."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar
    from rich.table import Column

    from voicecli.transcribe.live_engine import clock

    newest = TextColumn(
        "{task.fields[words]}",
        markup=False,
        table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1),
    )
    position = TextColumn("{task.description}", markup=False)
    console = Console(stderr=True)
    with Bar(position, BarColumn(20), newest, console=console, transient=True, expand=True) as bar:
        task = bar.add_task(clock(0), total=duration_s, words="")

        def show(progress: Progress) -> None:
            at = f"{clock(progress.sent_s)} / {clock(duration_s)}"
            words = progress.last_words
            if len(words) > console.width // 2:
                # The newest words matter, and the column would cut off its right end.
                words = "…" + words[1 - console.width // 2 :]
            bar.update(task, completed=progress.sent_s, description=at, words=words)

        yield show


def _note(text: str) -> None:
    print(f"voicecli: {text}", file=sys.stderr)
