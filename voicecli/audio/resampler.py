"""Brings PCM that comes in chunks from one rate to another, without clicks at the joins."""

from __future__ import annotations

import numpy as np
import soxr

from voicecli.audio.pcm import SAMPLE_BYTES


class StreamResampler:
    """16-bit mono PCM at `from_hz` in, the same sound at `to_hz` out, about 20 ms later."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self.from_hz = from_hz
        self._stream = soxr.ResampleStream(from_hz, to_hz, 1, dtype="int16")
        self._half_sample = b""

    def push(self, pcm: bytes) -> bytes:
        """What is ready after `pcm`, a chunk of any length."""
        whole = self._half_sample + pcm
        end = len(whole) // SAMPLE_BYTES * SAMPLE_BYTES
        self._half_sample = whole[end:]
        return self._resampled(whole[:end], last=False)

    def finish(self) -> bytes:
        """What was held back; nothing may be pushed after it."""
        self._half_sample = b""
        return self._resampled(b"", last=True)

    def _resampled(self, pcm: bytes, *, last: bool) -> bytes:
        samples = np.frombuffer(pcm, "<i2").astype(np.int16)
        resampled: np.ndarray[tuple[int], np.dtype[np.int16]] = self._stream.resample_chunk(
            samples, last=last
        )
        return resampled.astype("<i2").tobytes()
