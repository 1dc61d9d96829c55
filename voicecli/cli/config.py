"""`voicecli config`: what is set and why, where the files are, a file to start from."""

from __future__ import annotations

import json
import os
import sys
from typing import Annotated

import typer

from voicecli import paths
from voicecli.cli.common import resolve_settings
from voicecli.errors import UsageError, VoicecliError
from voicecli.settings import Resolved
from voicecli.settings.example import example_toml
from voicecli.settings.key import key_origin
from voicecli.settings.show import key_in_words, rows

app = typer.Typer(help="Show the settings and where they come from.", no_args_is_help=True)


@app.command()
def show(
    profile: Annotated[
        str | None, typer.Option(help="Show the settings with this profile.", metavar="NAME")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Print every setting, its value and where it came from. Secrets are not shown."""
    resolved = resolve_settings({}, profile)
    if as_json:
        print(_as_json(resolved))
        return
    table = [(row.name, row.shown, row.origin) for row in rows(resolved)]
    table.append(("api_key", key_in_words(resolved), ""))
    if sys.stdout.isatty():
        _print_for_a_person(table)
    else:
        _print_plain(table)


@app.command()
def path() -> None:
    """Print the paths of the settings files: your own, and ./voicecli.toml if there is one."""
    user_file = paths.user_config_file()
    print(user_file)
    if not user_file.exists():
        print("It does not exist yet: `voicecli config init` writes it.", file=sys.stderr)
    project_file = paths.current_folder() / paths.PROJECT_FILE_NAME
    if project_file.exists():
        print(project_file)


@app.command()
def init() -> None:
    """Write your own settings file, with every setting explained and switched off."""
    user_file = paths.user_config_file()
    try:
        paths.ensure_private_folder(user_file.parent)
        # Exclusive: neither a file nor a link that is there already is written through.
        handle = os.open(user_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w", encoding="utf-8") as file:
            file.write(example_toml())
    except OSError as error:
        if isinstance(error, FileExistsError) and os.path.lexists(user_file):
            raise UsageError(
                f"{paths.tilde(user_file)} exists already",
                why="your settings are not overwritten",
                hint="`voicecli config show` tells what they are",
            ) from None
        raise VoicecliError(
            f"{paths.tilde(user_file)} cannot be written", why=error.strerror or str(error)
        ) from error
    print(user_file)


def _as_json(resolved: Resolved) -> str:
    """Every setting with `value` and `origin`, and of the key only whether there is one."""
    settings = {row.name: {"value": row.value, "origin": row.origin} for row in rows(resolved)}
    origin = key_origin(resolved)
    return json.dumps({**settings, "api_key": {"set": bool(origin), "origin": origin or None}})


def _print_plain(table: list[tuple[str, str, str]]) -> None:
    names = max(len(name) for name, _, _ in table)
    values = max(len(value) for _, value, origin in table if origin)
    for name, value, origin in table:
        print(f"{name:{names}}  {value:{values}}  {origin}".rstrip())


def _print_for_a_person(table: list[tuple[str, str, str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table("setting", "value", "from", box=None, pad_edge=False, header_style="bold")
    for name, value, origin in table:
        grid.add_row(Text(name, "cyan"), Text(value), Text(origin, "dim"))
    Console().print(grid)
