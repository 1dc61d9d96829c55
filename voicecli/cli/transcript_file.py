"""`--save-transcript`: the words of both sides, as plain lines in a file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from voicecli.errors import UsageError, VoicecliError
from voicecli.talk.events import TalkEvent
from voicecli.talk.view import Controls, View
from voicecli.ui.plain import PlainView


@contextmanager
def transcript_file(path: Path) -> Iterator[View]:
    """A view that writes to `path`, which only its owner may read. Raises UsageError."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise UsageError(
            f"cannot write {path}",
            why=error.strerror or str(error),
            hint="name a file in a folder that exists: --save-transcript FILE",
        ) from error
    lines = open(descriptor, "w", encoding="utf-8")  # noqa: SIM115 - closed below, on a full disk too
    try:
        with open(os.devnull, "w") as notes:
            yield _FileView(path, PlainView(lines, notes))
    finally:
        # Each line is flushed: what is left was refused before, and reported then.
        with suppress(OSError):
            lines.close()


class _FileView:
    """Shows through `lines` until the disk refuses one, which is an error to be told once."""

    def __init__(self, path: Path, lines: PlainView) -> None:
        self._path = path
        self._lines = lines
        self._refused = False

    def show(self, event: TalkEvent) -> None:
        """Write what `event` has to say. Raises VoicecliError, once."""
        if self._refused:
            return
        try:
            self._lines.show(event)
        except OSError as error:
            self._refused = True
            raise VoicecliError(
                f"cannot write {self._path}",
                why=error.strerror or str(error),
                hint="make room, or name another file",
            ) from error

    async def run(self, controls: Controls) -> None:
        """Return at once: there is nothing to serve."""

    def close(self) -> None:
        """Do nothing: every line is out already."""
