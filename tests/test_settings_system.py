"""The system text reaches the model, so it must be the text that was meant, whole and readable."""

from __future__ import annotations

from pathlib import Path

import pytest
from settings_folder import Machine

from voicecli.errors import UsageError
from voicecli.settings import Settings, system_text
from voicecli.settings.system import MAX_SYSTEM_BYTES


def from_file(path: Path) -> str | None:
    return system_text(Settings(system=f"@{path}"))


def refused(system: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        system_text(Settings(system=system))
    return caught.value


@pytest.mark.parametrize("nothing", [None, "", " \n"])
def test_no_text_is_none(nothing: str | None) -> None:
    assert system_text(Settings(system=nothing)) is None


def test_a_text_is_taken_without_the_space_around_it() -> None:
    assert system_text(Settings(system=" Be brief.\n\nBe kind.\n")) == "Be brief.\n\nBe kind."


def test_two_at_signs_stand_for_one() -> None:
    assert system_text(Settings(system="@@home is where you live.")) == "@home is where you live."


def test_a_file_is_read_as_utf_8(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("\ufeffSei freundlich, größer.\n".encode())
    assert from_file(tmp_path / "a.txt") == "Sei freundlich, größer."


def test_a_file_that_begins_with_an_at_sign_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("@/etc/passwd")
    assert from_file(tmp_path / "a.txt") == "@/etc/passwd"


def test_a_file_named_in_the_folder_s_settings_is_found(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    got = machine.resolve(project='system = "@notes/a.txt"')
    (machine.cwd / "notes").mkdir()
    (machine.cwd / "notes" / "a.txt").write_text("Be brief.")
    assert system_text(got.settings) == "Be brief."


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    error = refused(f"@{tmp_path / 'missing.txt'}")
    assert "missing.txt: No such file" in str(error)
    assert "config show" in error.hint


def test_a_folder_is_not_a_text(tmp_path: Path) -> None:
    assert "not a regular file" in str(refused(f"@{tmp_path}"))


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\xff")
    assert str(refused(f"@{tmp_path / 'a.png'}")).endswith("a.png: it is not UTF-8")


def test_a_file_of_the_largest_size_is_taken_and_one_byte_more_is_not(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("x" * MAX_SYSTEM_BYTES)
    assert len(from_file(file) or "") == MAX_SYSTEM_BYTES
    file.write_text("x" * (MAX_SYSTEM_BYTES + 1))
    assert "larger than 100 kB" in str(refused(f"@{file}"))


def test_a_written_text_has_the_same_limit() -> None:
    assert "larger than 100 kB" in str(refused("é" * (MAX_SYSTEM_BYTES // 2 + 1)))
