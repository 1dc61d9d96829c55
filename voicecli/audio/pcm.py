"""PCM as the Live API speaks it: 16-bit little-endian mono, 16 kHz up and 24 kHz down."""

from __future__ import annotations

import re

MIC_RATE_HZ = 16_000
SPEAKER_RATE_HZ = 24_000
SAMPLE_BYTES = 2
FULL_SCALE = 32_768

_RATE = re.compile(r"rate\s*=\s*(\d{1,7})")


def samples_in(pcm: bytes) -> int:
    """The number of whole samples in `pcm`."""
    return len(pcm) // SAMPLE_BYTES


def duration_s(pcm: bytes, rate_hz: int) -> float:
    """How long `pcm` lasts when played at `rate_hz`."""
    return samples_in(pcm) / rate_hz


def byte_count(duration_ms: float, rate_hz: int) -> int:
    """The number of bytes of `duration_ms` of sound, a whole number of samples."""
    return int(rate_hz * duration_ms / 1000) * SAMPLE_BYTES


def rate_of(mime_type: str | None, default_hz: int) -> int:
    """The rate in a MIME type such as `audio/pcm;rate=24000`; the Live API may leave it out."""
    found = _RATE.search(mime_type or "")
    rate_hz = int(found.group(1)) if found else default_hz
    return rate_hz if 1_000 <= rate_hz <= 384_000 else default_hz
