"""Whether a microphone can be heard at all, and not too loud. Pure; time is counted in frames."""

from __future__ import annotations

from array import array
from collections import deque
from enum import StrEnum

from voicecli.audio.microphone import FRAME_BYTES, FRAME_MS

# A room is never that quiet: the microphone is muted in the system, or the wrong one.
DEAD_AFTER_FRAMES = 5_000 // FRAME_MS

# One sample at the limit is chance, and a knock on the desk fills a frame or two.
CLIPPED_SAMPLES = 3
CLIPPED_FRAMES = 5
WINDOW_FRAMES = 1_000 // FRAME_MS

_SILENCE = bytes(FRAME_BYTES)
# Some converters stop one short of the lowest number.
_LIMITS = (32_767, -32_767, -32_768)


class Fault(StrEnum):
    """What is wrong with a microphone."""

    DEAD = "dead"
    """It has delivered nothing but zeros for 5 s."""
    CLIPPING = "clipping"
    """It is driven over its limit, again and again within a second."""


class MicrophoneCheck:
    """Listens to one device; tells each fault once."""

    def __init__(self) -> None:
        self._told: set[Fault] = set()
        self._silent_frames = 0
        self._clipped: deque[bool] = deque(maxlen=WINDOW_FRAMES)

    def heard(self, frame: bytes) -> Fault | None:
        """Take in a frame of 10 ms, 16 kHz 16-bit mono; the fault that it completes, if any."""
        if frame == _SILENCE:
            self._silent_frames += 1
            self._clipped.append(False)
        else:
            self._silent_frames = 0
            self._clipped.append(_clips(frame))
        if self._silent_frames >= DEAD_AFTER_FRAMES:
            return self._once(Fault.DEAD)
        if self._clipped[-1] and sum(self._clipped) >= CLIPPED_FRAMES:
            return self._once(Fault.CLIPPING)
        return None

    def _once(self, fault: Fault) -> Fault | None:
        if fault in self._told:
            return None
        self._told.add(fault)
        return fault


def _clips(frame: bytes) -> bool:
    samples = array("h", frame)
    return sum(samples.count(limit) for limit in _LIMITS) >= CLIPPED_SAMPLES
