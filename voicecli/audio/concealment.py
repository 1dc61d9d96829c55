"""Goes on with a voice whose next piece is late: its last periods again, softer and softer.

What NetEQ calls "expand" and "merge". Pure.
"""

from __future__ import annotations

import numpy as np

from voicecli.audio.pcm import SPEAKER_RATE_HZ
from voicecli.audio.samples import Samples, cross_faded, fade_out
from voicecli.audio.time_stretch import FADE, best_match, period_before

# A syllable's vowel held for longer is heard as one that is stuck.
CONCEAL_SAMPLES = SPEAKER_RATE_HZ * 120 // 1000
_UNFADED_SAMPLES = SPEAKER_RATE_HZ * 40 // 1000
# Several periods in turn buzz less than a single one.
_LOOP_SAMPLES = SPEAKER_RATE_HZ * 20 // 1000
_SEAM_SAMPLES = SPEAKER_RATE_HZ * 4 // 1000
# How far the return is shifted to fall in with the voice that comes: a period of most voices.
_SHIFT_SAMPLES = SPEAKER_RATE_HZ * 10 // 1000


class Concealment:
    """The continuation of `history`, the last HISTORY samples that were played."""

    def __init__(self, history: Samples) -> None:
        period = period_before(history)
        loop_samples = period * max(1, _LOOP_SAMPLES // period)
        before = history[-loop_samples - _SEAM_SAMPLES : -loop_samples]
        self._loop = history[-loop_samples:].copy()
        # The end of the loop goes over into what came before its beginning, and its beginning
        # sets out from where the voice stopped: neither is a step.
        self._loop[-_SEAM_SAMPLES:] = cross_faded(self._loop[-_SEAM_SAMPLES:], before)
        self._step = float(history[-1] - before[-1])
        self._done = 0

    @property
    def played_samples(self) -> int:
        """What was taken of it."""
        return self._done

    @property
    def left_samples(self) -> int:
        """How much of it there is until it has faded to nothing."""
        return max(0, CONCEAL_SAMPLES - self._done)

    def take(self, n_samples: int) -> Samples:
        """The next `n_samples`; silence after the end."""
        taken = self._ahead(n_samples)
        self._done += n_samples
        return taken

    def merged(self, voice: Samples) -> Samples:
        """What leads over into `voice`, which may be short, and ends with its last sample."""
        width = min(FADE, len(voice))
        ahead = self._ahead(_SHIFT_SAMPLES + width)
        shift = best_match(voice[:width], ahead) if self.left_samples else 0
        self._done += shift
        seam = cross_faded(ahead[shift : shift + width], voice[:width])
        return np.concatenate((ahead[:shift], seam, voice[width:]))

    def _ahead(self, n_samples: int) -> Samples:
        places = np.arange(self._done, self._done + n_samples)
        sound = self._loop[places % len(self._loop)]
        if self._done < _SEAM_SAMPLES:
            settling = fade_out(_SEAM_SAMPLES)[self._done : self._done + n_samples]
            sound[: len(settling)] += self._step * settling
        faded = np.clip((places - _UNFADED_SAMPLES) / (CONCEAL_SAMPLES - _UNFADED_SAMPLES), 0, 1)
        return (sound * np.cos(np.pi / 2 * faded)).astype(np.float32)
