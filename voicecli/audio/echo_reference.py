"""Brings what was played into step with the microphone's frames, for the echo canceller.

Pure. Frames come in bursts, and the two clocks differ a little. Each microphone frame takes the
next 10 ms that were played, so that no burst can shift the two against each other. What was played
is known at once: where there is none, the loudspeaker stood still, and silence stands for that.
What waits in between is kept short by leaving out or doubling samples: all at once in silence, else
slowly enough for the canceller.
"""

from __future__ import annotations

from voicecli.audio.echo_canceller import FAR_BYTES
from voicecli.audio.pcm import SAMPLE_BYTES, SPEAKER_RATE_HZ, byte_count

# As much as the speaker remembers, and as long as the microphone's frames wait for their reader.
HELD_BYTES = byte_count(1_000, SPEAKER_RATE_HZ)

# Bursts are shorter than this: what waits throughout it waits always.
WINDOW_FRAMES = 100
# What may always wait: with less, the next burst comes too late; with more, the canceller learns of
# a sound after its echo, which takes 20 ms at the least.
START_BYTES = byte_count(8, SPEAKER_RATE_HZ)
LEAST_BYTES = byte_count(1, SPEAKER_RATE_HZ)
MOST_BYTES = byte_count(14, SPEAKER_RATE_HZ)
# Farther off than any clock drifts: sound was lost, or the speaker stood still.
LOST_BYTES = byte_count(60, SPEAKER_RATE_HZ)
# One sample in as many frames is 400 parts in a million: clocks differ by 100.
SLIP_FRAMES = 10

SILENCE = bytes(FAR_BYTES)


class EchoReference:
    """What was played, in; for each frame of the microphone 10 ms of it, out."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._started = False
        self._frame_count = 0
        self._least_bytes = HELD_BYTES  # that waited after a frame, in this window
        self._slip_samples = 0  # still to be left out or, below zero, doubled

    def push(self, played: bytes) -> None:
        """Take what was played since the last call: 24 kHz, any number of whole samples."""
        if not self._started and played:
            # What was played before the microphone began has no frames to go with.
            self._started = True
            played = bytes(START_BYTES) + played[-FAR_BYTES:]
        self._held += played
        del self._held[: max(0, len(self._held) - HELD_BYTES)]

    def pull(self) -> bytes:
        """The 10 ms that belong to the next frame; silence where nothing was played."""
        if not self._started:
            return SILENCE
        frame = bytes(self._held[:FAR_BYTES])
        del self._held[:FAR_BYTES]
        if len(frame) < FAR_BYTES:
            frame = frame.ljust(FAR_BYTES, b"\0")
        elif self._slip_samples:
            self._slip(frame)
        self._least_bytes = min(self._least_bytes, len(self._held))
        self._frame_count += 1
        if self._frame_count % WINDOW_FRAMES == 0:
            self._keep_step()
        return frame

    def _slip(self, frame: bytes) -> None:
        """Bring what waits closer to what should, after `frame`."""
        if frame == SILENCE:
            count = abs(self._slip_samples)
        elif self._frame_count % SLIP_FRAMES == 0:
            count = 1
        else:
            return
        if self._slip_samples > 0:
            del self._held[: count * SAMPLE_BYTES]
            self._slip_samples -= count
        else:
            self._held[:0] = frame[-SAMPLE_BYTES:] * count
            self._slip_samples += count

    def _keep_step(self) -> None:
        least_bytes, self._least_bytes = self._least_bytes, HELD_BYTES
        off_bytes = max(least_bytes - MOST_BYTES, 0) + min(least_bytes - LEAST_BYTES, 0)
        if off_bytes > LOST_BYTES:
            del self._held[:off_bytes]
            off_bytes = 0
        self._slip_samples = off_bytes // SAMPLE_BYTES
