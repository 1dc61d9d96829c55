"""How fast a recording may be sent; time is passed in."""

from __future__ import annotations

# Half a second ahead rides out the network's hiccups without filling the server's buffers.
LEAD_S = 0.5


class Pacer:
    """Keeps what is sent at `speed` times real time, with `LEAD_S` of the recording in advance.

    After a stall it goes on from there: a service that was away must not be flooded.
    """

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._start_s: float | None = None

    def delay_s(self, position_s: float, now_s: float) -> float:
        """How long to wait before the block that begins at `position_s` of the recording."""
        ahead_s = max(0.0, position_s - LEAD_S) / self._speed
        if self._start_s is None:
            self._start_s = now_s - ahead_s
        due_s = self._start_s + ahead_s
        if now_s > due_s:
            self._start_s += max(0.0, now_s - due_s - LEAD_S / self._speed)
        return max(0.0, due_s - now_s)
