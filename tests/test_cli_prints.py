"""What a function prints must not get between the lines that a program reads."""

from __future__ import annotations

import io
import sys

import pytest

from voicecli.cli.prints import prints_on_stderr


def test_prints_go_where_stderr_is_at_the_time(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = io.StringIO()
    with prints_on_stderr():
        print("before the screen")
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", screen)
            print("on the screen", flush=True)
    print("after it")
    told = capsys.readouterr()
    assert (told.out, told.err) == ("after it\n", "before the screen\n")
    assert screen.getvalue() == "on the screen\n"


def test_who_has_taken_hold_of_stdout_before_keeps_it(capsys: pytest.CaptureFixture[str]) -> None:
    lines = sys.stdout
    with prints_on_stderr():
        print("event", file=lines)
    assert capsys.readouterr().out == "event\n"


def test_it_can_be_written_to_as_any_stream_of_text() -> None:
    with prints_on_stderr():
        assert sys.stdout.writable()
