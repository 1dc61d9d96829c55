"""The user's sound and signals on their way to the service: in order, and kept during a move."""

from __future__ import annotations

from collections import deque
from enum import Enum, auto

from voicecli.audio.pcm import MIC_RATE_HZ, byte_count

# A move takes about a second; who has waited longer says the beginning again.
MOST_WAITING_BYTES = byte_count(5_000, MIC_RATE_HZ)


class Signal(Enum):
    """What is said about the sound; the first two with push-to-talk, the last one without."""

    ACTIVITY_START = auto()
    ACTIVITY_END = auto()
    AUDIO_STREAM_END = auto()


UserInput = bytes | Signal


class InputQueue:
    """What waits to be sent: every signal, and of the sound the last five seconds.

    Whoever takes something out says what became of it: `passed`, or `put_back`.
    """

    def __init__(self) -> None:
        self._waiting: deque[UserInput] = deque()
        self._waiting_bytes = 0
        self._talking = False

    def __bool__(self) -> bool:
        return bool(self._waiting)

    @property
    def talking(self) -> bool:
        """Whether the user is in the middle of an activity, by the signals that have passed."""
        return self._talking

    def add(self, item: UserInput) -> None:
        """Put `item` behind the others."""
        self._waiting.append(item)
        self._count(item, 1)
        while self._waiting_bytes > MOST_WAITING_BYTES:
            self._drop_oldest_sound()

    def take(self) -> UserInput | None:
        """The next one; None if there is none."""
        if not self._waiting:
            return None
        item = self._waiting.popleft()
        self._count(item, -1)
        return item

    def put_back(self, item: UserInput) -> None:
        """Put the one that was taken last in front again: it could not be sent."""
        self._waiting.appendleft(item)
        self._count(item, 1)

    def passed(self, item: UserInput) -> None:
        """`item` was sent, or its time is over."""
        if item in (Signal.ACTIVITY_START, Signal.ACTIVITY_END):
            self._talking = item is Signal.ACTIVITY_START

    def _drop_oldest_sound(self) -> None:
        oldest = next(item for item in self._waiting if isinstance(item, bytes))
        self._waiting.remove(oldest)
        self._count(oldest, -1)

    def _count(self, item: UserInput, sign: int) -> None:
        if isinstance(item, bytes):
            self._waiting_bytes += sign * len(item)
