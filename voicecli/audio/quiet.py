"""Keeps the sound libraries from writing on the user's terminal.

ALSA, JACK and PortAudio print to file descriptor 2: while devices are listed and opened, ALSA at
every underrun, and PortAudio when a device goes away, in the middle of the screen.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

# void handler(const char *file, int line, const char *function, int err, const char *fmt, ...)
_AlsaHandler = ctypes.CFUNCTYPE(
    None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p
)


@contextmanager
def hidden_stderr() -> Iterator[None]:
    """What the process writes to file descriptor 2 meanwhile is lost; one thread at a time."""
    kept = _copy_of_stderr()
    if kept is None:
        yield
        return
    hole = os.open(os.devnull, os.O_WRONLY)
    os.dup2(hole, 2)
    os.close(hole)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@contextmanager
def stderr_without_libraries() -> Iterator[None]:
    """Meanwhile `sys.stderr` writes where it did before, and file descriptor 2 leads nowhere.

    For a whole conversation: devices are opened in the middle of it, while others print.
    """
    kept = _copy_of_stderr()
    if kept is None or not _is_descriptor_2(sys.stderr):
        yield
        return
    real = sys.stderr
    real.flush()
    with (
        os.fdopen(kept, "w", buffering=1, encoding=real.encoding, errors=real.errors) as moved,
        hidden_stderr(),
    ):
        sys.stderr = moved
        try:
            yield
        finally:
            sys.stderr = real


def _is_descriptor_2(stream: TextIO) -> bool:
    try:
        return stream.fileno() == 2
    except (AttributeError, OSError, ValueError):
        return False  # replaced by something that is no file: libraries do not write there


@functools.cache
def silence_alsa() -> object:
    """Give ALSA a handler of messages that drops them; for the rest of the process.

    Returns what has to stay alive for that: the cache keeps it.
    """
    if not sys.platform.startswith("linux"):
        return None
    handler = _AlsaHandler(_drop)
    try:
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(handler)
    except (OSError, AttributeError):
        return None  # PortAudio without ALSA: nothing to silence
    return handler


def _drop(_file: bytes, _line: int, _function: bytes, _error: int, _format: bytes) -> None:
    return None


def _copy_of_stderr() -> int | None:
    try:
        return os.dup(2)
    except OSError:
        return None  # closed: nothing is printed that would have to be hidden
