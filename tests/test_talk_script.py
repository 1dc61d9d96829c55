"""`--text` in its three forms: a line, a file of lines, and whatever another program says."""

from __future__ import annotations

import asyncio
import io
import os
import sys
import threading
from pathlib import Path
from typing import TextIO

import pytest

from voicecli.errors import UsageError
from voicecli.talk.script import (
    LARGEST_FILE_BYTES,
    LARGEST_LINE_CHARACTERS,
    STDIN,
    Cue,
    cues,
    expanded,
)


async def collected(lines: tuple[str | None, ...], stdin: TextIO) -> list[Cue]:
    async with asyncio.timeout(10):
        return [cue async for cue in cues(lines, stdin)]


def test_lines_files_and_standard_input_keep_their_order(tmp_path: Path) -> None:
    script = tmp_path / "lines.txt"
    script.write_text("one\n\n  two  \n-\n", encoding="utf-8")
    lines = expanded(["zero", f"@{script}", "  ", "-", "last"])
    assert lines == ("zero", "one", "two", "-", STDIN, "last")


def test_standard_input_is_read_where_it_stands() -> None:
    lines = ("first", STDIN, "last")
    found = asyncio.run(collected(lines, io.StringIO("from a pipe\n\n again \n")))
    assert [cue.text for cue in found] == ["first", "from a pipe", "again", "last"]


def test_a_line_is_handed_on_before_the_next_one_is_written() -> None:
    read_end, write_end = os.pipe()

    async def main(reader: TextIO, writer: TextIO) -> list[str]:
        stream = cues((STDIN,), reader)
        found = []
        async with asyncio.timeout(10):
            for line in ("one", "two"):
                print(line, file=writer, flush=True)
                found.append((await anext(stream)).text)
            writer.close()
            assert [cue async for cue in stream] == []
        return found

    with open(read_end, encoding="utf-8") as reader, open(write_end, "w") as writer:
        assert asyncio.run(main(reader, writer)) == ["one", "two"]


def test_standard_input_that_goes_on_does_not_hold_up_the_end() -> None:
    read_end, write_end = os.pipe()

    async def main(reader: TextIO) -> str:
        async for cue in cues((STDIN,), reader):
            return cue.text
        return ""

    with open(read_end, encoding="utf-8") as reader:
        with open(write_end, "w") as writer:
            print("only", file=writer, flush=True)
            assert asyncio.run(main(reader)) == "only"
            print("too late", file=writer, flush=True)
        for thread in threading.enumerate():
            if thread.name == "voicecli-stdin":
                thread.join(10)


@pytest.mark.parametrize("kind", ["missing", "folder", "large", "binary"])
def test_a_script_that_cannot_be_read_is_named(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "script.txt"
    if kind == "folder":
        path.mkdir()
    elif kind == "large":
        path.write_bytes(b"x" * (LARGEST_FILE_BYTES + 1))
    elif kind == "binary":
        path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match=r"script\.txt"):
        expanded([f"@{path}"])


def test_a_byte_order_mark_is_no_word(tmp_path: Path) -> None:
    path = tmp_path / "script.txt"
    path.write_bytes("hello\n".encode("utf-8-sig"))
    assert expanded([f"@{path}"]) == ("hello",)


@pytest.mark.parametrize("texts", [[""], ["  ", "\t"], ["@empty.txt"]])
def test_lines_without_a_word_are_nothing_to_say(home: Path, texts: list[str]) -> None:
    (home / "empty.txt").write_text("\n \n")
    with pytest.raises(UsageError, match="nothing to say"):
        expanded(texts)


def test_a_line_of_bytes_that_are_no_text_is_refused() -> None:
    with pytest.raises(UsageError, match="not UTF-8"):
        expanded([os.fsdecode(b"caf\xe9")])


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
def test_standard_input_that_is_no_text_is_an_error_after_what_was(errors: str) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(b"one\n" + b"x" * 9000 + b"\xff\n"), "utf-8", errors)

    async def main() -> None:
        stream = cues((STDIN,), stdin)
        async with asyncio.timeout(10):
            assert await anext(stream) == Cue("one")
            await anext(stream)

    with pytest.raises(UsageError, match="UTF-8"):
        asyncio.run(main())


def test_an_empty_standard_input_is_nothing_to_say() -> None:
    with pytest.raises(UsageError, match="nothing to say"):
        asyncio.run(collected((STDIN,), io.StringIO("\n\n")))


def test_a_line_without_end_is_refused_before_it_fills_the_memory() -> None:
    stdin = io.StringIO("x" * (LARGEST_LINE_CHARACTERS + 1))
    with pytest.raises(UsageError, match="too long"):
        asyncio.run(collected((STDIN,), stdin))


def test_who_writes_faster_than_the_talk_goes_has_to_wait() -> None:
    stdin = io.StringIO("one\ntwo\nthree\n")

    async def main() -> str:
        async with asyncio.timeout(10):
            assert await anext(cues((STDIN,), stdin)) == Cue("one")
        return stdin.readline()

    assert asyncio.run(main()) == "two\n"


if sys.platform == "win32":  # pragma: no cover
    pytest.skip("only on systems with pipes as files", allow_module_level=True)
