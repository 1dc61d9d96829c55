"""Couples the virtual speaker to the virtual microphone through a simulated room.

Its standard input brings one line of JSON for each room: the fields of `Room`, and `spent_s`, the
delay of this process itself. Until the first line the microphone hears the speaker as it is.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from collections import deque

import numpy as np

from bench.pulse import PLAYBACK, RECORD, PulseStream
from bench.room import BLOCK, RATE_HZ, Coupling, Room

# The delay of this process, held constant. Less, and a busy machine leaves holes in the echo.
OWN_DELAY_S = 0.028
BUFFER_MS = 20.0
READ_MS = 5.0
# After a hole, sound would be late for ever; it is thrown away once so much is surely too much.
TOLERANCE_S = 0.003
READINGS = 10


class Surplus:
    """Tells how much sound waits on the way that should not; the least of some readings is true."""

    def __init__(self) -> None:
        self._readings: deque[float] = deque(maxlen=READINGS)

    def samples(self, delay_s: float) -> int:
        """Take a reading of the delay; so many samples are to be thrown away now."""
        self._readings.append(delay_s)
        surplus_s = min(self._readings) - OWN_DELAY_S
        if len(self._readings) < READINGS or surplus_s < TOLERANCE_S:
            return 0
        self._readings.clear()
        return round(surplus_s * RATE_HZ)


def main() -> None:
    with contextlib.suppress(OSError):
        os.nice(-10)  # the room must not be what is late; only root may
    speaker = PulseStream("speaker.monitor", RECORD, RATE_HZ, READ_MS)
    microphone = PulseStream("micsink", PLAYBACK, RATE_HZ, BUFFER_MS)
    rooms: list[Coupling] = []
    threading.Thread(target=_furnish, args=(rooms,), daemon=True).start()
    surplus = Surplus()
    microphone.write(bytes(2 * round(OWN_DELAY_S * RATE_HZ)))
    speaker.flush()
    print("ready", flush=True)
    while True:
        block = np.frombuffer(speaker.read(BLOCK * 2), "<i2").astype(np.float32)
        heard = rooms[-1].feed(block) if rooms else block
        microphone.write(np.clip(heard, -32_768, 32_767).astype("<i2").tobytes())
        if late := surplus.samples(speaker.latency_s() + microphone.latency_s()):
            speaker.read(late * 2)


def _furnish(rooms: list[Coupling]) -> None:
    for line in sys.stdin:
        fields = json.loads(line)
        spent_s = fields.pop("spent_s")
        rooms.append(Coupling(Room(**fields), spent_s))


if __name__ == "__main__":
    main()
