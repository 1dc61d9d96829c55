"""What a command would destroy or never end is refused before anything is opened."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from voicecli.cli.checks import check_apart, check_words_come, errors_as_events
from voicecli.errors import CredentialsError, UsageError


def test_a_person_has_a_microphone_a_script_or_a_screen_to_type_at() -> None:
    check_words_come([], no_mic=False, screen=False)
    check_words_come(["hi"], no_mic=True, screen=False)
    check_words_come([], no_mic=True, screen=True)
    with pytest.raises(UsageError, match="nothing to say"):
        check_words_come([], no_mic=True, screen=False)


def test_two_names_of_one_file_are_found_out(tmp_path: Path) -> None:
    sound = tmp_path / "sound.wav"
    sound.write_bytes(b"RIFF")
    link = tmp_path / "link.wav"
    link.symlink_to(sound)
    for other in (sound, link, tmp_path / "x" / ".." / "sound.wav"):
        with pytest.raises(UsageError, match="the recording and --output are the same file"):
            check_apart({"the recording": sound, "--output": other})
    assert sound.read_bytes() == b"RIFF"


def test_files_that_do_not_exist_yet_are_compared_as_well(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="same file"):
        check_apart({"--save-audio": tmp_path / "new", "--save-transcript": tmp_path / "new"})


def test_different_files_no_files_and_devices_are_fine(tmp_path: Path) -> None:
    null = Path(os.devnull)
    check_apart({"a": tmp_path / "a", "b": tmp_path / "b", "c": None, "d": None})
    check_apart({"a": null, "b": null})


def test_an_error_before_the_conversation_is_an_event_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(CredentialsError), errors_as_events(as_json=True):
        raise CredentialsError("no key", why="none", hint="get one")
    error, end = map(json.loads, capsys.readouterr().out.splitlines())
    assert (error["type"], error["what"], error["hint"], error["exit_code"]) == (
        *("error", "no key", "get one"),
        3,
    )
    assert (end["type"], end["exit_code"]) == ("end", 3)


def test_without_json_stdout_stays_empty(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CredentialsError), errors_as_events(as_json=False):
        raise CredentialsError("no key")
    assert capsys.readouterr().out == ""


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: pseudo-terminals")
def test_lines_are_not_read_from_the_terminal_that_gives_the_keys() -> None:
    ours, theirs = os.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "voicecli", "talk", "--local", "--text", "-"],
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 2
    assert "standard input is a terminal" in done.stderr


@pytest.mark.parametrize(
    "args",
    [
        ("transcribe", "--local", "file", "-o", "file"),
        ("talk", "--local", "--text", "@file", "--save-transcript", "file"),
        ("talk", "--local", "--text", "hi", "--save-audio", "new", "--save-transcript", "new"),
    ],
)
def test_no_command_overwrites_what_it_reads_or_writes(args: tuple[str, ...], home: Path) -> None:
    (home / "file").write_text("precious")
    done = subprocess.run(
        [sys.executable, "-m", "voicecli", *args],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "the same file" in done.stderr
    assert (home / "file").read_text() == "precious"
    assert not (home / "new").exists()
