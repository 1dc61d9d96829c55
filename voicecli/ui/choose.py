"""Which view fits: JSON lines if asked for, the screen on a terminal, or else plain lines."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

from voicecli.talk.view import View
from voicecli.ui.json_lines import JsonView
from voicecli.ui.plain import PlainView

if TYPE_CHECKING:
    from voicecli.ui.keys import KeyReader
    from voicecli.ui.tui import TuiView

# Terminals that leave lines as they are when the window gets narrower: xterm and GNU screen.
_KEEPING_LINES = ("XTERM_VERSION", "STY")


def choose_view(
    stdin: TextIO,
    stdout: TextIO,
    stderr: TextIO,
    *,
    json: bool,
    environ: Mapping[str, str],
    recorded: bool = False,
) -> View:
    """The view for these streams; opens nothing that `View.close` does not close.

    With a terminal as stdout, keys come from it even if stdin is a script (`--text -`). `recorded`
    says that what is shown is over, so that nothing can be said.
    """
    if json:
        return JsonView(stdout)
    if fits_screen(stdout, environ):
        return _screen(stdin, stdout, environ, recorded=recorded)
    return PlainView(stdout, stderr)


def asks(view: View) -> bool:
    """Whether `view` can put a question to a person and take the answer."""
    if isinstance(view, JsonView | PlainView):
        return False
    from voicecli.ui.tui import TuiView

    return isinstance(view, TuiView) and view.asks


def fits_screen(stdout: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether `stdout` is a terminal that obeys control sequences and takes UTF-8."""
    if not stdout.isatty() or not (stdout.encoding or "").lower().startswith("utf"):
        return False
    return sys.platform == "win32" or environ.get("TERM", "dumb") not in ("", "dumb", "unknown")


def _screen(
    stdin: TextIO, stdout: TextIO, environ: Mapping[str, str], *, recorded: bool
) -> TuiView:
    from rich.console import Console

    from voicecli.ui.terminal import Terminal
    from voicecli.ui.tui import TuiView

    stdout.flush()
    resources = contextlib.ExitStack()
    keyboard_fd = _keyboard(stdin, stdout, resources)
    console = Console(
        file=io.StringIO(),  # it styles; the terminal is written to by its descriptor
        _environ=environ,
        force_terminal=True,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    rewraps = not any(name in environ for name in _KEEPING_LINES)
    terminal = Terminal(stdout.fileno(), keyboard_fd)
    keys = _key_reader(keyboard_fd)
    return TuiView(terminal, keys, console, rewraps=rewraps, recorded=recorded, resources=resources)


def _keyboard(stdin: TextIO, stdout: TextIO, resources: contextlib.ExitStack) -> int | None:
    """The descriptor to read keys from: stdin, or the terminal behind stdout."""
    if stdin.isatty():
        return stdin.fileno()
    if sys.platform == "win32":
        return None
    try:
        # By its own name: macOS cannot wait for /dev/tty.
        name = os.ttyname(stdout.fileno())
        keyboard_fd = os.open(name, os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return None
    resources.callback(os.close, keyboard_fd)
    return keyboard_fd


def _key_reader(keyboard_fd: int | None) -> KeyReader | None:
    if keyboard_fd is None:
        return None
    if sys.platform == "win32":
        from voicecli.ui.keys_windows import WindowsKeyReader

        return WindowsKeyReader()
    from voicecli.ui.keys import PosixKeyReader

    return PosixKeyReader(keyboard_fd)
