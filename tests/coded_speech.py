"""Speech whose words can be read back exactly: for tests that count words, without speech models.

A word is a number from 1 to `MAX_WORD`, "w17" as text. Its sound is `WORD_SAMPLES` loud samples: a
head, a body that swings around zero at a level that is the number, and a tail. So it may be cut
into chunks of any size and moved by silence of any length, but a sample that is lost or doubled
inside of a word is noticed: the ears then hear `?`. What is quieter than `LOUD` is silence.
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterable, Iterator
from itertools import groupby

from voicecli.audio.pcm import MIC_RATE_HZ, SPEAKER_RATE_HZ, byte_count
from voicecli.local.senses import Senses
from voicecli.local.turn_taking import WINDOW_BYTES
from voicecli.local.voice import Speech, SpokenWord

WINDOW_SAMPLES = WINDOW_BYTES // 2
WORD_SAMPLES = 3 * WINDOW_SAMPLES
# Shorter than a window, so that no window of a sentence is silent.
GAP_SAMPLES = MIC_RATE_HZ // 100
LOUD = 4_000
LEVEL = 8_000  # of word 0; a word's own level is higher by its number
MAX_WORD = 7_999
HEAD, TAIL = 24_000, 20_000
EDGE_SAMPLES = 16
BROKEN = "?"

WORD_S = 0.2  # of the model's voice
TONE_HZ = 440


def pcm_of(words: Iterable[int]) -> bytes:
    """The sound of `words`, 16 kHz 16-bit mono, with a short gap after each."""
    sound = array("h")
    for word in words:
        sound.extend(_word(word))
        sound.extend([0] * GAP_SAMPLES)
    return sound.tobytes()


def silence(seconds: float) -> bytes:
    return bytes(2 * int(seconds * MIC_RATE_HZ))


def text_of(words: Iterable[int]) -> str:
    """What the ears write down when they hear `words`."""
    return " ".join(f"w{word}" for word in words)


def words_in(text: str) -> list[int]:
    """The words in a text that the ears wrote, in order; a broken one is 0."""
    return [int(found[1:] or 0) for found in re.findall(r"w\d+|\?", text)]


def _word(word: int) -> list[int]:
    assert 1 <= word <= MAX_WORD
    body = [
        (LEVEL + word) * (1 if at // EDGE_SAMPLES % 2 else -1)
        for at in range(WORD_SAMPLES - 2 * EDGE_SAMPLES)
    ]
    return [HEAD] * EDGE_SAMPLES + body + [TAIL] * EDGE_SAMPLES


def _heard(samples: list[int]) -> str:
    """The word that a run of loud samples is."""
    word = abs(samples[EDGE_SAMPLES]) - LEVEL if len(samples) == WORD_SAMPLES else 0
    return f"w{word}" if 1 <= word <= MAX_WORD and samples == _word(word) else BROKEN


def _samples(pcm: bytes) -> array[int]:
    samples = array("h")
    samples.frombytes(pcm[: len(pcm) // 2 * 2])
    return samples


class CodedEars:
    """A recogniser that hears the words of an utterance, each exactly as often as it is there."""

    def __init__(self) -> None:
        self._pcm = b""

    def start(self) -> None:
        self._pcm = b""

    def feed(self, pcm: bytes) -> None:
        self._pcm += pcm

    def guess(self) -> str:
        runs = groupby(_samples(self._pcm), key=lambda sample: abs(sample) >= LOUD)
        return " ".join(_heard(list(run)) for loud, run in runs if loud)

    def finish(self) -> str:
        return self.guess()


class CodedActivity:
    """Tells coded sound from silence, window by window, without doubt."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, pcm: bytes) -> list[float]:
        return list(self._judged(pcm))

    def reset(self) -> None:
        self._rest = b""

    def _judged(self, pcm: bytes) -> Iterator[float]:
        self._rest += pcm
        while len(self._rest) >= WINDOW_BYTES:
            window, self._rest = self._rest[:WINDOW_BYTES], self._rest[WINDOW_BYTES:]
            samples = _samples(window)
            yield float(max(samples) >= LOUD or min(samples) <= -LOUD)


def say(text: str, voice_name: str, language: str) -> Speech:
    """`WORD_S` of a tone for each word, 24 kHz, at once; the words joined are the text's."""
    words = text.split()
    tone = array("h")
    for at in range(byte_count(int(1000 * WORD_S), SPEAKER_RATE_HZ) // 2 if words else 0):
        tone.append(int(8_000 * math.sin(2 * math.pi * TONE_HZ * at / SPEAKER_RATE_HZ)))
    spoken = (
        SpokenWord(word if at == 0 else f" {word}", at * WORD_S) for at, word in enumerate(words)
    )
    return Speech(tone.tobytes() * len(words), tuple(spoken))


CODED = Senses(open_detector=CodedActivity, open_listener=CodedEars, say=say)
