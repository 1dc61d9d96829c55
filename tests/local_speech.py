"""A human-like voice for tests that speak to the local server: flite's, at 16 kHz."""

from __future__ import annotations

import shutil
import subprocess
from array import array
from functools import cache
from importlib.util import find_spec

import pytest

from voicecli.audio.pcm import MIC_RATE_HZ, byte_count

needs_flite = pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed")
needs_ears = pytest.mark.skipif(
    find_spec("pocketsphinx") is None, reason="pocketsphinx is not installed"
)

QUIET = 300  # of 32767: the voices' first and last samples have less
SECOND_BYTES = byte_count(1000, MIC_RATE_HZ)


@cache
def user_says(text: str, voice: str = "slt") -> bytes:
    """`text` spoken with a little silence before, and enough after it to end the turn: 16 kHz."""
    wav = subprocess.run(
        ["flite", "-voice", voice, "-t", text, "-o", "/dev/stdout"],
        check=True,
        capture_output=True,
    ).stdout
    pcm = wav[wav.index(b"data") + 8 :]
    return bytes(SECOND_BYTES // 3) + pcm[: len(pcm) // 2 * 2] + bytes(SECOND_BYTES)


def silence(seconds: float) -> bytes:
    return bytes(int(seconds * SECOND_BYTES) // 2 * 2)


def bare_speech(text: str) -> bytes:
    """`text` spoken, without any silence around it."""
    samples = array("h", user_says(text))
    loud = [at for at, sample in enumerate(samples) if abs(sample) > QUIET]
    return samples[loud[0] : loud[-1] + 1].tobytes()
