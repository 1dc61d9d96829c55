"""How far the playback of a reply should be behind its arrival, and when to change that. Pure."""

from __future__ import annotations

from voicecli.audio.lateness import Lateness
from voicecli.audio.pcm import SPEAKER_RATE_HZ

# With the 12 ms of a device with 5 ms periods, and one period of waiting for it to ask, the
# first sound comes within 40 ms.
LONGEST_LEAD_MS = 20.0
# While little is known.
FIRST_LEAD_MS = 10.0

# A voice that comes at real time is still missing after a stall of 300 ms, and delay inside a
# reply costs its listener nothing, since a flush is immediate: so much, whatever was learned.
LEAST_DELAY_MS = 250.0
MOST_DELAY_MS = 400.0
# The percentile is exceeded now and then, and playback looks ahead by some milliseconds.
MARGIN_MS = 30.0
# Less than this in the buffer is little, whatever the schedule says: the sender may be slow.
SHALLOW_MS = 100.0
# Delay is given back only where it is so much more than wanted: all that is won is an earlier end.
GIVE_BACK_MS = 100.0


class PlayoutDelay:
    """Compares the delay of a reply with what the arrivals were learned to need."""

    def __init__(self, lateness: Lateness) -> None:
        self._lateness = lateness
        self._built_samples = 0
        self._giving_back = False

    @property
    def lead_ms(self) -> float:
        """How long the first sound of a reply waits for more."""
        usual_ms = self._lateness.usual_ms
        return FIRST_LEAD_MS if usual_ms is None else min(usual_ms, LONGEST_LEAD_MS)

    @property
    def wanted_ms(self) -> float:
        """How far playback should be behind the earliest schedule for nothing to be missing."""
        usual_ms = self._lateness.usual_ms or 0.0
        return min(max(usual_ms + MARGIN_MS, LEAST_DELAY_MS), MOST_DELAY_MS)

    def begin(self) -> None:
        """A reply begins to play."""
        self._built_samples = 0
        self._giving_back = False

    def built(self, samples: int) -> None:
        """The reply has become longer by `samples`, or shorter."""
        self._built_samples += samples

    def lacking_ms(self, position: int, now_s: float) -> float:
        """How much more delay playback that is at `position` should have."""
        return self.wanted_ms - self._lateness.behind_ms(position, now_s)

    def wants_more(self, position: int, held_ms: float, now_s: float) -> bool:
        """Whether to slow down: the reply comes no faster than it plays, and has little delay."""
        shallow = held_ms < SHALLOW_MS or self.lacking_ms(position, now_s) > 0
        return shallow and not self._lateness.awaits_early(now_s)

    def wants_less(self, held_ms: float) -> bool:
        """Whether to speed up: far more delay was built up (not: came early) than is wanted."""
        spare_ms = self._built_samples / SPEAKER_RATE_HZ * 1000 - self.wanted_ms
        self._giving_back = spare_ms > (0 if self._giving_back else GIVE_BACK_MS)
        return self._giving_back and held_ms > self.wanted_ms
