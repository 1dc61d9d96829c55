"""Notes go into one private file, a line each, and are found by their words."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.tools.built_in.notes import (
    MAX_FOUND,
    MAX_NOTE_CHARACTERS,
    MAX_SEARCHED_BYTES,
    Notes,
    notes_tools,
)
from voicecli.tools.runner import run
from voicecli.tools.tool import ArgumentsError, Risk

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

only_posix = pytest.mark.skipif(os.name == "nt", reason="only on POSIX")


def at_noon() -> datetime:
    return NOON


def later_each_time() -> Callable[[], datetime]:
    minutes = iter(range(10_000))
    return lambda: NOON + timedelta(minutes=next(minutes))


def test_a_note_is_a_line_with_date_and_time(home: Path) -> None:
    notes = Notes(home / "notes.md", later_each_time())
    assert notes.add("buy milk") == "- 2026-05-04 12:00 buy milk"
    notes.add("  call\n Ada\tback ")
    assert (home / "notes.md").read_text() == (
        "- 2026-05-04 12:00 buy milk\n- 2026-05-04 12:01 call Ada back\n"
    )


@only_posix
def test_only_the_user_can_read_them(home: Path) -> None:
    Notes(home / "kept" / "notes.md").add("secret")
    assert stat.S_IMODE((home / "kept").stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "kept" / "notes.md").stat().st_mode) == 0o600


@only_posix
def test_a_folder_of_the_users_stays_as_it_is(home: Path) -> None:
    (home / "shared").mkdir(mode=0o755)
    (home / "shared").chmod(0o755)
    Notes(home / "shared" / "notes.md").add("x")
    assert stat.S_IMODE((home / "shared").stat().st_mode) == 0o755


def test_what_the_user_wrote_stays_and_a_note_begins_on_its_own_line(home: Path) -> None:
    (home / "notes.md").write_text("# My notes\nby hand")
    Notes(home / "notes.md", at_noon).add("x")
    assert (home / "notes.md").read_text() == "# My notes\nby hand\n- 2026-05-04 12:00 x\n"


def test_a_link_to_the_users_file_is_followed(home: Path) -> None:
    (home / "kept.md").touch()
    (home / "notes.md").symlink_to("kept.md")
    Notes(home / "notes.md").add("x")
    assert (home / "kept.md").read_text().endswith(" x\n")


@pytest.mark.parametrize("text", ["", " \n\t", "\x00\x1b"])
def test_there_must_be_something_to_note(home: Path, text: str) -> None:
    with pytest.raises(ArgumentsError, match="nothing to note"):
        Notes(home / "notes.md").add(text)
    assert not (home / "notes.md").exists()


def test_a_note_has_a_largest_length(home: Path) -> None:
    with pytest.raises(ArgumentsError, match="at most 4000 characters"):
        Notes(home / "notes.md").add("x" * (MAX_NOTE_CHARACTERS + 1))


@only_posix
def test_what_is_no_file_is_an_error_and_does_not_block(home: Path) -> None:
    os.mkfifo(home / "notes.md")
    with pytest.raises(OSError, match="no file that could hold notes"):
        Notes(home / "notes.md").add("x")
    with pytest.raises(OSError, match="no file that could hold notes"):
        Notes(home / "notes.md").search("x")


def test_the_newest_comes_first_and_all_words_must_be_there(home: Path) -> None:
    notes = Notes(home / "notes.md", later_each_time())
    for text in ("Milk and bread", "bread for ADA", "call Ada"):
        notes.add(text)
    assert notes.search("ada") == [
        "- 2026-05-04 12:02 call Ada",
        "- 2026-05-04 12:01 bread for ADA",
    ]
    assert notes.search("Ada BREAD") == ["- 2026-05-04 12:01 bread for ADA"]
    assert notes.search("2026-05-04 milk") == ["- 2026-05-04 12:00 Milk and bread"]
    assert notes.search("wine") == []


def test_without_a_word_the_newest_are_found_up_to_a_number(home: Path) -> None:
    notes = Notes(home / "notes.md", later_each_time())
    for number in range(MAX_FOUND + 5):
        notes.add(f"number {number}")
    found = notes.search("")
    assert len(found) == MAX_FOUND
    assert found[0].endswith(f"number {MAX_FOUND + 4}")


def test_without_a_file_there_are_no_notes(home: Path) -> None:
    assert Notes(home / "none" / "notes.md").search("x") == []
    assert not (home / "none").exists()


def test_what_the_user_wrote_by_hand_is_found_too(home: Path) -> None:
    (home / "notes.md").write_bytes(b"# Garden\n\xff tomatoes\n")
    assert Notes(home / "notes.md").search("tomatoes") == ["\ufffd tomatoes"]


def test_of_a_file_that_is_too_large_its_end_is_searched(home: Path) -> None:
    line = b"- 2026-05-04 12:00 " + b"x" * 80 + b"\n"
    (home / "notes.md").write_bytes(b"- old\n" + line * (MAX_SEARCHED_BYTES // len(line)))
    notes = Notes(home / "notes.md")
    notes.add("new")
    assert notes.search("old") == []
    assert len(notes.search("new")) == 1


def add_many(path: Path, name: str) -> None:
    for number in range(50):
        Notes(path, at_noon).add(f"{name} {number} {'x' * 500}")


def test_conversations_do_not_mix_their_notes(home: Path) -> None:
    path = home / "notes.md"
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=add_many, args=(path, name)) for name in ("a", "b")]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    lines = path.read_text().splitlines()
    expected = {f"- 2026-05-04 12:00 {n} {i} {'x' * 500}" for n in ("a", "b") for i in range(50)}
    assert len(lines) == 100
    assert set(lines) == expected


@given(st.text(max_size=200))
def test_whatever_is_noted_is_one_line_without_control_characters(text: str) -> None:
    path = Path.cwd() / "any.md"
    path.unlink(missing_ok=True)
    with suppress(ArgumentsError):
        line = Notes(path, at_noon).add(text)
        assert path.read_bytes().decode() == line + "\n"
        assert Notes(path).search("12:00") == [line]
        assert not any(ord(character) < 32 for character in line)


def test_adding_asks_and_searching_does_not(home: Path) -> None:
    add, search = notes_tools(Notes(home / "notes.md", at_noon))
    assert (add.risk, search.risk) == (Risk.ASK, Risk.SAFE)

    async def main() -> object:
        await run(add, {"text": "milk"}, lambda result: None)
        return (await run(search, {"query": "milk"}, lambda result: None)).result

    assert asyncio.run(main()) == ["- 2026-05-04 12:00 milk"]
