"""The room process beside a virtual sound card, its own delay measured and taken off."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from bench.analysis import Stretch, find
from bench.room import Room
from bench.signals import RATE_HZ, chirp, write_wav
from bench.virtual_audio import Recording, VirtualAudio

ROOT = Path(__file__).resolve().parents[1]
CHIRP_S = 0.3
# Reverberation takes from it.
LEAST_LIKENESS = 0.2


@contextmanager
def coupled(
    card: VirtualAudio, speaker: Recording, microphone: Recording, room: Room
) -> Iterator[float]:
    """While the block lasts, the microphone hears the speaker through `room`.

    Gives the delay that the process itself has, in seconds, which is a part of the room's.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.room_process"],
        cwd=ROOT,
        env=card.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            if process.stdout.readline() != "ready\n":
                raise RuntimeError("the room process did not start")
            spent_s = measured_delay_s(card, speaker, microphone)
            process.stdin.write(json.dumps({**asdict(room), "spent_s": spent_s}) + "\n")
            process.stdin.flush()
            yield spent_s
        finally:
            process.terminate()


def measured_delay_s(card: VirtualAudio, speaker: Recording, microphone: Recording) -> float:
    """How long the sound of a chirp takes from the speaker to the microphone's feed."""
    began_s = time.monotonic()
    wav = write_wav(Path(card.environment["VAUDIO_DIR"]) / "chirp.wav", chirp(CHIRP_S), RATE_HZ)
    card.play_into_speaker(wav).wait()
    end_s = time.monotonic() + 0.4
    sent = _place_s(speaker.between(began_s, end_s))
    return _place_s(microphone.between(sent, end_s + 0.1)) - sent


def _place_s(stretch: Stretch) -> float:
    at, likeness = find(chirp(CHIRP_S, stretch.rate_hz), stretch.samples)
    if likeness < LEAST_LIKENESS:
        raise RuntimeError(f"the chirp was not found (likeness {likeness:.2f})")
    return stretch.time_of(at)
