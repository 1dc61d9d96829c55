"""When the voice is made longer or shorter, and how much: never by more than 15 %. Pure."""

from __future__ import annotations

import numpy as np

from voicecli.audio import time_stretch
from voicecli.audio.pcm import FULL_SCALE, SPEAKER_RATE_HZ
from voicecli.audio.piece import Piece
from voicecli.audio.sample_queue import SampleQueue
from voicecli.audio.samples import Samples, decoded, encoded

# What a listener does not notice.
MOST_STRETCH = 0.15
# A pause between words may last twice as long: that is heard as breath.
MOST_PAUSE_STRETCH = 1.0

# Between decisions; short enough for a pause to be found where it is.
STEP_SAMPLES = SPEAKER_RATE_HZ * 10 // 1000
# Before this was reached once, the reply has not begun for its listener, and is not to be late.
_VOICE_POWER = (FULL_SCALE * 10 ** (-50 / 20)) ** 2
# A pause is so much softer than the loudest of the reply: −35 dB.
_PAUSE_SHARE = 10 ** (-35 / 10)


class Stretcher:
    """Repeats or leaves out a period whenever the last one has been paid for.

    A period is paid for by sound that is played as it came: 15 samples of it by a hundred.
    """

    def __init__(self) -> None:
        self._owed_samples = 0.0
        self._loudest = 0.0
        self._pausing = False

    def begin(self) -> None:
        """A reply begins."""
        self._owed_samples = self._loudest = 0.0
        self._pausing = False

    def played(self, samples: int) -> None:
        """`samples` were played as they came."""
        if self._owed_samples > 0:
            rate = MOST_PAUSE_STRETCH if self._pausing else MOST_STRETCH
            self._owed_samples = max(0.0, self._owed_samples - rate * samples)

    def lengthened(self, history: bytes, queue: SampleQueue) -> Piece | None:
        """The next piece of `queue` with a period more, if that is due and possible."""
        before = decoded(history)
        self._listen(before[-STEP_SAMPLES:])
        if self._owed_samples > 0 or self._loudest < _VOICE_POWER:
            return None
        if len(queue) < time_stretch.LENGTHEN_NEEDS:
            return None
        upcoming = decoded(queue.take(time_stretch.LENGTHEN_NEEDS))
        longer = time_stretch.lengthened(before, upcoming)
        self._owed_samples = float(len(longer) - len(upcoming))
        return Piece(encoded(longer), len(upcoming))

    def shortened(self, queue: SampleQueue) -> Piece | None:
        """The next piece of `queue` with a period less, if that is due and possible."""
        self._pausing = False
        if self._owed_samples > 0 or len(queue) < time_stretch.SHORTEN_NEEDS:
            return None
        upcoming = decoded(queue.peek(time_stretch.SHORTEN_NEEDS))
        shorter, content_samples = time_stretch.shortened(upcoming)
        queue.take(content_samples)
        self._owed_samples = float(content_samples - len(shorter))
        return Piece(encoded(shorter), content_samples)

    def _listen(self, lately: Samples) -> None:
        power = float(np.dot(lately, lately)) / len(lately)
        self._loudest = max(self._loudest, power)
        self._pausing = power < _PAUSE_SHARE * self._loudest
