"""What can be seen to be wrong with a command before anything is opened."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from voicecli.errors import UsageError, VoicecliError


def check_words_come(texts: Sequence[str], *, no_mic: bool, screen: bool) -> None:
    """Raises UsageError if the user would have no way to say anything."""
    if not texts and no_mic and not screen:
        raise UsageError(
            "there is nothing to say",
            why="the microphone is off and there is no screen to type at",
            hint='voicecli talk --text "hello"',
        )
    if "-" in texts and screen and sys.stdin.isatty():
        # The screen's keys come from there as well: the two would take each other's letters.
        raise UsageError(
            "standard input is a terminal",
            why="--text - reads lines from a pipe or a file",
            hint="voicecli talk --no-mic, and type after Enter",
        )


def check_apart(files: Mapping[str, Path | None]) -> None:
    """Raises UsageError if two of the named files are the same one, which would destroy it."""
    seen: list[tuple[str, Path]] = []
    for name, path in files.items():
        if path is None:
            continue
        for other_name, other in seen:
            if _same(path, other):
                raise UsageError(
                    f"{other_name} and {name} are the same file",
                    why=f"{path} would be overwritten",
                    hint=f"give {name} another name",
                )
        seen.append((name, path))


def _same(one: Path, other: Path) -> bool:
    if one.exists() and other.exists():
        # Devices such as /dev/null take in everything and lose nothing.
        return one.is_file() and os.path.samefile(one, other)
    return one.resolve() == other.resolve()


@contextmanager
def errors_as_events(*, as_json: bool) -> Iterator[None]:
    """With `--json`, an error before the conversation is an `error` and an `end` as well."""
    try:
        yield
    except VoicecliError as error:
        if as_json:
            from voicecli.talk import events as talk
            from voicecli.ui.json_lines import JsonView

            view = JsonView(sys.stdout)
            view.show(talk.Failed(0.0, error.what, error.why, error.hint, error.exit_code))
            view.show(talk.Ended(0.0, "error", 0, error.exit_code))
        raise
