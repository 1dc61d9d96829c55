"""Lines to a stream whose reader may have left, in an encoding that may not know every letter."""

from __future__ import annotations

import contextlib
import io
import os
import select
from typing import TextIO


class LineWriter:
    """Writes whole lines, each flushed.

    When the reader is gone (`voicecli … | head`), `write` raises BrokenPipeError once, and later
    lines go nowhere, so that whoever ends the conversation can still tell its views about it.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._gone = False

    @property
    def encoding(self) -> str:
        """The stream's encoding."""
        return self._stream.encoding or "utf-8"

    def write(self, line: str) -> None:
        """Write `line` and a newline; letters that the encoding lacks become escapes."""
        if self._gone:
            return
        known = line.encode(self.encoding, "backslashreplace").decode(self.encoding)
        try:
            self._stream.write(known + "\n")
            self._stream.flush()
        except BrokenPipeError:
            self._gone = True
            self._discard_rest()
            raise

    def reader_left(self) -> bool:
        """Whether the reader of a pipe is gone, as far as the system tells without a write."""
        if self._gone or not hasattr(select, "poll"):
            return False
        try:
            poll = select.poll()
            poll.register(self._stream.fileno(), 0)
            return any(events & select.POLLERR for _, events in poll.poll(0))
        except (OSError, ValueError):
            return False  # no descriptor behind it, or a closed one

    def _discard_rest(self) -> None:
        # What is left in the stream's buffer would fail again, loudly, when Python exits.
        with contextlib.suppress(io.UnsupportedOperation):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)
