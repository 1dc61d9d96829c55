"""Functions from the user's own files and from installed packages."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import sys
import traceback
from collections.abc import Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from importlib.machinery import SourceFileLoader
from importlib.metadata import EntryPoint, entry_points
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

from voicecli.errors import UsageError, VoicecliError
from voicecli.tools.declare import FunctionTool
from voicecli.tools.tool import Tool
from voicecli.tools.toolbox import refuse_doubles

GROUP = "voicecli.tools"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Packages:
    """What installed packages bring: functions, and what is wrong with those that cannot."""

    tools: tuple[Tool, ...]
    warnings: tuple[str, ...]


def load_file(path: Path, label: str) -> tuple[Tool, ...]:
    """All `@tool` functions that the Python file at `path` defines, in order.

    `label` is the path as people write it. The file can import what stands beside it. Raises
    UsageError, with a line where there is one, for a file that cannot be run or that has none.
    """
    if not os.path.isfile(path):
        problem = "is not a file" if os.path.exists(path) else "cannot be found"
        raise UsageError(
            f"the file of functions {label} {problem}",
            hint="change `tools` in the settings, or create the file",
        )
    module = _run(path.resolve(), label)
    found = [one for one in _tools_in(module) if one.function.__module__ == module.__name__]
    if not found:
        raise UsageError(
            f"the file of functions {label} defines none",
            why="no function in it is decorated with @tool",
            hint="write `from voicecli.tools import tool`, and @tool above a function",
        )
    tools = tuple(replace(one, origin=label) for one in found)
    refuse_doubles(tools)
    return tools


def load_packages() -> Packages:
    """The functions that installed packages announce as entry points of the group `voicecli.tools`.

    An entry point is a module with `@tool` functions, one such function, or a list of them.
    """
    tools: list[Tool] = []
    warnings = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        origin = f"package {point.dist.name if point.dist else point.name}"
        try:
            with redirect_stdout(sys.stderr):
                found = _of_package(point)
        except (Exception, SystemExit) as error:
            _log.warning("the functions of %s cannot be loaded", origin, exc_info=error)
            warnings.append(f"the functions of the {origin} are left out: {_said(error)}")
            continue
        tools += (replace(one, origin=origin) for one in found)
    return Packages(tuple(tools), tuple(warnings))


def _run(path: Path, label: str) -> ModuleType:
    # Its own name for each path, so that `tools.py` neither hides a module nor is hidden by one;
    # and it stays known, since dataclasses and pydantic look up types in the module of their name.
    digest = hashlib.sha256(str(path).encode(errors="surrogateescape")).hexdigest()[:8]
    name = f"voicecli_file_{re.sub(r'[^A-Za-z0-9]', '_', path.stem)}_{digest}"
    loader = SourceFileLoader(name, str(path))
    spec = spec_from_loader(name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    # Last, so that it hides nothing; and for good, since functions import when they are called.
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    sys.modules[name] = module
    try:
        # What it prints is not what the command is asked for.
        with redirect_stdout(sys.stderr):
            loader.exec_module(module)
    except VoicecliError:
        del sys.modules[name]
        raise
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        _log.warning("the file of functions %s failed", label, exc_info=error)
        line = _line_of(error, path)
        raise UsageError(
            f"the file of functions {label} cannot be run",
            why=(f"line {line}: " if line else "") + _said(error),
            hint="mend the file, or take it out of `tools` in the settings",
        ) from error
    return module


def _line_of(error: BaseException, path: Path) -> int | None:
    """The line of the file at `path` that led to `error`."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path)]
    return lines[-1] if lines else None


def _said(error: BaseException) -> str:
    if isinstance(error, VoicecliError):
        return str(error)
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _tools_in(module: ModuleType) -> list[FunctionTool[Any, Any]]:
    """The tools that are named in `module`, each once."""
    tools = {id(one): one for one in vars(module).values() if isinstance(one, FunctionTool)}
    return list(tools.values())


def _of_package(point: EntryPoint) -> Iterable[Tool]:
    """Raises whatever loading raises, or TypeError for what is no tool."""
    loaded = point.load()
    if isinstance(loaded, ModuleType):
        top = loaded.__name__.partition(".")[0]
        found: list[Tool] = [
            one for one in _tools_in(loaded) if one.function.__module__.partition(".")[0] == top
        ]
    else:
        found = list(loaded) if isinstance(loaded, list | tuple) else [loaded]
    for one in found:
        if not isinstance(one, Tool):
            raise TypeError(f"{point.value} holds a {type(one).__name__}, not an @tool function")
    if not found:
        raise TypeError(f"{point.value} has no @tool function")
    return found
