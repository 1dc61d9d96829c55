"""The command line: one module a command, errors turned into exit codes."""

from __future__ import annotations

import errno
import os
import sys
from typing import Annotated

import typer

from voicecli import __version__
from voicecli.cli import (
    config,
    demo,
    devices,
    doctor,
    mcp,
    replay,
    serve,
    sessions,
    talk,
    tools,
    transcribe,
)
from voicecli.errors import ExitCode, VoicecliError

HELP = """The voice assistant for the terminal: talk with Gemini's Live API, transcribe files,
or run it all on this machine, with no key (`voicecli demo`)."""

EXIT_CODES = """Exit codes: 0 done, 1 failure, 2 usage or bad input, 3 key or permission,
4 sound device, 5 network or quota, 6 partly done, 130 interrupted."""

app = typer.Typer(
    name="voicecli",
    help=HELP,
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("talk", epilog=EXIT_CODES)(talk.command)
app.add_typer(sessions.app, name="sessions")
app.command("replay")(replay.command)
app.add_typer(tools.app, name="tools")
app.add_typer(mcp.app, name="mcp")
app.command("transcribe", epilog=EXIT_CODES)(transcribe.command)
app.command("demo")(demo.command)
app.command("devices")(devices.command)
app.command("doctor", epilog=EXIT_CODES)(doctor.command)
app.command("serve")(serve.command)
app.add_typer(config.app, name="config")


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"voicecli {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print it.")
    ] = False,
) -> None:
    """Options of all commands."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    _open_closed_streams()
    try:
        try:
            app()
        finally:
            # Left to Python's exit, a refusal would get an exit code of its own.
            sys.stdout.flush()
    except VoicecliError as error:
        _report(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # Whoever read our output has gone; nothing more can be said there.
        _discard_output()
        sys.exit(ExitCode.FAILURE)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _discard_output()
        _report(VoicecliError("the output cannot be written", why=error.strerror or ""))
        sys.exit(ExitCode.FAILURE)


def _open_closed_streams() -> None:
    """Started with `<&-` or `>&-`, Python has None in place of a stream."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: SIM115 - as long as the process
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115


def _discard_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report(error: VoicecliError) -> None:
    print(f"voicecli: {error}", file=sys.stderr)
    if error.hint:
        print(f"hint: {error.hint}", file=sys.stderr)
