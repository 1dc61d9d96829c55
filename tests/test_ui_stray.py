"""What Python prints on stderr by itself must neither tear the screen nor get lost."""

from __future__ import annotations

import logging
import sys

import pytest

from voicecli.ui.stray import MAX_LINES, StrayLines


def test_lines_are_kept_from_the_terminal_and_can_be_taken(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stray = StrayLines()
    stray.begin()
    stray.begin()
    print("one\ntwo", file=sys.stderr)
    print("half", end="", file=sys.stderr)
    assert stray.take() == ["one", "two"]
    assert capsys.readouterr().err == ""
    stray.end()
    stray.end()
    print("after", file=sys.stderr)
    assert capsys.readouterr().err == "half\nafter\n"


def test_what_was_not_taken_is_printed_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    stray = StrayLines()
    stray.begin()
    logging.lastResort and logging.lastResort.handle(
        logging.LogRecord("x", logging.WARNING, "x", 1, "kept", (), None)
    )
    stray.end()
    assert capsys.readouterr().err == "kept\n"


def test_a_flood_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    stray = StrayLines()
    stray.begin()
    print("\n".join(str(n) for n in range(MAX_LINES + 10)), file=sys.stderr)
    assert stray.take() == [str(n) for n in range(10, MAX_LINES + 10)]
    stray.end()


def test_whoever_took_stderr_in_between_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    stray = StrayLines()
    stray.begin()
    other = sys.__stderr__
    monkeypatch.setattr(sys, "stderr", other)
    stray.end()
    assert sys.stderr is other
    assert stray.writable()
