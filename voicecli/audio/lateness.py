"""How late the pieces of a voice come, measured against the real-time schedule of their reply.

A piece that begins at sample n is on schedule when it comes n samples of time after the earliest
schedule seen lately; what comes faster than that moves the schedule and is never late. Pure.
"""

from __future__ import annotations

from collections import deque

from voicecli.audio.pcm import SPEAKER_RATE_HZ

# Enough for a high percentile to be one; at 40 ms a piece they are the last four seconds.
REMEMBERED_ARRIVALS = 100
PERCENTILE = 0.95
# Fewer tell nothing.
LITTLE_ARRIVALS = 10
# The earliest schedule is looked for among these, so that a sender whose clock is slow is not
# more and more late.
SCHEDULE_ARRIVALS = 50
# Crumbs are counted together: a percentile is over pieces of sound, not over packets.
SHORTEST_PIECE_SAMPLES = SPEAKER_RATE_HZ // 100
# No network is late by as much: the voice paused, and what follows has a schedule of its own.
PAUSE_S = 1.0

# The service sends at about four times real time. Sound that comes faster than this is ahead.
FAST = 1.5
# While a piece that is ahead is awaited: the share of the last one's length after which it is due
# (a quarter at four times real time).
DUE_SHARE = 0.3


class Lateness:
    """What is learned of the arrivals; it stays from reply to reply, the schedule does not."""

    def __init__(self) -> None:
        self._learned_s: deque[float] = deque(maxlen=REMEMBERED_ARRIVALS)
        self._usual_s = 0.0
        self._schedules_s: deque[float] = deque(maxlen=SCHEDULE_ARRIVALS)
        self._earliest_s = 0.0  # of these, if there are any
        self._first: tuple[int, float] | None = None  # position and time of the reply's first piece
        self._last_s = 0.0
        self._last_position = 0
        self._last_samples = 0
        self._ahead = True

    @property
    def usual_ms(self) -> float | None:
        """How late a late piece is (a high percentile); None while too little is known."""
        return self._usual_s * 1000 if len(self._learned_s) >= LITTLE_ARRIVALS else None

    def begin(self) -> None:
        """The next arrival begins a reply, and a schedule."""
        self._schedules_s.clear()
        self._first = None

    def arrived(self, position: int, samples: int, now_s: float) -> None:
        """`samples` came that begin at sample `position` of all that ever came."""
        schedule_s = now_s - position / SPEAKER_RATE_HZ
        if self._schedules_s and schedule_s - self._earliest_s > PAUSE_S:
            self.begin()
        if self._first is None:
            self._first = (position, now_s)
        elif position - self._last_position < SHORTEST_PIECE_SAMPLES:
            self._last_samples += samples
            self._last_s = now_s
            return
        else:
            self._judge_pace(position, now_s)
        self._schedules_s.append(schedule_s)
        self._earliest_s = min(self._schedules_s)
        self._learn(schedule_s - self._earliest_s)
        self._last_s, self._last_position, self._last_samples = now_s, position, samples

    def behind_ms(self, position: int, now_s: float) -> float:
        """How far playback that is at `position` is behind the earliest schedule."""
        if not self._schedules_s:
            return 0.0
        return (now_s - position / SPEAKER_RATE_HZ - self._earliest_s) * 1000

    def awaits_early(self, now_s: float) -> bool:
        """Whether the next piece is not due yet, in a reply that comes faster than it plays."""
        return self._ahead and (
            now_s - self._last_s < DUE_SHARE * self._last_samples / SPEAKER_RATE_HZ
        )

    def _judge_pace(self, position: int, now_s: float) -> None:
        assert self._first is not None
        first_position, first_s = self._first
        came_s = (position - first_position) / SPEAKER_RATE_HZ
        self._ahead = came_s > FAST * (now_s - first_s)

    def _learn(self, lateness_s: float) -> None:
        self._learned_s.append(lateness_s)
        ordered = sorted(self._learned_s)
        self._usual_s = ordered[int(PERCENTILE * (len(ordered) - 1) + 0.5)]
