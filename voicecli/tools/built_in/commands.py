"""Runs a command apart from the terminal: its output limited, and nothing of it left running."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

# What is kept of a command's output: most of what a result may hold, its begin and its end.
KEPT_BYTES = 12_000
# A command that prints without end is stopped; a build that is chatty is not.
MAX_OUTPUT_BYTES = 10_000_000
# What is in the pipe when a command ends is read in no time.
LAST_WORDS_S = 0.5


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a command; `note` says what is missing of its output, or why it was stopped.

    `exit_code` is None if it was stopped, and negative if a signal ended it.
    """

    exit_code: int | None
    output: str
    note: str = ""


class Output:
    """Begin and end of what a command printed."""

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._half = kept_bytes // 2
        self._begin = b""
        self._end = b""
        self.total = 0

    def add(self, piece: bytes) -> None:
        """Take note of what came next."""
        self.total += len(piece)
        room = self._half - len(self._begin)
        self._begin += piece[:room]
        end = self._end + piece[room:]
        self._end = end[max(0, len(end) - self._half) :]

    @property
    def left_out(self) -> int:
        """How many bytes of its middle are not kept."""
        return self.total - len(self._begin) - len(self._end)

    @property
    def text(self) -> str:
        """What is kept, as text."""
        gap = f"\n… ({self.left_out} bytes left out) …\n".encode() if self.left_out else b""
        return (self._begin + gap + self._end).decode("utf-8", "replace")


class _Watch(asyncio.SubprocessProtocol):
    """Sees what a command prints, and when it ends; its output may be held open by others."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.output = Output()
        self.over: asyncio.Future[None] = loop.create_future()
        """It has ended, or has printed too much."""
        self.quiet: asyncio.Future[None] = loop.create_future()
        """Nobody can print any more."""

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self.output.add(data)
        if self.output.total >= MAX_OUTPUT_BYTES:
            self.process_exited()

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        if not self.quiet.done():
            self.quiet.set_result(None)

    def process_exited(self) -> None:
        if not self.over.done():
            self.over.set_result(None)


async def run_command(
    command: Sequence[str],
    environment: Mapping[str, str],
    timeout_s: float,
    *,
    errors: bool = True,
) -> Ran:
    """Run `command` without input, both its streams in one, and end it after `timeout_s`.

    Without `errors`, what it prints there is dropped. It has a session of its own, so it cannot
    reach the terminal; what it started and left running is ended with it.

    Raises OSError if it cannot be started.
    """
    transport, watch = await asyncio.get_running_loop().subprocess_exec(
        _Watch,
        *command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if errors else subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    try:
        await asyncio.wait({watch.over}, timeout=timeout_s)
        exit_code = transport.get_returncode()
    finally:
        _end(transport)
        await asyncio.wait({watch.quiet}, timeout=LAST_WORDS_S)
        transport.close()
    return Ran(exit_code, watch.output.text, _note(exit_code, watch.output, timeout_s))


def _end(transport: asyncio.SubprocessTransport) -> None:
    """End the command and everything that it started and that did not leave its session."""
    if sys.platform == "win32":
        with suppress(ProcessLookupError):
            transport.kill()
    else:
        # macOS says "not permitted" where everything has ended already.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(transport.get_pid(), signal.SIGKILL)


def _note(exit_code: int | None, output: Output, timeout_s: float) -> str:
    if output.total >= MAX_OUTPUT_BYTES:
        return f"it was stopped: its output was longer than {MAX_OUTPUT_BYTES} bytes"
    if exit_code is None:
        return f"it was stopped after {timeout_s:g} s"
    return f"{output.left_out} bytes of its output were left out" if output.left_out else ""
