"""`voicecli doctor`: which sound would be used, and how much of an echo there is."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from voicecli.cli.talk import InputDevice, OutputDevice, Profile
from voicecli.errors import ExitCode


def command(
    echo: Annotated[
        bool, typer.Option("--echo", help="Play a test sound for 8 s, and listen to its echo.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    input_device: InputDevice = None,
    output_device: OutputDevice = None,
    profile: Profile = None,
) -> None:
    """Show which sound devices and which echo cancellation a conversation would use."""
    from voicecli.audio.echo_check import check_echo
    from voicecli.cli.common import resolve_settings
    from voicecli.cli.logs import log_to_file
    from voicecli.cli.sound import open_sound
    from voicecli.cli.sound_report import echo_fields, echo_text, fields, look, text

    log_to_file()
    flags = {"input_device": input_device, "output_device": output_device}
    settings = resolve_settings(flags, profile).settings
    sound = look(settings)
    if not as_json:
        print(text(sound), flush=True)
    elif not echo:
        print(json.dumps(fields(sound), ensure_ascii=False))
    if sound.missing is not None:
        raise sound.missing
    if not echo:
        return
    output, source = open_sound(
        settings.output_device, settings.input_device, no_speaker=False, no_microphone=False
    )
    assert source is not None
    with _ctrl_c_noted() as interrupted:
        print("A test sound plays for 8 seconds: please be quiet.", file=sys.stderr)
        try:
            found = check_echo(output, source, sound.canceller, interrupted=interrupted)
        except KeyboardInterrupt:
            raise typer.Exit(ExitCode.INTERRUPTED) from None
    if as_json:
        print(json.dumps(fields(sound) | echo_fields(found), ensure_ascii=False))
    else:
        print(echo_text(found))


@contextmanager
def _ctrl_c_noted() -> Iterator[Callable[[], bool]]:
    """Gives what tells whether Ctrl-C was pressed within the block.

    An exception would be lost where the sound libraries call back into Python while they open.
    """
    received: list[int] = []
    previous = signal.signal(signal.SIGINT, lambda number, _frame: received.append(number))
    try:
        yield lambda: bool(received)
    finally:
        signal.signal(signal.SIGINT, previous)
