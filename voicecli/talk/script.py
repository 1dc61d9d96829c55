"""Scripted demos: the lines that are said for the user, from flags, files or standard input."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from voicecli.errors import UsageError

LARGEST_FILE_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Cue:
    """A line for the user's side: said after the last reply, or `into_reply_s` into it."""

    text: str
    into_reply_s: float | None = None


STDIN = None
"""Stands for standard input in a list of lines."""


def expanded(texts: Iterable[str]) -> tuple[str | None, ...]:
    """The lines that `--text` names: each its own, `@FILE` one a line, `-` becomes STDIN.

    Raises UsageError for a file that cannot be read.
    """
    lines: list[str | None] = []
    for text in texts:
        if text == "-":
            lines.append(STDIN)
        elif text.startswith("@"):
            lines.extend(lines_of_file(Path(text[1:])))
        elif text.strip():
            lines.append(text.strip())
    return tuple(lines)


async def cues(lines: Iterable[str | None], stdin: TextIO) -> AsyncIterator[Cue]:
    """The lines as cues; standard input is read as it comes, so that a program can lead."""
    for line in lines:
        if line is STDIN:
            async for typed in _lines_of(stdin):
                yield Cue(typed)
        else:
            yield Cue(line)


def lines_of_file(path: Path) -> list[str]:
    """The lines of a UTF-8 file that are not blank."""
    hint = "name a text file with one turn a line: --text @FILE"
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise UsageError(f"{path} is too large for a script", hint=hint)
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"cannot read {path}", why=why, hint=hint) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text", hint=hint) from error
    return [line.strip() for line in text.splitlines() if line.strip()]


async def _lines_of(stream: TextIO) -> AsyncIterator[str]:
    """Lines of `stream` as they come. A daemon thread reads, for a read cannot be cancelled."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()

    def hand_over(line: str | None) -> None:
        try:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        except RuntimeError:
            return  # the conversation ended before standard input did

    def read() -> None:
        try:
            for line in stream:
                hand_over(line)
        finally:
            hand_over(None)

    threading.Thread(target=read, name="voicecli-stdin", daemon=True).start()
    while (line := await lines.get()) is not None:
        if line.strip():
            yield line.strip()
