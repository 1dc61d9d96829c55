"""Keeps a conversation on disk as it happens: events, transcript, the sound of both sides.

docs/record.md tells what is in the files. What the disk refuses is told once, and that file is
given up; the conversation goes on.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from voicecli.audio.pcm import MIC_RATE_HZ, SPEAKER_RATE_HZ
from voicecli.audio.wav_writer import WavWriter
from voicecli.errors import VoicecliError
from voicecli.talk import events as talk
from voicecli.talk.record_files import Appended, RecordFiles, write_facts
from voicecli.talk.record_lines import LineWriting
from voicecli.talk.record_reading import handle_facts
from voicecli.talk.sound_track import SoundTrack

# Said of sound that the record holds itself, or of a list that was on the screen for a moment.
_LEFT_OUT = talk.AudioReceived | talk.DevicesListed
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
MAKE_ROOM = "voicecli sessions prune --days 7"


class Recorder:
    """Writes the record of one conversation; nothing here raises what the disk refuses."""

    def __init__(
        self,
        files: RecordFiles,
        markdown: Callable[[talk.TalkEvent], str],
        *,
        server: str | None,
        from_s: float = 0.0,
        sound: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`markdown` gives what an event adds to the transcript. The conversation goes on with
        one that took `from_s`; its `sound` is kept if wanted, and handles of `server` if there
        is one that outlives this process."""
        self.keeps_sound = sound
        self.anything_said = False
        """Whether there is a word or a sound to keep."""
        self._files = files
        self._markdown = markdown
        self._server = server
        self._from_s = from_s
        self._now = now
        self._lines = LineWriting()
        self._events = Appended(files.events)
        self._transcript = Appended(files.transcript)
        self._tracks: dict[Path, tuple[WavWriter, SoundTrack]] = {}
        self._given_up: set[Path] = set()
        self._trouble: tuple[str, str] | None = None

    def record(self, event: talk.TalkEvent) -> None:
        """Keep `event`, and what it adds to the transcript."""
        if isinstance(event, _LEFT_OUT):
            return
        self.anything_said |= isinstance(event, talk.Transcript)
        line = self._lines.line(replace(event, t_s=self._from_s + event.t_s))
        self._attempt(self._files.events, lambda: self._events.write(line + "\n"))
        text = self._markdown(event)
        if text:
            self._attempt(self._files.transcript, lambda: self._transcript.write(text))

    def sent(self, pcm: bytes, now_s: float) -> None:
        """Keep sound that went up to the service, 16 kHz 16-bit mono."""
        self._keep_sound(self._files.user_sound, MIC_RATE_HZ, pcm, now_s)

    def played(self, pcm: bytes, now_s: float) -> None:
        """Keep sound of the model that was played, 24 kHz 16-bit mono."""
        self._keep_sound(self._files.model_sound, SPEAKER_RATE_HZ, pcm, now_s)

    def keep_handle(self, handle: str, model: str) -> None:
        """Keep what the service goes on with; it stands in no other file."""
        if self._server is not None:
            facts = handle_facts(handle, model, self._server, self._now())
            self._attempt(self._files.handle, lambda: write_facts(self._files.handle, facts))

    def take_trouble(self) -> tuple[str, str] | None:
        """What the user has to be told, with what helps: once."""
        trouble, self._trouble = self._trouble, None
        return trouble

    def close(self) -> None:
        """Close all files; safe to call twice."""
        self._events.close()
        self._transcript.close()
        for path, (writer, _) in self._tracks.items():
            self._attempt(path, writer.close)

    def _keep_sound(self, path: Path, rate_hz: int, pcm: bytes, now_s: float) -> None:
        if self.keeps_sound and pcm:
            self.anything_said = True
            until_s = self._from_s + now_s
            self._attempt(path, lambda: self._track(path, rate_hz).add(pcm, until_s))

    def _track(self, path: Path, rate_hz: int) -> SoundTrack:
        if path not in self._tracks:
            writer = WavWriter(path, rate_hz, goes_on=True)
            self._tracks[path] = writer, SoundTrack(writer, rate_hz)
        return self._tracks[path][1]

    def _attempt(self, path: Path, write: Callable[[], None]) -> None:
        if path in self._given_up:
            return
        try:
            write()
        except (OSError, VoicecliError) as error:
            if not self._given_up:
                self._trouble = not_kept(path, error)
            self._given_up.add(path)


class PlayedSound:
    """Takes the model's voice as it is played, for `voicecli.talk.voice_file.VoiceFile`."""

    def __init__(self, recorder: Recorder, now: Callable[[], float]) -> None:
        """`now` gives seconds since the conversation began."""
        self._recorder = recorder
        self._now = now

    def append(self, pcm: bytes) -> None:
        """A further piece has just been played."""
        self._recorder.played(pcm, self._now())

    def close(self) -> None:
        """Do nothing: the recorder closes its files."""


def not_kept(path: Path, error: OSError | VoicecliError) -> tuple[str, str]:
    """What to tell the user, and what helps, when `path` cannot be written."""
    cause = error if isinstance(error, OSError) else error.__cause__
    why = str(error)
    full = False
    if isinstance(cause, OSError):
        why, full = cause.strerror or str(cause), cause.errno in _NO_ROOM
    hint = MAKE_ROOM if full else f"ls -ld {path.parent}"
    return f"not all of this conversation is kept: {path} cannot be written: {why}", hint
