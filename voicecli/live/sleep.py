"""Tells that the machine has slept: the time of day has gone on, and the running clock has not."""

from __future__ import annotations

# Clocks are put right by less than this; a lid is closed for longer.
SLEPT_S = 10.0


class Sleep:
    """Compares the two clocks from one look to the next. Pure: both times are passed in."""

    def __init__(self, now_s: float, wall_s: float) -> None:
        self._behind_s = wall_s - now_s

    def has_slept(self, now_s: float, wall_s: float) -> bool:
        """Whether the machine has slept since the last look."""
        before_s, self._behind_s = self._behind_s, wall_s - now_s
        return self._behind_s - before_s > SLEPT_S
