"""The log file: tracebacks and oddities of the protocol, for the user's eyes only."""

from __future__ import annotations

import logging
import os
from logging.handlers import RotatingFileHandler
from typing import IO

from voicecli.paths import ensure_private_folder, log_file

LARGEST_LOG_BYTES = 1_000_000


class _PrivateFileHandler(RotatingFileHandler):
    """Makes its files readable by the owner only."""

    def _open(self) -> IO[str]:  # type: ignore[override]
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return open(descriptor, self.mode, encoding="utf-8")


def log_to_file() -> None:
    """Send what libraries and voicecli log to the log file, and nothing of it to the terminal."""
    logging.captureWarnings(capture=True)
    try:
        path = log_file()
        ensure_private_folder(path.parent)
        handler: logging.Handler = _PrivateFileHandler(
            path, maxBytes=LARGEST_LOG_BYTES, backupCount=1, delay=True
        )
    except OSError:
        handler = logging.NullHandler()  # a read-only home must not end a conversation
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
