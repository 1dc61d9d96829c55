"""No path and no link leads out of the folders that the user allowed, or to what is hidden."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.tools.built_in.allowed_files import (
    MAX_FILE_BYTES,
    MAX_LISTED,
    Place,
    find,
    is_text,
    names_in,
    text_in,
)
from voicecli.tools.tool import ArgumentsError

only_posix = pytest.mark.skipif(os.name == "nt", reason="only on POSIX")

PARTS = st.sampled_from(
    ["..", ".", "a", "b.txt", ".env", "", "~", "/", "link", "secret", "\0", "out"]
)


@pytest.fixture
def folder(home: Path) -> Path:
    """An allowed folder with a file in it, and a secret beside it."""
    (home / "allowed" / "a").mkdir(parents=True)
    (home / "allowed" / "a" / "b.txt").write_text("words")
    (home / "allowed" / ".env").write_text("KEY=secret")
    (home / "secret").write_text("secret")
    return home / "allowed"


def test_a_file_is_found_by_either_of_its_names(folder: Path) -> None:
    expected = Place(folder.resolve(), Path("a/b.txt"))
    for path in ("a/b.txt", "./a//b.txt", str(folder / "a" / "b.txt"), "~/allowed/a/b.txt"):
        assert find(path, [folder]) == expected


def test_the_first_folder_that_has_it_counts(folder: Path, home: Path) -> None:
    (home / "other").mkdir()
    (home / "other" / "c.txt").touch()
    assert find("c.txt", [folder, home / "other"]).folder == (home / "other").resolve()


def test_an_allowed_folder_may_itself_be_hidden_or_a_link(folder: Path, home: Path) -> None:
    (home / ".kept").symlink_to(folder)
    for path in ("a/b.txt", str(home / ".kept" / "a" / "b.txt")):
        assert text_in(find(path, [home / ".kept"])).text == "words"


@pytest.mark.parametrize(
    "path",
    [
        *("../secret", "a/../../secret", "/etc/passwd", "~/secret", "~", "..", "none", "a/none"),
        *(
            ".env",
            "a/../.env",
            "./.env",
            "~/allowed/.env",
            "a/b.txt/c",
            "\0",
            "~\0",
            "~nobody/x",
            "~no-such-user/x",
        ),
        "x" * 5_000,
    ],
)
def test_what_is_outside_hidden_or_missing_is_refused_in_the_same_words(
    folder: Path, path: str
) -> None:
    with pytest.raises(ArgumentsError, match="is not there, or not to be read; allowed is"):
        find(path, [folder])


def test_a_folder_beside_it_with_a_longer_name_is_outside(folder: Path, home: Path) -> None:
    (home / "allowed-not").mkdir()
    with pytest.raises(ArgumentsError):
        find(str(home / "allowed-not"), [folder])


@only_posix
@pytest.mark.parametrize("target", ["../secret", "/etc/passwd", ".env", "..", "round"])
def test_a_link_that_leads_out_or_to_what_is_hidden_is_refused(folder: Path, target: str) -> None:
    (folder / "round").symlink_to(target)
    with pytest.raises(ArgumentsError):
        find("round", [folder])


@only_posix
def test_a_hidden_link_is_refused_and_a_link_that_stays_inside_is_not(folder: Path) -> None:
    (folder / ".hidden").symlink_to("a/b.txt")
    (folder / "link").symlink_to("a")
    with pytest.raises(ArgumentsError):
        find(".hidden", [folder])
    assert text_in(find("link/b.txt", [folder])).text == "words"


@only_posix
@pytest.mark.parametrize("replaced", ["a", "a/b.txt"])
def test_a_link_that_comes_after_the_check_is_not_followed(
    folder: Path, home: Path, replaced: str
) -> None:
    (home / "b.txt").write_text("secret")
    place = find("a/b.txt", [folder])
    (folder / replaced).rename(home / "moved")
    (folder / replaced).symlink_to(home if replaced == "a" else home / "secret")
    with pytest.raises(OSError, match=r"link|directory"):
        text_in(place)


@only_posix
def test_a_pipe_is_no_file_and_does_not_block(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with pytest.raises(ArgumentsError, match="neither a file nor a folder"):
        text_in(find("pipe", [folder]))


def test_a_folder_is_listed_without_what_is_hidden(folder: Path) -> None:
    (folder / "z.txt").touch()
    assert names_in(find(".", [folder])) == ["a/", "z.txt"]
    assert names_in(find("a/b.txt", [folder])) is None


def test_a_large_folder_is_listed_up_to_a_number(folder: Path) -> None:
    for number in range(MAX_LISTED + 5):
        (folder / "a" / f"{number}").touch()
    assert len(names_in(find("a", [folder])) or ()) == MAX_LISTED


def test_of_a_large_file_the_begin_is_read(folder: Path) -> None:
    (folder / "large").write_bytes(b"x" * (MAX_FILE_BYTES + 1))
    text = text_in(find("large", [folder]))
    assert (len(text.text), text.is_cut) == (MAX_FILE_BYTES, True)


def test_what_is_not_text_is_refused_kindly(folder: Path) -> None:
    (folder / "photo.png").write_bytes(b"\x89PNG\0\0")
    with pytest.raises(ArgumentsError, match=r"photo\.png is not text \(6 bytes\)"):
        text_in(find("photo.png", [folder]))


@pytest.mark.parametrize(
    "content", [b"", b"x", "Grüße\r\n\t…".encode(), b"Gr\xfc\xdfe", b"\x1b[1mx"]
)
def test_text_is_text_in_any_encoding(content: bytes) -> None:
    assert is_text(content)


@pytest.mark.parametrize("content", [b"\0", b"text\0", bytes(range(1, 32)), b"\x01x"])
def test_what_has_other_bytes_is_not(content: bytes) -> None:
    assert not is_text(content)


@given(st.lists(PARTS, max_size=6).map("/".join))
def test_no_path_leads_out(path: str) -> None:
    home = Path.cwd()
    allowed = home / "here"
    if not allowed.exists():
        (allowed / "a").mkdir(parents=True)
        (allowed / "b.txt").write_text("words")
        (allowed / ".env").write_text("secret")
        (allowed / "out").symlink_to("..")
        (home / "secret").write_text("secret")
    try:
        place = find(path, [allowed])
    except ArgumentsError:
        return
    assert place.path.resolve().is_relative_to(allowed.resolve())
    assert not any(part.startswith(".") for part in place.inside.parts)
    if names_in(place) is None:
        assert text_in(place).text == "words"
