"""The model reads what the user allowed, a piece at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.tools.built_in.read_file import MAX_TEXT_CHARACTERS, page, read_file_tool
from voicecli.tools.runner import run
from voicecli.tools.tool import ArgumentsError, Risk


def answer(folders: Sequence[Path], **args: object) -> dict[str, object]:
    return asyncio.run(run(read_file_tool(folders), args, lambda result: None)).response


def test_a_file_is_read(home: Path) -> None:
    (home / "a.txt").write_text("one\ntwo\n")
    expected = {"file": str(home.resolve() / "a.txt"), "text": "one\ntwo\n"}
    assert answer([home], path="a.txt") == {"result": expected}


def test_a_folder_is_listed(home: Path) -> None:
    (home / "a.txt").touch()
    assert answer([home]) == {"result": {"folder": str(home.resolve()), "names": ["a.txt"]}}


def test_of_several_folders_the_model_is_told_which(home: Path) -> None:
    folders = [home / "a", home / "b"]
    assert answer(folders) == {"result": {"folders": [str(folder) for folder in folders]}}


def test_what_is_not_allowed_goes_back_as_an_error(home: Path) -> None:
    assert "not to be read" in str(answer([home], path="/etc/passwd")["error"])


def test_it_asks_nobody_since_naming_the_folders_was_the_permission(home: Path) -> None:
    assert read_file_tool([home]).risk is Risk.SAFE


def test_a_long_file_comes_in_pieces(home: Path) -> None:
    (home / "a.txt").write_text("".join(f"{number:099}\n" for number in range(300)))
    result = answer([home], path="a.txt")["result"]
    assert isinstance(result, dict)
    assert result["note"] == "lines 1 to 120 of 300; go on with first_line=121"
    last = answer([home], path="a.txt", first_line=241)["result"]
    assert isinstance(last, dict)
    assert "note" not in last
    assert str(last["text"]).endswith(f"{299:099}\n")


@pytest.mark.parametrize("line", [0, -1, 3])
def test_a_line_that_is_not_there_is_an_error(line: int) -> None:
    with pytest.raises(ArgumentsError, match="first_line is from 1 to 2"):
        page("one\ntwo", line, is_cut=False)


def test_a_file_that_goes_on_says_so_at_its_end() -> None:
    assert page("x", 1, is_cut=True) == ("x", "the file goes on, but no further is read")


def test_an_empty_file_is_empty() -> None:
    assert page("", 1, is_cut=False) == ("", "")


def test_a_line_that_is_too_long_is_cut_and_the_next_follows() -> None:
    text = "x" * (MAX_TEXT_CHARACTERS + 1) + "\nend"
    piece, note = page(text, 1, is_cut=False)
    assert piece == "x" * MAX_TEXT_CHARACTERS
    assert note == "line 1 of 2, cut; go on with first_line=2"
    assert page(text, 2, is_cut=False) == ("end", "")


@given(st.lists(st.integers(0, 3_000), max_size=30))
def test_the_pieces_make_up_the_file(lengths: list[int]) -> None:
    text = "".join("x" * length + "\n" for length in lengths)
    whole, note, line = "", "first_line=1", 1
    while note:
        line = int(note.rpartition("=")[2])
        piece, note = page(text, line, is_cut=False)
        assert len(piece) <= MAX_TEXT_CHARACTERS
        whole += piece
    assert whole == text
