"""`voicecli replay`: a recorded conversation again, with its timing and its sound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicecli.cli.talk import AsJson, NoSpeaker, OutputDevice

if TYPE_CHECKING:
    from voicecli.audio.tape import TapeTrack
    from voicecli.errors import ExitCode
    from voicecli.talk.records import Record
    from voicecli.talk.view import View

KEYS_NOTE = (
    "a recording: space stops and goes on, + and - change the volume, t shows calls, q quits"
)
SILENT_NOTE = "it has no sound: `voicecli talk --record` keeps it"

# Slower than the first nobody listens, and faster than the second nobody reads.
MIN_SPEED = 0.25
MAX_SPEED = 16.0


def command(
    conversation: Annotated[
        str, typer.Argument(metavar="ID", help="As `voicecli sessions list` has it, or `last`.")
    ],
    speed: Annotated[
        float, typer.Option(min=MIN_SPEED, max=MAX_SPEED, help="2 is twice as fast, and higher.")
    ] = 1.0,
    no_speaker: NoSpeaker = False,
    output_device: OutputDevice = None,
    as_json: AsJson = False,
) -> None:
    """Show a recorded conversation again. No network, and nothing of it is changed."""
    import asyncio
    import os
    import sys

    from voicecli.audio.quiet import stderr_without_libraries
    from voicecli.cli.checks import errors_as_events
    from voicecli.cli.common import resolve_settings
    from voicecli.cli.logs import log_to_file
    from voicecli.errors import ExitCode
    from voicecli.paths import records_folder
    from voicecli.talk.records import Records
    from voicecli.ui.choose import choose_view, fits_screen

    log_to_file()
    with errors_as_events(as_json=as_json):
        record = Records(records_folder()).find(conversation)
        device = resolve_settings({"output_device": output_device}, None).settings.output_device
        screen = not as_json and fits_screen(sys.stdout, os.environ)
        notes = (KEYS_NOTE,) if screen else ()
        with stderr_without_libraries():
            view = choose_view(
                sys.stdin,
                sys.stdout,
                sys.stderr,
                json=as_json,
                environ=os.environ,
                recorded=True,
            )
            try:
                shown = _show(record, speed, device, view, notes, no_speaker=no_speaker)
                code = asyncio.run(shown)
            except asyncio.CancelledError:
                code = ExitCode.INTERRUPTED  # Ctrl-C twice
            finally:
                view.close()
        raise typer.Exit(code)


async def _show(
    record: Record,
    speed: float,
    device: str | None,
    view: View,
    notes: tuple[str, ...],
    *,
    no_speaker: bool,
) -> ExitCode:
    from voicecli.audio.tape import Tape
    from voicecli.cli.signals import ending_on_signals
    from voicecli.cli.sound import no_sound, open_speaker_or_none
    from voicecli.errors import ExitCode
    from voicecli.talk.record_reading import events_of
    from voicecli.talk.replay import Replay

    user = _track(record.files.user_sound, speed)
    model = _track(record.files.model_sound, speed)
    silent = user is None and model is None
    output, missing = open_speaker_or_none(device, no_speaker=no_speaker or silent)
    replay = Replay(
        events_of(record),
        Tape(user, model, speed),
        output,
        view,
        notes=notes if not silent else (*notes, SILENT_NOTE),
        warnings=no_sound(missing),
    )
    with ending_on_signals(lambda: replay.quit(ExitCode.INTERRUPTED, "interrupted")):
        return await replay.run()


def _track(path: Path, speed: float) -> TapeTrack | None:
    """The sound in `path`; None where there is none, or none that can be read."""
    from voicecli.audio.tape import TapeTrack
    from voicecli.errors import UsageError

    if path.is_symlink() or not path.is_file():
        return None
    try:
        return TapeTrack(path, speed)
    except UsageError:
        return None
