"""A child process on a pseudo-terminal of its own, and the emulator that shows what it drew."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from terminal_emulator import Emulator

# Far more than any step takes; a test that waits this long has failed.
DEADLINE_S = 30.0
ROOT = Path(__file__).resolve().parents[1]

# Makes the pty the controlling terminal, so that Ctrl-C and a hangup arrive as signals.
_SESSION = (
    "import os, sys\n"
    "os.close(os.open(os.ttyname(0), os.O_RDWR))\n"
    "os.execv(sys.argv[1], sys.argv[1:])\n"
)


class PtyChild:
    """`command` on a terminal of `width` times `height`."""

    def __init__(self, command: Sequence[str], width: int, height: int, **variables: str) -> None:
        self._ours, self._theirs = os.openpty()
        self.emulator = Emulator(width, height)
        self.raw = b""
        self._set_size(width, height)
        self._before = self._modes()
        environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **variables}
        self.process = subprocess.Popen(
            [sys.executable, "-c", _SESSION, *command],
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            start_new_session=True,
            env=environ,
        )

    def send(self, data: bytes) -> None:
        """Type `data`."""
        os.write(self._ours, data)

    def resize(self, width: int, height: int) -> None:
        """Change the size of the window."""
        self.emulator.resize(width, height)
        self._set_size(width, height)

    def until(self, reached: Callable[[], bool]) -> None:
        """Take in what the child writes until `reached()`; fail after the deadline."""
        deadline_s = time.monotonic() + DEADLINE_S
        while not reached():
            if time.monotonic() > deadline_s:
                raise AssertionError(f"not reached; the terminal shows:\n{self.emulator.text}")
            self._take_in(0.05)

    def take_in(self, wait_s: float) -> None:
        """Take in what the child writes in `wait_s`."""
        deadline_s = time.monotonic() + wait_s
        while (left_s := deadline_s - time.monotonic()) > 0:
            self._take_in(left_s)

    def until_shows(self, text: str) -> None:
        """Take in what the child writes until `text` is on the terminal."""
        self.until(lambda: text in self.emulator.text)

    def ended(self) -> int:
        """The exit code, once the child has ended and all that it wrote is shown."""
        self.until(lambda: self.process.poll() is not None)
        while self._take_in(0):
            pass
        assert self.process.returncode is not None
        return self.process.returncode

    @property
    def restored(self) -> bool:
        """Whether echo, line editing and all other modes are as they were."""
        shown = self.emulator
        return (
            self._modes() == self._before
            and not shown.cursor_hidden
            and not shown.modes & {2004, 2026}
        )

    @property
    def echoes(self) -> bool:
        """Whether the terminal shows what is typed by itself."""
        return bool(self._modes()[3] & termios.ECHO)

    def close(self) -> None:
        """End the child, if need be, and the terminal."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self._ours)
        os.close(self._theirs)

    def _modes(self) -> list[Any]:
        return termios.tcgetattr(self._theirs)

    def _set_size(self, width: int, height: int) -> None:
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def _take_in(self, wait_s: float) -> bool:
        if not select.select([self._ours], [], [], wait_s)[0]:
            return False
        data = os.read(self._ours, 65_536)
        self.raw += data
        self.emulator.feed(data)
        return True


@contextlib.contextmanager
def on_pty(
    command: Sequence[str], width: int = 80, height: int = 24, **variables: str
) -> Iterator[PtyChild]:
    """`command` on a terminal; killed at the end of the block if it still runs."""
    child = PtyChild(command, width, height, **variables)
    try:
        yield child
    finally:
        child.close()
