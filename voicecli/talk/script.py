"""Scripted demos: the lines that are said for the user, from flags, files or standard input."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from voicecli.errors import UsageError

LARGEST_FILE_BYTES = 1_000_000
LARGEST_LINE_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True)
class Cue:
    """A line for the user's side: said after the last reply, or `into_reply_s` into it."""

    text: str
    into_reply_s: float | None = None


STDIN = None
"""Stands for standard input in a list of lines."""


def expanded(texts: Iterable[str]) -> tuple[str | None, ...]:
    """The lines that `--text` names: each its own, `@FILE` one a line, `-` becomes STDIN.

    Raises UsageError for a file that cannot be read, for what is no text, and if nothing is left.
    """
    lines: list[str | None] = []
    for text in texts:
        if text == "-":
            lines.append(STDIN)
        elif text.startswith("@"):
            lines.extend(lines_of_file(Path(text[1:])))
        elif text.strip():
            lines.append(_checked(text, "a line of --text").strip())
    if not lines:
        raise _nothing_to_say()
    return tuple(lines)


async def cues(lines: Iterable[str | None], stdin: TextIO) -> AsyncIterator[Cue]:
    """The lines as cues; standard input is read as it comes, so that a program can lead.

    Raises UsageError for a standard input that is not text, or if there was no line at all.
    """
    cue = None
    for line in lines:
        if line is STDIN:
            async for typed in _lines_of(stdin):
                cue = Cue(typed)
                yield cue
        else:
            cue = Cue(line)
            yield cue
    if cue is None:
        raise _nothing_to_say()


def lines_of_file(path: Path) -> list[str]:
    """The lines of a UTF-8 file that are not blank."""
    hint = "name a text file with one turn a line: --text @FILE"
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE_BYTES + 1)
        if len(content) > LARGEST_FILE_BYTES:
            raise UsageError(f"{path} is too large for a script", hint=hint)
        text = content.decode("utf-8-sig")
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"cannot read {path}", why=why, hint=hint) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text", hint=hint) from error
    return [line.strip() for line in text.splitlines() if line.strip()]


async def _lines_of(stream: TextIO) -> AsyncIterator[str]:
    """Lines of `stream`, each read when it is wanted: who writes them faster has to wait."""
    while line := await _next_line(stream):
        if len(line) > LARGEST_LINE_CHARACTERS:
            raise UsageError(
                "a line of standard input is too long",
                why=f"it has more than {LARGEST_LINE_CHARACTERS} characters",
                hint="write one turn a line: --text -",
            )
        text = _checked(line, "standard input").strip()
        if text:
            yield text


async def _next_line(stream: TextIO) -> str:
    """The next line, or '' at the end. A daemon thread reads, for a read cannot be cancelled."""
    loop = asyncio.get_running_loop()
    read: asyncio.Future[str] = loop.create_future()

    def settle(line: str, error: Exception | None) -> None:
        if read.done():
            return  # nobody waits any more
        if error is None:
            read.set_result(line)
        else:
            read.set_exception(error)

    def run() -> None:
        line, failure = "", None
        try:
            line = stream.readline(LARGEST_LINE_CHARACTERS + 1)
        except (OSError, ValueError) as error:  # UnicodeDecodeError is a ValueError
            failure = UsageError("standard input cannot be read as UTF-8 text", why=str(error))
        with suppress(RuntimeError):  # the conversation ended before standard input did
            loop.call_soon_threadsafe(settle, line, failure)

    threading.Thread(target=run, name="voicecli-stdin", daemon=True).start()
    return await read


def _checked(text: str, where: str) -> str:
    """`text`, unless it holds bytes that Python took in without understanding them."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(
            f"{where} is not UTF-8 text", hint="convert it first, as with: iconv -t UTF-8"
        ) from error
    return text


def _nothing_to_say() -> UsageError:
    return UsageError(
        "there is nothing to say",
        why="--text has no line that is not blank",
        hint='voicecli talk --text "hello"',
    )
