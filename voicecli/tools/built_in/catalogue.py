"""The functions that come with voicecli, by name; none is on offer unless the user names it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from voicecli.errors import UsageError
from voicecli.tools.tool import Tool


@dataclass(frozen=True, slots=True)
class BuiltInOptions:
    """What the user's settings and the system tell of them."""

    notes_file: Path
    """Where notes are kept; it does not have to exist."""
    read_folders: tuple[Path, ...]
    """Under which `read_file` reads."""
    shell_environment: tuple[str, ...]
    """The variables that a shell command may see besides the usual ones."""
    environ: Mapping[str, str]


# Each imports its functions when they are wanted: declaring one takes longer than `--help` may.
def _clock(options: BuiltInOptions) -> tuple[Tool, ...]:
    from voicecli.tools.built_in.clock import current_time

    return (current_time,)


def _timer(options: BuiltInOptions) -> tuple[Tool, ...]:
    from voicecli.tools.built_in.timers import Timers, timer_tools

    return timer_tools(Timers())


def _calculator(options: BuiltInOptions) -> tuple[Tool, ...]:
    from voicecli.tools.built_in.calculator import calculator

    return (calculator,)


def _notes(options: BuiltInOptions) -> tuple[Tool, ...]:
    from voicecli.tools.built_in.notes import Notes, notes_tools

    return notes_tools(Notes(options.notes_file))


def _clipboard(options: BuiltInOptions) -> tuple[Tool, ...]:
    from voicecli.tools.built_in.clipboard import clipboard_tools

    return clipboard_tools(options.environ)


def _browser(options: BuiltInOptions) -> tuple[Tool, ...]:
    from voicecli.tools.built_in.browser import open_url_tool

    return (open_url_tool(options.environ),)


def _shell(options: BuiltInOptions) -> tuple[Tool, ...]:
    from voicecli.tools.built_in.shell import shell_tool

    return (shell_tool(options.environ, options.shell_environment),)


def _read_file(options: BuiltInOptions) -> tuple[Tool, ...]:
    from voicecli.tools.built_in.read_file import read_file_tool

    if not options.read_folders:
        raise UsageError(
            "read_file cannot be offered",
            why="no folder is allowed",
            hint='add read_folders = ["~/Documents"] to the file that voicecli config path names',
        )
    return (read_file_tool(options.read_folders),)


def _web_fetch(options: BuiltInOptions) -> tuple[Tool, ...]:
    from voicecli.tools.built_in.web_fetch import web_fetch_tool

    return (web_fetch_tool(),)


_BUILDERS: dict[tuple[str, ...], Callable[[BuiltInOptions], tuple[Tool, ...]]] = {
    ("current_time",): _clock,
    ("timer", "timer_list", "timer_stop"): _timer,
    ("calculator",): _calculator,
    ("note_add", "note_search"): _notes,
    ("clipboard_read", "clipboard_write"): _clipboard,
    ("open_url",): _browser,
    ("shell",): _shell,
    ("read_file",): _read_file,
    ("web_fetch",): _web_fetch,
}

NAMES: tuple[str, ...] = tuple(name for names in _BUILDERS for name in names)
"""Every function that there is."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "timer": ("timer", "timer_list", "timer_stop"),
    "notes": ("note_add", "note_search"),
    "clipboard": ("clipboard_read", "clipboard_write"),
}
"""Names that stand for several functions. A timer that cannot be stopped is of little use."""


def built_in(options: BuiltInOptions, names: Iterable[str]) -> dict[str, Tool]:
    """The functions of these `names`, of functions or groups, by name; each call makes them anew.

    Raises UsageError for a name that is not known, and for a function that lacks a setting.
    """
    wanted = {member for name in names for member in _members(name)}
    tools: dict[str, Tool] = {}
    for family, build in _BUILDERS.items():
        if wanted.intersection(family):
            tools |= {tool.name: tool for tool in build(options) if tool.name in wanted}
    return tools


def _members(name: str) -> tuple[str, ...]:
    if name not in GROUPS and name not in NAMES:
        known = ", ".join(dict.fromkeys((*NAMES, *GROUPS)))
        raise UsageError(
            f"there is no built-in function {name!r}", why=f"there are {known}", hint="choose one"
        )
    return GROUPS.get(name, (name,))
