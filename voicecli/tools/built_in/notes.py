"""Notes in one file of the user's: a line each with date and time, added and searched."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from voicecli.tools.built_in.clock import local_now
from voicecli.tools.declare import tool
from voicecli.tools.tool import ArgumentsError, Tool

# A page of text; what is longer is a document.
MAX_NOTE_CHARACTERS = 4_000
# As many as can be read out, and as fit into a result.
MAX_FOUND = 20
# Years of notes. Of a larger file its end is searched.
MAX_SEARCHED_BYTES = 4_000_000

# A pipe in the file's place would block whoever opens it.
_WITHOUT_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


class Notes:
    """The notes in the file at `path`, which is made with the first of them."""

    def __init__(self, path: Path, now: Callable[[], datetime] = local_now) -> None:
        self._path = path
        self._now = now

    def add(self, text: str) -> str:
        """Append a note and return its line. Raises ArgumentsError, OSError.

        It goes out in one piece, so that two conversations cannot mix theirs.
        """
        if len(text) > MAX_NOTE_CHARACTERS:
            raise ArgumentsError(f"a note has at most {MAX_NOTE_CHARACTERS} characters")
        words = " ".join(_CONTROL.sub(" ", text).split())
        if not words:
            raise ArgumentsError("there is nothing to note")
        line = f"- {self._now():%Y-%m-%d %H:%M} {words}"
        self._append(line)
        return line

    def search(self, query: str) -> list[str]:
        """The lines that hold every word of `query`, in any case, newest first.

        All of them without a word; MAX_FOUND at most. Raises OSError.
        """
        words = query.casefold().split()
        lines = reversed(self._text().splitlines())
        found = (
            line[: MAX_NOTE_CHARACTERS + 20]
            for line in lines
            if line.strip() and all(word in line.casefold() for word in words)
        )
        return [line for line, _ in zip(found, range(MAX_FOUND), strict=False)]

    def _append(self, line: str) -> None:
        if not self._path.parent.exists():
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | _WITHOUT_WAITING
        descriptor = os.open(self._path, flags, 0o600)
        try:
            size = self._size(descriptor)
            before = "" if size == 0 or _last_byte(descriptor, size) == b"\n" else "\n"
            data = f"{before}{line}\n".encode()
            if os.write(descriptor, data) < len(data):
                raise OSError(f"{self._path.name} took only a part of the note: is the disk full?")
        finally:
            os.close(descriptor)

    def _text(self) -> str:
        try:
            descriptor = os.open(self._path, os.O_RDONLY | _WITHOUT_WAITING)
        except FileNotFoundError:
            return ""
        with open(descriptor, "rb") as file:
            begin = max(0, self._size(descriptor) - MAX_SEARCHED_BYTES)
            file.seek(begin)
            if begin:
                file.readline()  # the rest of a line that began before
            return file.read(MAX_SEARCHED_BYTES).decode("utf-8", "replace")

    def _size(self, descriptor: int) -> int:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(f"{self._path.name} is no file that could hold notes")
        return facts.st_size


def _last_byte(descriptor: int, size: int) -> bytes:
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    return os.read(descriptor, 1)


def notes_tools(notes: Notes) -> tuple[Tool, ...]:
    """Adding a note and searching them."""

    @tool(risk="ask")
    def note_add(text: str) -> dict[str, str]:
        """Notes something down for the user, in their file of notes.

        Args:
            text: The note, in one line; date and time are added.
        """
        return {"noted": notes.add(text)}

    @tool
    def note_search(query: str = "") -> list[str]:
        """Finds the user's notes, newest first, at most 20.

        Args:
            query: Words that must all be in a note; without any, the newest notes.
        """
        return notes.search(query)

    return note_add, note_search
