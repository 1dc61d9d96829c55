"""People get the screen, pipes get lines, programs get JSON; what fits is found without a flag."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import TextIO

import pytest

from voicecli.ui import choose_view
from voicecli.ui.choose import fits_screen
from voicecli.ui.json_lines import JsonView
from voicecli.ui.plain import PlainView

if sys.platform == "win32":
    pytest.skip("only on POSIX", allow_module_level=True)

XTERM = {"TERM": "xterm-256color"}


@pytest.fixture
def tty() -> Iterator[TextIO]:
    """A text stream to a pseudo-terminal."""
    ours, theirs = os.openpty()
    with open(theirs, "w", encoding="utf-8") as stream:
        yield stream
    os.close(ours)


def chosen(stdout: TextIO, environ: dict[str, str], *, json: bool = False) -> object:
    with open(os.devnull) as stdin:
        view = choose_view(stdin, stdout, io.StringIO(), json=json, environ=environ)
        view.close()
        return view


def test_json_if_asked_for(tty: TextIO) -> None:
    assert isinstance(chosen(tty, XTERM, json=True), JsonView)


def test_plain_lines_into_a_pipe() -> None:
    assert isinstance(chosen(io.StringIO(), XTERM), PlainView)


@pytest.mark.parametrize("environ", [{}, {"TERM": ""}, {"TERM": "dumb"}, {"TERM": "unknown"}])
def test_plain_lines_on_a_terminal_that_can_do_nothing(
    tty: TextIO, environ: dict[str, str]
) -> None:
    assert isinstance(chosen(tty, environ), PlainView)


def test_plain_lines_where_letters_are_not_utf8() -> None:
    ours, theirs = os.openpty()
    with open(theirs, "w", encoding="latin-1") as stream:
        assert not fits_screen(stream, XTERM)
    os.close(ours)


def test_the_screen_on_a_terminal(tty: TextIO) -> None:
    from voicecli.ui.tui import TuiView

    assert isinstance(chosen(tty, XTERM), TuiView)


def test_choosing_leaves_no_descriptor_open(tty: TextIO) -> None:
    before = os.listdir("/dev/fd")
    chosen(tty, XTERM)
    assert len(os.listdir("/dev/fd")) == len(before)


def test_lines_and_json_need_no_rich() -> None:
    script = "import sys, voicecli.ui; sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
