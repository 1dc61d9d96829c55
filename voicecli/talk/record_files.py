"""The files of one record: private, never through a link, and whole as far as they go."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

# A line holds a turn's words or a tool's result; what is longer is no line of ours.
MAX_LINE_BYTES = 4_000_000
MAX_FACTS_BYTES = 64_000

# A name may lead elsewhere, or to a pipe that blocks whoever opens it.
_CAREFULLY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
# On Windows a line's end would become two bytes, and the sizes those of another file.
_AS_IT_IS = getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class RecordFiles:
    """Where the parts of a record are; none of them has to exist."""

    events: Path
    transcript: Path
    user_sound: Path
    model_sound: Path
    session: Path
    handle: Path
    lock: Path

    @classmethod
    def of(cls, folder: Path) -> Self:
        """The files in `folder`."""
        names = (
            *("events.jsonl", "transcript.md", "user.wav", "model.wav"),
            *("session.json", "handle.json", "lock"),
        )
        return cls(*(folder / name for name in names))

    def contents(self) -> tuple[Path, ...]:
        """Every file that a record may have, but the lock."""
        kept = (self.events, self.transcript, self.user_sound, self.model_sound)
        facts = (self.session, self.handle)
        return (*kept, *facts, *(_part_of(path) for path in facts))


class Appended:
    """A file that grows by whole texts, each out at once; opened with the first of them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def write(self, text: str) -> None:
        """Append `text`. Raises OSError."""
        if self._descriptor is None:
            self._open()
        assert self._descriptor is not None
        left = memoryview(text.encode("utf-8", "replace"))
        while left:
            left = left[os.write(self._descriptor, left) :]

    def close(self) -> None:
        """Close it; safe to call twice."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with suppress(OSError):  # every text was out, or its loss was told
                os.close(descriptor)

    def _open(self) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | _CAREFULLY | _AS_IT_IS
        self._descriptor = os.open(self._path, flags, 0o600)
        size = os.fstat(self._descriptor).st_size
        if size:
            os.lseek(self._descriptor, size - 1, os.SEEK_SET)
            if os.read(self._descriptor, 1) != b"\n":
                # Killed in the middle of a line: the next one must not hang on to it.
                os.write(self._descriptor, b"\n")


def lines_of(path: Path) -> Iterator[str]:
    """The lines of a file of text without their ends, as far as there is one to read.

    What is not UTF-8 is replaced, and lines of more than MAX_LINE_BYTES are left out.
    """
    with suppress(OSError), _opened(path) as file:
        while line := file.readline(MAX_LINE_BYTES):
            whole = line.endswith(b"\n") or not (rest := file.readline(MAX_LINE_BYTES))
            while not whole and rest and not rest.endswith(b"\n"):
                rest = file.readline(MAX_LINE_BYTES)
            if whole:
                yield line.rstrip(b"\r\n").decode("utf-8", "replace")


def write_facts(path: Path, facts: Mapping[str, object]) -> None:
    """Replace `path` by a JSON object; it is never seen half written. Raises OSError."""
    fresh = _part_of(path)
    with suppress(FileNotFoundError):
        fresh.unlink()  # of a process that was killed
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(json.dumps(facts) + "\n")
        fresh.replace(path)
    except OSError:
        with suppress(OSError):
            fresh.unlink()
        raise


def read_facts(path: Path) -> dict[str, object]:
    """The JSON object in `path`; empty if there is none to read."""
    line = next(lines_of(path), "")
    if len(line) > MAX_FACTS_BYTES:
        return {}
    try:
        facts = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _part_of(path: Path) -> Path:
    """Where `path` is written before it is whole."""
    return path.with_name(f".{path.name}.part")


def _opened(path: Path) -> BinaryIO:
    """`path` to be read, if it is a file. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | _CAREFULLY | _AS_IT_IS)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a file")
    return open(descriptor, "rb")
