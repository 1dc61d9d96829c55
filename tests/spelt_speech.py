"""Sound that is to speech what a stick figure is to a person: a hiss, a hum or a hush for each part
of a word, and silence where a speaker would pause. No synthesizer and no data are needed for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voicecli.audio.pcm import SPEAKER_RATE_HZ
from voicecli.talk.spelling import Break, Sound, words

PAUSES_S = {Break.NONE: 0.0, Break.SHORT: 0.15, Break.LONG: 0.3}


@dataclass(frozen=True, slots=True)
class Spelt:
    """24 kHz 16-bit mono sound; `ends` has a pair for each word: the characters up to its end, and
    the sample behind its last one."""

    text: str
    pcm: bytes
    ends: tuple[tuple[int, int], ...]

    def heard_at(self, sample: int) -> str:
        """The words that have ended when `sample` is played."""
        return self.text[: max((chars for chars, end in self.ends if end <= sample), default=0)]


def hum(seconds: float) -> bytes:
    """Like a vowel: loud and low."""
    times_s = np.arange(int(seconds * SPEAKER_RATE_HZ)) / SPEAKER_RATE_HZ
    return _pcm(8_000 * np.sin(2 * np.pi * 220 * times_s))


def hiss(seconds: float) -> bytes:
    """Like an “s”: noise, as bright as it gets."""
    noise = np.random.default_rng(1).normal(0, 1_500, int(seconds * SPEAKER_RATE_HZ))
    return _pcm(noise)


def hush(seconds: float) -> bytes:
    """Like the closure of a “b”: low, and 30 dB below the vowels."""
    return _pcm(np.frombuffer(hum(seconds), "<i2") / 32)


def silence(seconds: float) -> bytes:
    """A pause."""
    return bytes(2 * int(seconds * SPEAKER_RATE_HZ))


def spelt(text: str, *, frames_per_letter: float = 6.7, seed: int | None = None) -> Spelt:
    """`text`, read out; with a `seed`, no two letters are of one length."""
    random = np.random.default_rng(seed)
    sound, ends = b"", []
    for word in words(text):
        for part in word.parts:
            stretched = 1.0 if seed is None else float(np.exp(random.normal(0, 0.2)))
            sound += _make(part.sound)(part.length * frames_per_letter * stretched / 100)
        ends.append((word.end, len(sound) // 2))
        sound += silence(PAUSES_S[word.pause])
    return Spelt(text, sound, tuple(ends))


def _make(sound: Sound) -> Callable[[float], bytes]:
    return {Sound.SIBILANT: hiss, Sound.PLOSIVE: hush}.get(sound, hum)


def _pcm(samples: npt.NDArray[np.float64]) -> bytes:
    return samples.astype("<i2").tobytes()
