"""Sound on the time line of a conversation: sample n was heard n / rate seconds after its start."""

from __future__ import annotations

from typing import Protocol

from voicecli.audio.pcm import SAMPLE_BYTES, samples_in

# Pieces come some milliseconds early or late, and the clocks of sound cards differ: joined, they
# sound as they did, and this is the most by which they are out of step with the events.
JOIN_WITHIN_S = 0.1


class TrackFile(Protocol):
    """Takes 16-bit mono PCM: `voicecli.audio.wav_writer.WavWriter`."""

    @property
    def samples(self) -> int:
        """How long it is."""

    def put(self, pcm: bytes, at_sample: int) -> None:
        """Write a piece that begins at `at_sample` or where the file ends."""


class SoundTrack:
    """Puts pieces where they belong; gaps between them are silence."""

    def __init__(self, file: TrackFile, rate_hz: int) -> None:
        self._file = file
        self._rate_hz = rate_hz

    def add(self, pcm: bytes, until_s: float) -> None:
        """Write a piece, at the file's rate, whose sound ended at `until_s`.

        What comes before the end of the one before follows it at once. Raises as `put` does.
        """
        whole = pcm[: samples_in(pcm) * SAMPLE_BYTES]
        begins = round(until_s * self._rate_hz) - samples_in(whole)
        gap = begins - self._file.samples
        joined = gap <= JOIN_WITHIN_S * self._rate_hz
        self._file.put(whole, self._file.samples if joined else begins)
