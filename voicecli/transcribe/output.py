"""A transcript as text or JSON, and on its way into a file."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from voicecli.errors import UsageError, VoicecliError
from voicecli.transcribe.transcript import Utterance


@dataclass(frozen=True, slots=True)
class Transcription:
    """What came of a recording. `complete` unless it was broken off or words may be missing."""

    file: str
    duration_s: float
    engine: str
    model: str
    complete: bool
    utterances: tuple[Utterance, ...]


def as_text(transcription: Transcription) -> str:
    """One utterance a line; empty if nothing was said."""
    return "".join(f"{one.text}\n" for one in transcription.utterances)


def as_json(transcription: Transcription) -> str:
    """One JSON object, as docs/transcript.md describes it."""
    utterances = []
    for one in transcription.utterances:
        known: dict[str, object] = {"text": one.text}
        if one.end_s is not None:
            known["end_s"] = round(min(one.end_s, transcription.duration_s), 3)
        utterances.append(known)
    whole = {
        "file": transcription.file,
        "duration_s": round(transcription.duration_s, 3),
        "engine": transcription.engine,
        "model": transcription.model,
        "complete": transcription.complete,
        "utterances": utterances,
    }
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def check_writable(path: Path) -> None:
    """Raise UsageError if a transcript cannot be written to `path`: better now than at the end."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder", why="the transcript needs the name of a file")
    folder = path.resolve().parent
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", hint=f"mkdir -p {folder}")
    target = path if path.exists() and not path.is_file() else folder
    if not os.access(target, os.W_OK):
        raise UsageError(f"{path} cannot be written", why="permission denied")


def write_whole(path: Path, text: str) -> None:
    """Put `text` into `path`, which never holds a part of it; a device or a pipe is written to.

    Raises VoicecliError if the file cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
        else:
            _replace(path.resolve(), text)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise VoicecliError(f"the transcript cannot be written to {path}", why=why) from error


def _replace(path: Path, text: str) -> None:
    fresh = path.with_name(f".voicecli-{uuid4().hex}.part")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        if path.exists():
            shutil.copymode(path, fresh)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
