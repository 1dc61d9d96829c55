"""`--json`: every event as one JSON object on one line. docs/events.md documents the form."""

from __future__ import annotations

from typing import TextIO

from voicecli.talk.event_json import encode
from voicecli.talk.events import TalkEvent
from voicecli.talk.view import Controls
from voicecli.ui.line_writer import LineWriter


class JsonView:
    """Writes each event to `stdout` at once; has no keys and no screen.

    `show` raises BrokenPipeError, once, when the reader is gone.
    """

    def __init__(self, stdout: TextIO) -> None:
        self._lines = LineWriter(stdout)
        self._ascii_only = not self._lines.encoding.lower().replace("-", "").startswith("utf")

    def show(self, event: TalkEvent) -> None:
        """Write `event` as one line."""
        self._lines.write(encode(event, ascii_only=self._ascii_only))

    async def run(self, controls: Controls) -> None:
        """Return at once: there is nothing to serve."""

    def close(self) -> None:
        """Do nothing: every line is out already."""
