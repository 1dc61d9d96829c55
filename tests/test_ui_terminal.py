"""The terminal must be as it was found, whatever happened in between."""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("only on POSIX", allow_module_level=True)

import termios

from voicecli.ui.region import Size
from voicecli.ui.terminal import FALLBACK, Terminal


@pytest.fixture
def pty() -> Iterator[tuple[int, int]]:
    """Our end of a pseudo-terminal and the other."""
    ours, theirs = os.openpty()
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


def sent(ours: int) -> bytes:
    """All that was written to the other end."""
    os.set_blocking(ours, False)
    data = b""
    with contextlib.suppress(BlockingIOError):
        while piece := os.read(ours, 1000):
            data += piece
    return data


def test_keys_come_one_by_one_without_echo_and_all_is_undone(pty: tuple[int, int]) -> None:
    ours, theirs = pty
    before = termios.tcgetattr(theirs)
    with Terminal(theirs, theirs) as terminal:
        assert terminal.is_open
        modes = termios.tcgetattr(theirs)
        assert not modes[3] & (termios.ECHO | termios.ICANON)
        assert modes[3] & termios.ISIG
        assert not modes[0] & termios.IXON
        os.write(ours, b"x")
        assert os.read(theirs, 10) == b"x"
    assert not terminal.is_open
    assert termios.tcgetattr(theirs) == before
    assert sent(ours) == (
        b"\x1b[?2004h\x1b[?25l" + b"\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[0m\x1b[?25h"
    )


def test_opening_and_closing_twice_is_once(pty: tuple[int, int]) -> None:
    ours, theirs = pty
    terminal = Terminal(theirs, None)
    terminal.close()
    terminal.open()
    terminal.open()
    terminal.close()
    terminal.close()
    assert sent(ours).count(b"\x1b[?25h") == 1
    terminal.open()
    assert sent(ours) == b"\x1b[?2004h\x1b[?25l"
    terminal.close()


def test_an_exception_passes_and_the_terminal_is_restored(pty: tuple[int, int]) -> None:
    _, theirs = pty
    before = termios.tcgetattr(theirs)
    with pytest.raises(RuntimeError), Terminal(theirs, theirs):
        raise RuntimeError
    assert termios.tcgetattr(theirs) == before


def test_a_keyboard_that_is_not_ours_is_left_alone(pty: tuple[int, int]) -> None:
    _, theirs = pty
    before = termios.tcgetattr(theirs)
    with Terminal(theirs, None):
        assert termios.tcgetattr(theirs) == before


def test_a_terminal_that_is_gone_is_told_about_once() -> None:
    ours, theirs = os.openpty()
    terminal = Terminal(theirs, theirs)
    terminal.open()
    os.close(ours)
    with pytest.raises(BrokenPipeError, match="the terminal is gone"):
        terminal.write(b"x")
    terminal.write(b"y")
    terminal.close()
    os.close(theirs)


def test_closing_a_terminal_that_is_gone_is_quiet() -> None:
    ours, theirs = os.openpty()
    terminal = Terminal(theirs, theirs)
    terminal.open()
    os.close(ours)
    terminal.close()
    os.close(theirs)


def test_a_terminal_that_others_made_non_blocking_gets_everything() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    capacity = fcntl.fcntl(writer, fcntl.F_GETPIPE_SZ) if sys.platform == "linux" else 65_536
    data = os.urandom(capacity * 2)
    child = os.fork()
    if child == 0:
        Terminal(writer, None).write(data)
        os._exit(0)
    os.close(writer)
    with open(reader, "rb") as stream:
        assert stream.read() == data
    assert os.waitpid(child, 0)[1] == 0


def test_a_terminal_that_takes_nothing_counts_as_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voicecli.ui.terminal._STALLED_S", 0.0)
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with pytest.raises(BrokenPipeError, match="takes nothing"):
        Terminal(writer, None).write(bytes(1 << 22))
    os.close(reader)
    os.close(writer)


def test_the_size_and_what_it_is_taken_for_without_one(
    pty: tuple[int, int], tmp_path: Path
) -> None:
    _, theirs = pty
    terminal = Terminal(theirs, None)
    assert terminal.size() == FALLBACK
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
    assert terminal.size() == Size(200, 50)
    with open(tmp_path / "file", "w") as file:
        assert Terminal(file.fileno(), None).size() == FALLBACK
