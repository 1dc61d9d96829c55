"""Where voicecli keeps its files: the folders that each system prescribes (XDG on Linux)."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from voicecli.errors import UsageError

APP_NAME = "voicecli"
PROJECT_FILE_NAME = "voicecli.toml"


def user_config_file() -> Path:
    """The user's own settings; may name commands to run, unlike `./voicecli.toml`."""
    return platformdirs.user_config_path(APP_NAME, appauthor=False) / "config.toml"


def log_file() -> Path:
    """Where tracebacks and protocol oddities go; the folder may not exist yet."""
    return platformdirs.user_log_path(APP_NAME, appauthor=False) / "voicecli.log"


def records_folder() -> Path:
    """Where conversations are kept, each in a folder of its own; it may not exist yet."""
    return platformdirs.user_state_path(APP_NAME, appauthor=False) / "sessions"


def notes_file() -> Path:
    """Where notes go unless the user names another file; it may not exist yet."""
    return platformdirs.user_data_path(APP_NAME, appauthor=False) / "notes.md"


def current_folder() -> Path:
    """The folder that the command runs in; UsageError if it has been deleted."""
    try:
        return Path.cwd()
    except OSError:
        raise UsageError("the current folder does not exist any more", hint="cd ~") from None


def ensure_private_folder(folder: Path) -> Path:
    """Make `folder` readable by its owner only, with its parents, and return it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def tilde(path: Path) -> str:
    """`path` as people write it: with `~` for the home folder."""
    home = Path(os.path.expanduser("~"))
    if home.is_absolute() and home != Path(home.anchor) and path.is_relative_to(home):
        return str(Path("~") / path.relative_to(home))
    return str(path)
