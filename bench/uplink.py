"""What a client sent of its microphone: the samples, and when the frame that held each came."""

from __future__ import annotations

import threading
from bisect import bisect_left

import numpy as np

from bench.signals import Samples


class Uplink:
    """Grows in the server's thread, and is read in others. All of it is at 16 kHz."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pieces: list[bytes] = []
        self._ends: list[int] = []
        self._times_s: list[float] = []

    def add(self, pcm: bytes, at_s: float) -> None:
        with self._lock:
            self._pieces.append(pcm)
            self._ends.append((self._ends[-1] if self._ends else 0) + len(pcm) // 2)
            self._times_s.append(at_s)

    @property
    def frames(self) -> int:
        with self._lock:
            return len(self._pieces)

    def between(self, start_s: float, end_s: float) -> tuple[Samples, int]:
        """The sound of the frames that came between two moments, and its first sample's number."""
        with self._lock:
            first = bisect_left(self._times_s, start_s)
            last = bisect_left(self._times_s, end_s)
            before = self._ends[first - 1] if first else 0
            return np.frombuffer(b"".join(self._pieces[first:last]), "<i2"), before

    def arrival_of(self, sample: int) -> float:
        """When the frame came that holds the sample of this number."""
        with self._lock:
            return self._times_s[bisect_left(self._ends, sample + 1)]

    def zero_share(self, start_s: float, end_s: float) -> float:
        """How much of the sound of this time was digital silence, from 0 to 1, by frames."""
        with self._lock:
            first = bisect_left(self._times_s, start_s)
            last = bisect_left(self._times_s, end_s)
            pieces = self._pieces[first:last]
        return sum(not any(piece) for piece in pieces) / len(pieces) if pieces else 0.0
