"""The terminal: its modes while the screen is up, and as they were on every way out.

Written straight to the file descriptors: a signal may end the process at any moment, and Python's
buffers must not be entered twice.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import select
import sys
from types import TracebackType
from typing import Any, Final, NoReturn

from voicecli.ui import console_windows
from voicecli.ui.region import Size

if sys.platform != "win32":
    import termios

FALLBACK: Final = Size(80, 24)
# How long a write may wait for a terminal that takes nothing, before it counts as gone.
_STALLED_S = 5.0

# xterm's ctlseqs: bracketed paste (2004), cursor (25), automatic wrapping (7), synchronized
# output (2026), and SGR 0. Leaving also undoes what a frame that was cut short has begun.
_ENTER = b"\x1b[?2004h\x1b[?25l"
_LEAVE = b"\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[0m\x1b[?25h"


class Terminal:
    """Reads keys one by one without echo from `keyboard_fd`, if given, and writes to `output_fd`.

    A context manager; `close` is safe to call twice and from any state, and Python's exit calls it.
    """

    def __init__(self, output_fd: int, keyboard_fd: int | None) -> None:
        self.keyboard_fd = keyboard_fd
        self._output_fd = output_fd
        self._saved: list[Any] | None = None
        self._console: console_windows.ConsoleModes | None = None
        self._open = False
        self._gone = False

    def __enter__(self) -> Terminal:
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def is_open(self) -> bool:
        """Whether the terminal is in the screen's modes."""
        return self._open

    def open(self) -> None:
        """Enter the screen's modes, again after `close` too; nothing if they are set."""
        if self._open:
            return
        self._open = True
        atexit.register(self.close)
        self._console = console_windows.enter()
        if sys.platform != "win32" and self.keyboard_fd is not None:
            self._saved = termios.tcgetattr(self.keyboard_fd)
            termios.tcsetattr(self.keyboard_fd, termios.TCSANOW, _keys_one_by_one(self._saved))
        self.write(_ENTER)

    def close(self) -> None:
        """Leave the terminal as it was found; it may be gone already."""
        if not self._open:
            return
        if sys.platform != "win32" and self.keyboard_fd is not None and self._saved is not None:
            with contextlib.suppress(termios.error, OSError):
                termios.tcsetattr(self.keyboard_fd, termios.TCSANOW, self._saved)
        with contextlib.suppress(BrokenPipeError):
            self.write(_LEAVE)
        if self._console is not None:
            console_windows.leave(self._console)
        # Last, so that whatever interrupts this leaves it to be done at Python's exit.
        self._open = False
        atexit.unregister(self.close)

    def write(self, data: bytes) -> None:
        """Write all of `data`.

        BrokenPipeError, once, if the terminal is gone or takes nothing for seconds; from then on
        nothing is written.
        """
        rest = memoryview(b"" if self._gone else data)
        while rest:
            try:
                rest = rest[os.write(self._output_fd, rest) :]
            except BlockingIOError:  # whoever shares the terminal made it non-blocking
                if not select.select([], [self._output_fd], [], _STALLED_S)[1]:
                    self._lose("the terminal takes nothing")
            except OSError as error:
                self._lose(error.strerror or str(error))

    def _lose(self, why: str) -> NoReturn:
        self._gone = True
        raise BrokenPipeError(f"the terminal is gone: {why}")

    def size(self) -> Size:
        """Columns and rows now; those of a common terminal where there is no telling."""
        try:
            columns, rows = os.get_terminal_size(self._output_fd)
        except OSError:
            return FALLBACK
        return Size(columns or FALLBACK.width, rows or FALLBACK.height)


if sys.platform != "win32":

    def _keys_one_by_one(saved: list[Any]) -> list[Any]:
        """Termios attributes: keys at once, no echo; Ctrl-C and Ctrl-Z signal, Ctrl-S does not."""
        attributes = [*saved[:6], list(saved[6])]
        attributes[0] &= ~termios.IXON
        attributes[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
        attributes[6][termios.VMIN] = 1
        attributes[6][termios.VTIME] = 0
        return attributes
