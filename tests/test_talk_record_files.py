"""Private files that grow line by line, and readers that nothing in a folder can lead astray."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from voicecli.talk.record_files import (
    MAX_LINE_BYTES,
    Appended,
    RecordFiles,
    lines_of,
    read_facts,
    write_facts,
)

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: modes, links, pipes")


def test_every_text_is_out_at_once(tmp_path: Path) -> None:
    file = Appended(tmp_path / "events.jsonl")
    file.write("one\n")
    assert list(lines_of(tmp_path / "events.jsonl")) == ["one"]
    file.write("two\n")
    assert list(lines_of(tmp_path / "events.jsonl")) == ["one", "two"]
    file.close()
    file.close()


def test_nothing_is_made_before_the_first_text(tmp_path: Path) -> None:
    Appended(tmp_path / "x").close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("before", "after"), [("a\n", "a\nb\n"), ("a", "a\nb\n"), ("", "b\n")])
def test_what_was_there_stays_and_a_broken_line_ends(
    tmp_path: Path, before: str, after: str
) -> None:
    path = tmp_path / "x"
    path.write_text(before)
    file = Appended(path)
    file.write("b\n")
    file.close()
    assert path.read_text() == after


@POSIX
def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    Appended(tmp_path / "x").write("a\n")
    write_facts(tmp_path / "y", {})
    for name in ("x", "y"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


@POSIX
def test_a_link_is_neither_written_nor_read(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text('{"a": 1}\n')
    link.symlink_to(target)
    with pytest.raises(OSError, match=r"."):
        Appended(link).write("b\n")
    assert list(lines_of(link)) == []
    assert read_facts(link) == {}
    write_facts(link, {"b": 2})
    assert target.read_text() == '{"a": 1}\n'
    assert not link.is_symlink()


@POSIX
def test_a_pipe_or_a_folder_in_place_of_a_file_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder", "missing"):
        assert list(lines_of(tmp_path / name)) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only on systems with /dev/full")
def test_a_full_disk_is_an_error() -> None:
    with pytest.raises(OSError, match="No space left"):
        Appended(Path("/dev/full")).write("a\n")


def test_lines_of_garbage_are_read_as_far_as_they_go(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"\xff\x00\n\nlast, cut of")
    assert list(lines_of(path)) == ["\ufffd\0", "", "last, cut of"]


def test_a_huge_line_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"a\n" + b"x" * (2 * MAX_LINE_BYTES + 3) + b"\nb\n" + b"y" * 9)
    assert [line[:9] for line in lines_of(path)] == ["a", "b", "y" * 9]


def test_facts_come_back(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    write_facts(path, {"a": "é", "b": None})
    write_facts(path, {"a": 2})
    assert read_facts(path) == {"a": 2}
    assert list(tmp_path.iterdir()) == [path]


def test_a_rest_of_a_killed_process_does_not_stop_the_next(tmp_path: Path) -> None:
    (tmp_path / ".x.part").write_text("half")
    write_facts(tmp_path / "x", {"a": 1})
    assert read_facts(tmp_path / "x") == {"a": 1}


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1]", b"\xff", b'{"a": "' + b"x" * 70_000 + b'"}', b"[" * 60_000]
)
def test_what_holds_no_facts_is_empty(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    assert read_facts(tmp_path / "x") == {}


def test_a_record_knows_all_that_it_may_hold(tmp_path: Path) -> None:
    names = [path.name for path in RecordFiles.of(tmp_path).contents()]
    assert {"events.jsonl", "transcript.md", "user.wav", "model.wav"} < set(names)
    assert {"session.json", "handle.json", ".handle.json.part"} < set(names)
    assert "lock" not in names
