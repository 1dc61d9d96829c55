"""What functions print does not belong between the lines that the command prints."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout


class _OnStderr(io.TextIOBase):
    """Writes to `sys.stderr`, whatever that is at the time: the screen takes its place."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()

    def writable(self) -> bool:
        return True


@contextmanager
def prints_on_stderr() -> Iterator[None]:
    """Meanwhile `print` writes to stderr; who has taken hold of stdout before keeps it."""
    with redirect_stdout(_OnStderr()):
        yield
