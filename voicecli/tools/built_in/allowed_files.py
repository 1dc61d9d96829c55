"""Files under folders that the user allowed, and no others, whatever a path or a link says."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from voicecli.tools.tool import ArgumentsError

# A book. Of a larger file the begin is read.
MAX_FILE_BYTES = 2_000_000
MAX_LISTED = 500
# Text has hardly any bytes that no text is made of; one in ten and it is something else.
_MOST_ODD_BYTES = 0.1

# A name may lead elsewhere by now, or to a pipe that blocks whoever opens it.
_CAREFULLY = (
    getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
)
_CAN_OPEN_STEPWISE = os.open in os.supports_dir_fd
_PRINTED = bytes({*range(32, 256), *b"\t\n\r\f\x1b\b"} - {127})


@dataclass(frozen=True, slots=True)
class Place:
    """A path under an allowed folder; neither goes through a link."""

    folder: Path
    inside: Path

    @property
    def path(self) -> Path:
        return self.folder / self.inside


@dataclass(frozen=True, slots=True)
class Text:
    """What a file says; `is_cut` if it goes on after that."""

    text: str
    is_cut: bool


def find(path: str, folders: Iterable[Path]) -> Place:
    """Where `path` is, which may begin with an allowed folder or be relative to one.

    Raises ArgumentsError if it is not there, or not allowed: both in the same words, so that what
    is outside cannot be told from what is not there.
    """
    wanted = _without_tilde(path)
    for folder in folders:
        root = folder.resolve()
        try:
            real = (root / wanted).resolve(strict=True)
        except (OSError, ValueError, RuntimeError):  # a NUL in it; links that go round
            continue
        if not real.is_relative_to(root):
            continue
        base = next((base for base in (root, folder) if wanted.is_relative_to(base)), None)
        asked_for = wanted if base is None else wanted.relative_to(base)
        # A link may be hidden, or what it leads to.
        if not _is_hidden(asked_for) and not _is_hidden(real.relative_to(root)):
            return Place(root, real.relative_to(root))
    allowed = ", ".join(map(str, folders))
    raise ArgumentsError(f"{path!r} is not there, or not to be read; allowed is {allowed}")


def _without_tilde(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except (RuntimeError, ValueError):  # the home of a user whom nobody knows; a NUL in it
        return Path(path)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def names_in(place: Place) -> list[str] | None:
    """What a folder holds, folders with a slash, sorted; None if `place` is a file.

    Without what is hidden, and with MAX_LISTED names at most. Raises OSError.
    """
    if not place.path.is_dir():
        return None
    with os.scandir(place.path) as entries:
        names = sorted(
            f"{entry.name}/" if entry.is_dir() else entry.name
            for entry in entries
            if not entry.name.startswith(".")
        )
    return [_plain(name) for name in names[:MAX_LISTED]]


def text_in(place: Place) -> Text:
    """What the file says, as far as MAX_FILE_BYTES.

    Raises ArgumentsError for what is no file of text, OSError for what cannot be read.
    """
    descriptor = _opened(place)
    with open(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise ArgumentsError(f"{place.inside} is neither a file nor a folder")
        content = file.read(MAX_FILE_BYTES + 1)
    if not is_text(content):
        raise ArgumentsError(f"{place.inside} is not text ({facts.st_size} bytes)")
    text = content[:MAX_FILE_BYTES].decode("utf-8-sig", "replace")
    return Text(text, len(content) > MAX_FILE_BYTES)


def is_text(content: bytes) -> bool:
    """Whether it looks like text: no NUL, and hardly any control characters."""
    odd = len(content.translate(None, _PRINTED))
    return b"\0" not in content and odd <= len(content) * _MOST_ODD_BYTES


def _opened(place: Place) -> int:
    """A descriptor of the file, step by step, so that no link put there meanwhile is followed."""
    if not _CAN_OPEN_STEPWISE:
        return os.open(place.path, os.O_RDONLY | _CAREFULLY)
    at = os.open(place.folder, os.O_RDONLY | _CAREFULLY)
    for part in place.inside.parts:
        try:
            step = os.open(part, os.O_RDONLY | _CAREFULLY, dir_fd=at)
        finally:
            os.close(at)
        at = step
    return at


def _plain(name: str) -> str:
    """A name as text: what is no UTF-8 in it is replaced."""
    return name.encode("utf-8", "replace").decode()
