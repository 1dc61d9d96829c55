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
from voicecli.talk.script import LARGEST_FILE_BYTES, STDIN, Cue, cues, expanded


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


if sys.platform == "win32":  # pragma: no cover
    pytest.skip("only on systems with pipes as files", allow_module_level=True)
