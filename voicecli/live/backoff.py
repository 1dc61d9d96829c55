"""How long to wait before the next try, and when to give up; time and chance are passed in."""

from __future__ import annotations

from collections.abc import Callable

FIRST_DELAY_S = 0.1
LONGEST_DELAY_S = 10.0
MOST_TRIES = 10
BRIEF_TRIES = 3
HEALTHY_AFTER_S = 60.0


class BackOff:
    """Delays that double from 0.1 s to 10 s, with jitter, so that clients do not return together.

    Only a connection that held for a minute gives the tries back: a server that accepts and drops
    at once is not redialled for ever.
    """

    def __init__(self, chance: Callable[[], float]) -> None:
        """`chance` gives numbers from 0 to 1."""
        self._chance = chance
        self._tries = 0
        self._connected_s: float | None = None

    @property
    def tries(self) -> int:
        """How many tries were made since the last healthy connection."""
        return self._tries

    def connected(self, now_s: float) -> None:
        """A connection stands since `now_s`, in place of an earlier one if that was not lost."""
        self._forgive(now_s)
        self._connected_s = now_s

    def next_delay_s(self, now_s: float, *, briefly: bool = False) -> float | None:
        """The wait before the next try; None when the tries are used up."""
        self._forgive(now_s)
        self._connected_s = None
        if self._tries >= (BRIEF_TRIES if briefly else MOST_TRIES):
            return None
        whole_s: float = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2**self._tries)
        self._tries += 1
        return whole_s * (0.5 + 0.5 * self._chance())

    def _forgive(self, now_s: float) -> None:
        if self._connected_s is not None and now_s - self._connected_s >= HEALTHY_AFTER_S:
            self._tries = 0
