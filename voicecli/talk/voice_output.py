"""The model's voice on its way out: to the speaker, and to the files that keep it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from voicecli.audio.speaker import Speaker
from voicecli.live.events import AudioChunk
from voicecli.talk.voice_file import VoiceFile


class VoiceOutput:
    """Plays what arrives, knows what was heard, and keeps the files in step with it."""

    def __init__(self, speaker: Speaker, files: Sequence[VoiceFile]) -> None:
        self.speaker = speaker
        self._files = files

    @property
    def position(self) -> int:
        """How many samples of the output stream have been heard."""
        return self.speaker.heard_samples

    @property
    def sounding(self) -> bool:
        """Whether something of a reply is heard, or about to be."""
        return self.speaker.queued_s > 0 or self.position < self.speaker.played_samples

    def play(self, chunk: AudioChunk) -> bytes:
        """Queue a chunk; its sound at the speaker's rate, as far as it was queued."""
        return self._queued(self.speaker.play(chunk.pcm, chunk.rate_hz))

    def end_of_reply(self) -> bytes:
        """The reply is whole; the sound that was held back until now."""
        return self._queued(self.speaker.end_of_reply())

    def flush(self) -> int:
        """Fall silent at once; the number of samples that will not be heard."""
        flushed = self.speaker.flush()
        for file in self._files:
            file.flushed(self.speaker.played_samples + flushed.faded_samples)
        return flushed.dropped_samples

    def keep_files_in_step(self) -> None:
        """Write what has been played since the last call."""
        for file in self._files:
            file.played(self.speaker.played_samples)

    def close(self) -> None:
        """Stop the speaker and finish the files. Raises what a file's sink raises."""
        self.speaker.close()
        with ExitStack() as stack:
            for file in self._files:
                stack.callback(file.close)
                stack.callback(file.flushed, self.speaker.played_samples)

    def _queued(self, pcm: bytes) -> bytes:
        for file in self._files:
            file.arrived(pcm)
        return pcm
