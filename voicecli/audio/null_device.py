"""Devices that are not there: the conversation goes on at its pace, unheard, and hears nothing."""

from __future__ import annotations

import threading
import time

from voicecli.audio.device import Deliver, Fill
from voicecli.audio.pcm import SPEAKER_RATE_HZ

# Fine enough for "heard" to follow the words, coarse enough to cost nothing.
PERIOD_S = 0.02
_PERIOD_SAMPLES = int(PERIOD_S * SPEAKER_RATE_HZ)

# After a longer pause the machine was asleep: what was missed then is not asked for at once.
CATCH_UP_S = 0.5


def next_due_s(due_s: float, now_s: float) -> float:
    """When to ask again after the call that was due at `due_s`: on a schedule without drift."""
    next_s = due_s + PERIOD_S
    return next_s if now_s - next_s <= CATCH_UP_S else now_s


class NullOutput:
    """Asks for sound in real time and throws it away."""

    name = None
    latency_s = 0.0

    def __init__(self) -> None:
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, fill: Fill) -> None:
        """Begin to call `fill` from a thread of its own."""
        self._thread = threading.Thread(target=self._run, args=(fill,), name="speaker", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop; `fill` is not called after the return; safe to call twice."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, fill: Fill) -> None:
        due_s = time.monotonic()
        while not self._closed.is_set():
            fill(_PERIOD_SAMPLES)
            now_s = time.monotonic()
            due_s = next_due_s(due_s, now_s)
            self._closed.wait(max(0.0, due_s - now_s))


class NullInput:
    """Never delivers anything."""

    name = None

    def start(self, deliver: Deliver) -> None:
        """Nothing will be heard."""

    def close(self) -> None:
        """Nothing to stop."""
