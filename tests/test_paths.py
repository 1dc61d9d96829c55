"""Files belong where the system wants them, and what is private must be readable by one person."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from voicecli import paths
from voicecli.errors import UsageError

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only on Linux: the XDG folders")


@LINUX
def test_settings_log_and_records_lie_in_the_xdg_folders(home: Path) -> None:
    assert paths.user_config_file() == home / ".config" / "voicecli" / "config.toml"
    state = home / ".local" / "state" / "voicecli"
    assert paths.log_file() == state / "log" / "voicecli.log"
    assert paths.records_folder() == state / "sessions"


@LINUX
def test_the_xdg_folders_can_be_moved(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "elsewhere"))
    assert paths.user_config_file() == home / "elsewhere" / "voicecli" / "config.toml"


def test_asking_for_a_path_makes_no_folder(home: Path) -> None:
    paths.user_config_file()
    paths.log_file()
    paths.records_folder()
    assert list(home.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX systems: modes")
def test_a_private_folder_is_closed_even_if_it_was_open(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert paths.ensure_private_folder(folder) == folder
    folder.chmod(0o755)
    paths.ensure_private_folder(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_current_folder_is_where_the_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert paths.current_folder() == tmp_path.resolve()


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX systems: it is in use")
def test_a_deleted_current_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(UsageError, match="does not exist any more"):
        paths.current_folder()


def test_home_is_written_as_a_tilde(home: Path) -> None:
    assert paths.tilde(home / "a" / "b") == str(Path("~/a/b"))
    assert paths.tilde(home) == "~"
    assert paths.tilde(Path("/elsewhere/a")) == str(Path("/elsewhere/a"))
    assert paths.tilde(home.parent / (home.name + "-other")) == str(home) + "-other"


@pytest.mark.parametrize("odd_home", ["/", "relative"])
def test_an_odd_home_is_not_shortened(monkeypatch: pytest.MonkeyPatch, odd_home: str) -> None:
    monkeypatch.setenv("HOME", odd_home)
    monkeypatch.setenv("USERPROFILE", odd_home)
    assert paths.tilde(Path("/a/b")) == str(Path("/a/b"))
