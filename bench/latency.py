"""How late the recorder itself is: from a write into the sound server to the recording's clock."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import numpy as np

from bench.analysis import first_audible
from bench.virtual_audio import VirtualAudio

CLICKS = 15
# A stream that is empty plays what comes at once.
CODE = """
import os, time
from bench.pulse import PLAYBACK, PulseStream
stream = PulseStream("speaker", PLAYBACK, 24_000, 1.0)
for _ in range({clicks}):
    time.sleep(0.25)
    print(time.monotonic(), flush=True)
    stream.write((b"\\x00\\x20" * 240) + bytes(480))
time.sleep(0.3)
"""


def recorder_latency_ms() -> float:
    """The median over some clicks, with the player's own share.

    It can be less than nothing: the server renders a piece at once, whose end is still to come.
    """
    with VirtualAudio() as card, card.record_speaker() as speaker:
        environment = {**card.environment, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", CODE.format(clicks=CLICKS)],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        speaker.wait_until(time.monotonic())
        late_ms: list[float] = []
        for line in done.stdout.split():
            written_s = float(line)
            heard = speaker.between(written_s - 0.1, written_s + 0.1)
            if (first := first_audible(heard.samples)) is not None:
                late_ms.append(1000 * (heard.time_of(first) - written_s))
    return float(np.median(late_ms))
