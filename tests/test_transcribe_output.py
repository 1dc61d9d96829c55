"""A transcript that is half written, or written over something else, is worse than none."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from voicecli.errors import UsageError, VoicecliError
from voicecli.transcribe.output import (
    Transcription,
    as_json,
    as_text,
    check_writable,
    write_whole,
)
from voicecli.transcribe.transcript import Utterance

WHOLE = Transcription(
    file="talk.wav",
    duration_s=5.25,
    engine="live",
    model="gemini-3.5-transcribe-live",
    complete=True,
    utterances=(Utterance("Hello “there”.", 2.5), Utterance("How are you?")),
)
EMPTY = replace(WHOLE, utterances=())

not_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="only on accounts without all rights"
)


def test_text_is_a_line_an_utterance() -> None:
    assert as_text(WHOLE) == "Hello “there”.\nHow are you?\n"


def test_nothing_said_is_an_empty_text() -> None:
    assert as_text(EMPTY) == ""


def test_json_tells_what_is_known_and_no_more() -> None:
    assert json.loads(as_json(WHOLE)) == {
        "file": "talk.wav",
        "duration_s": 5.25,
        "engine": "live",
        "model": "gemini-3.5-transcribe-live",
        "complete": True,
        "utterances": [{"text": "Hello “there”.", "end_s": 2.5}, {"text": "How are you?"}],
    }


def test_json_is_read_by_people_too() -> None:
    assert as_json(EMPTY).splitlines()[:2] == ["{", '  "file": "talk.wav",']
    assert "“there”" in as_json(WHOLE)
    assert as_json(WHOLE).endswith("}\n")


def test_an_end_in_the_silence_behind_the_recording_is_its_end() -> None:
    late = replace(WHOLE, utterances=(Utterance("hello", 5.9),))
    assert json.loads(as_json(late))["utterances"] == [{"text": "hello", "end_s": 5.25}]


def test_a_new_file_holds_the_text_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    write_whole(tmp_path / "x.txt", "hello\n")
    assert (tmp_path / "x.txt").read_text(encoding="utf-8") == "hello\n"
    assert os.listdir(tmp_path) == ["x.txt"]


def test_an_old_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("old")
    path.chmod(0o640)
    write_whole(path, "new\n")
    assert path.read_text() == "new\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_reader_of_the_old_file_keeps_what_it_reads(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("old")
    with path.open() as reader:
        write_whole(path, "new\n")
        assert reader.read() == "old"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    write_whole(tmp_path / "link.txt", "new\n")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new\n"


def test_a_device_is_written_to_and_not_replaced() -> None:
    before = os.stat(os.devnull)
    check_writable(Path(os.devnull))
    write_whole(Path(os.devnull), "hello\n")
    assert os.stat(os.devnull).st_rdev == before.st_rdev
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_a_name_that_is_as_long_as_names_can_be_is_written(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    check_writable(path)
    write_whole(path, "hello\n")
    assert path.read_text() == "hello\n"


def test_what_cannot_be_written_in_the_end_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(VoicecliError, match="cannot be written to"):
        write_whole(tmp_path / ("x" * 256), "hello\n")
    assert os.listdir(tmp_path) == []


def test_a_place_that_can_be_written_passes(tmp_path: Path) -> None:
    check_writable(tmp_path / "x.txt")
    assert os.listdir(tmp_path) == []


def test_a_folder_is_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        check_writable(tmp_path)


def test_a_folder_that_is_missing_is_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder") as caught:
        check_writable(tmp_path / "no" / "x.txt")
    assert caught.value.hint == f"mkdir -p {tmp_path / 'no'}"


@not_root
def test_a_folder_of_somebody_else_is_refused_before_the_work(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UsageError, match="permission denied"):
        check_writable(tmp_path / "x.txt")
    tmp_path.chmod(0o700)
