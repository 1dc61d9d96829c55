"""Keeps the model's voice as it was heard: replies that were cut off end where they were cut."""

from __future__ import annotations

from typing import Protocol

from voicecli.audio.pcm import SAMPLE_BYTES


class SoundSink(Protocol):
    """Takes 24 kHz 16-bit mono PCM, one piece after the other."""

    def append(self, pcm: bytes) -> None:
        """Write a further piece."""

    def close(self) -> None:
        """Finish the file."""


class VoiceFile:
    """Holds back what is not heard yet, and writes the rest.

    What the sink raises is passed on once; then nothing more is written.
    """

    def __init__(self, sink: SoundSink) -> None:
        self._sink = sink
        self._waiting = bytearray()
        self._written_samples = 0
        self._broken = False

    def arrived(self, pcm: bytes) -> None:
        """A piece was handed to the speaker."""
        if not self._broken:
            self._waiting += pcm

    def played(self, samples: int) -> None:
        """The speaker has played `samples` in all since the conversation began."""
        fresh = max(0, samples - self._written_samples) * SAMPLE_BYTES
        piece = bytes(self._waiting[:fresh])
        if piece:
            del self._waiting[:fresh]
            self._written_samples += len(piece) // SAMPLE_BYTES
            self._write(piece)

    def flushed(self, samples: int) -> None:
        """The speaker dropped the rest; `samples` in all were played or still fade out."""
        self.played(samples)
        self._waiting.clear()

    def close(self) -> None:
        """Finish the file; what was never played is left out."""
        self._waiting.clear()
        self._sink.close()

    def _write(self, piece: bytes) -> None:
        try:
            self._sink.append(piece)
        except BaseException:
            self._broken = True
            self._waiting.clear()
            raise
