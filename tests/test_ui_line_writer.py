"""Lines reach their reader at once, and a reader that leaves is told about once and quietly."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from voicecli.ui.line_writer import LineWriter


def test_each_line_is_out_at_once(tmp_path: Path) -> None:
    with open(tmp_path / "out", "w") as stream:
        LineWriter(stream).write("hello")
        assert (tmp_path / "out").read_text() == "hello\n"


def test_letters_that_the_encoding_lacks_become_escapes() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", newline="\n")
    LineWriter(stream).write("né\ud800")
    assert raw.getvalue() == b"n\\xe9\\ud800\n"


def test_a_gone_reader_is_told_about_once() -> None:
    reader, writer = os.pipe()
    with open(writer, "w") as stream:
        lines = LineWriter(stream)
        os.close(reader)
        with pytest.raises(BrokenPipeError):
            lines.write("one")
        lines.write("two")


def test_a_stream_without_a_descriptor_may_break_too() -> None:
    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    lines = LineWriter(Broken())
    with pytest.raises(BrokenPipeError):
        lines.write("one")
    lines.write("two")


def test_python_exits_without_a_word_about_the_gone_reader() -> None:
    script = (
        "import sys\n"
        "from voicecli.ui.line_writer import LineWriter\n"
        "lines = LineWriter(sys.stdout)\n"
        "sys.stdin.read()\n"
        "try:\n    lines.write('x' * 100)\n"
        "except BrokenPipeError:\n    sys.exit(7)\n"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=pipe, stdout=pipe, stderr=pipe
    ) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        assert child.stderr is not None
        child.stdout.close()
        child.stdin.close()
        assert child.stderr.read() == b""
        assert child.wait(timeout=30) == 7
