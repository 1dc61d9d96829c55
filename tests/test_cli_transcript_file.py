"""The file of `--save-transcript`: for its owner only, and a full disk is told once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from voicecli.cli.transcript_file import transcript_file
from voicecli.errors import UsageError, VoicecliError
from voicecli.talk import events as talk

WORDS = talk.Transcript(1.0, "user", "hello", final=True, heard="hello", typed=True)
FULL = Path("/dev/full")


def test_the_words_are_kept_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("what was there before")
    with transcript_file(path) as view:
        view.show(talk.Noted(0.5, "a note"))
        view.show(WORDS)
        assert path.read_text(encoding="utf-8") == "you: hello\n"
        view.close()


def test_what_was_not_heard_of_a_reply_is_marked(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    text, heard = "The sea is big and blue.", "The sea is"
    with transcript_file(path) as view:
        view.show(talk.Transcript(1.0, "model", text, final=False, heard="The"))
        view.show(talk.Transcript(2.0, "model", text, final=True, heard=heard))
        view.show(talk.Interrupted(2.0, 0.8, 1.2))
    assert path.read_text(encoding="utf-8") == ("voicecli: The sea is [not heard: big and blue.]\n")


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: modes of files")
def test_only_the_owner_may_read_them(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    with transcript_file(path):
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot write"), transcript_file(tmp_path / "no" / "x"):
        raise AssertionError("opened")


@pytest.mark.skipif(not FULL.exists(), reason="only on systems with /dev/full")
def test_a_full_disk_is_told_once_and_the_talk_can_go_on() -> None:
    with transcript_file(FULL) as view:
        with pytest.raises(VoicecliError, match="cannot write /dev/full"):
            view.show(WORDS)
        view.show(WORDS)
