"""Makes 24 kHz whole samples of what the service sends: any rate, any number of bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicecli.audio.pcm import SAMPLE_BYTES, SPEAKER_RATE_HZ

if TYPE_CHECKING:
    from voicecli.audio.resampler import StreamResampler


class Intake:
    """One reply after the other, in pieces of 16-bit mono PCM."""

    def __init__(self) -> None:
        self._rate_hz = SPEAKER_RATE_HZ
        self._resampler: StreamResampler | None = None
        self._half_sample = b""

    def push(self, pcm: bytes, rate_hz: int) -> bytes:
        """What is ready with `pcm`; half a sample at its end waits for its other half."""
        rest = self.finish() if rate_hz != self._rate_hz else b""
        self._rate_hz = rate_hz
        plain = rate_hz == SPEAKER_RATE_HZ
        ready = self._whole(pcm) if plain else self._resampled(pcm, rate_hz)
        return rest + ready if rest else ready

    def finish(self) -> bytes:
        """What was held back; what comes now begins anew."""
        rest = self._resampler.finish() if self._resampler is not None else b""
        self.drop()
        return rest

    def drop(self) -> None:
        """Forget what is held back."""
        self._resampler = None
        self._half_sample = b""

    def _whole(self, pcm: bytes) -> bytes:
        joined = self._half_sample + pcm if self._half_sample else pcm
        odd_bytes = len(joined) % SAMPLE_BYTES
        if not odd_bytes:
            self._half_sample = b""
            return joined
        self._half_sample = joined[-odd_bytes:]
        return joined[:-odd_bytes]

    def _resampled(self, pcm: bytes, rate_hz: int) -> bytes:
        if self._resampler is None:
            # Replies come at 24 kHz; the library is loaded when one does not.
            from voicecli.audio.resampler import StreamResampler

            self._resampler = StreamResampler(rate_hz, SPEAKER_RATE_HZ)
        return self._resampler.push(pcm)
