"""The local server's voice: text to 24 kHz sound with the time of every word.

eSpeak NG speaks where `espeakng-loader` is installed; elsewhere a tone per word stands in, so that
the server, its pacing and its transcripts work all the same.
"""

from __future__ import annotations

import unicodedata
from collections import deque
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import soxr

from voicecli.audio.pcm import FULL_SCALE, SPEAKER_RATE_HZ
from voicecli.local import espeak
from voicecli.local.espeak_worker import RATE_HZ
from voicecli.local.voice_names import sound_of

# Five minutes of speech or so; the text may come from a client.
MAX_TEXT_CHARS = 4_000
# −6 dBFS: loud and with room for a mixer, the same for quiet and loud voices.
PEAK = FULL_SCALE // 2
# A variant may start or stop at full swing; this is short enough not to be heard as a fade.
FADE_MS = 5
# Below this eSpeak has said nothing ("…", "—"), and raising the level would raise noise.
SILENCE_PEAK = 100

TONE_HZ = 440
TONE_MS_PER_LETTER = 60
TONE_PAUSE_MS = 60

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word with the space before it, so that the words joined are the sentence."""

    text: str
    start_s: float


@dataclass(frozen=True, slots=True)
class Speech:
    """24 kHz 16-bit mono sound, and its words in order of time."""

    pcm: bytes = field(repr=False)
    words: tuple[SpokenWord, ...]


class Voice:
    """Speaks, one sentence at a time; may be used from any thread.

    Making one is blocking (some 30 ms): it starts the process that speaks.
    """

    def __init__(self) -> None:
        installed = espeak.installation()
        speaker = espeak.Espeak(installed) if installed else None
        self._espeak = speaker if speaker and speaker.starts() else None

    @property
    def available(self) -> bool:
        """Whether this is speech; if not, a tone stands for every word."""
        return self._espeak is not None

    def say(self, text: str, *, voice_name: str = "Kore", language: str = "en-US") -> Speech:
        """Blocking, some 500 times faster than real time.

        `voice_name` is one of the Live API's (others sound like Kore); `language` is a BCP 47 tag,
        and an unknown one is spoken as US English. Only a text without a word gives no sound.
        """
        tokens = _tokens(text)
        if not tokens:
            return Speech(b"", ())
        spoken = None
        if self._espeak is not None:
            spoken = self._espeak.speak(" ".join(tokens), sound_of(voice_name), language)
        return _tones(tokens) if spoken is None or _is_silent(spoken) else _speech(tokens, spoken)


def _tokens(text: str) -> list[str]:
    """The words of `text`, without control characters and what is too long."""
    visible = "".join(
        " " if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") else c
        for c in text[:MAX_TEXT_CHARS]
    )
    return visible.split()


def _is_silent(spoken: espeak.Spoken) -> bool:
    samples = np.frombuffer(spoken.pcm, dtype=np.int16).astype(np.int32)
    return bool(np.abs(samples).max(initial=0) < SILENCE_PEAK)


def _speech(tokens: list[str], spoken: espeak.Spoken) -> Speech:
    samples = np.frombuffer(spoken.pcm, dtype=np.int16).astype(np.float32)
    sound = soxr.resample(samples, RATE_HZ, SPEAKER_RATE_HZ)
    starts_s = _starts(tokens, spoken.words, len(sound) / SPEAKER_RATE_HZ)
    return Speech(_finished(sound), _words(tokens, starts_s))


def _words(tokens: list[str], starts_s: list[float]) -> tuple[SpokenWord, ...]:
    return tuple(
        SpokenWord(token if i == 0 else f" {token}", start_s)
        for i, (token, start_s) in enumerate(zip(tokens, starts_s, strict=True))
    )


def _starts(tokens: list[str], spoken: tuple[espeak.WordStart, ...], end_s: float) -> list[float]:
    """When each token starts, from the words that eSpeak found in the tokens joined by spaces.

    One token may be several words ("14:05") or none: "–" starts with the next one that is heard,
    and at the end of the text with the last.
    """
    starts: list[float | None] = []
    words = deque(spoken)
    end_char = -1
    for token in tokens:
        end_char += 1 + len(token)
        inside: list[float] = []
        while words and words[0].first_char < end_char:
            inside.append(words.popleft().start_s)
        starts.append(inside[0] if inside else None)
    latest = min(end_s, max((start for start in starts if start is not None), default=0.0))
    result: list[float] = []
    for start in reversed(starts):
        latest = latest if start is None else min(start, latest)
        result.append(latest)
    return result[::-1]


def _tones(tokens: list[str]) -> Speech:
    """A tone per word, as long as the word."""
    pieces: list[Samples] = []
    starts_s: list[float] = []
    length = 0
    pause = np.zeros(SPEAKER_RATE_HZ * TONE_PAUSE_MS // 1000, dtype=np.float32)
    for token in tokens:
        starts_s.append(length / SPEAKER_RATE_HZ)
        size = SPEAKER_RATE_HZ * TONE_MS_PER_LETTER * len(token) // 1000
        tone = np.sin(np.arange(size, dtype=np.float32) * (2 * np.pi * TONE_HZ / SPEAKER_RATE_HZ))
        pieces += [_faded(tone.astype(np.float32)), pause]
        length += size + len(pause)
    return Speech(_finished(np.concatenate(pieces)), _words(tokens, starts_s))


def _finished(sound: Samples) -> bytes:
    """`sound` as 16-bit samples with its peak at `PEAK` and no click at either end."""
    faded = _faded(sound)
    louder = faded * np.float32(PEAK / np.abs(faded).max())
    return bytes(louder.astype("<i2").tobytes())


def _faded(sound: Samples) -> Samples:
    count = min(SPEAKER_RATE_HZ * FADE_MS // 1000, len(sound) // 2)
    ramp = np.linspace(0, 1, count, dtype=np.float32)
    faded = sound.copy()
    faded[:count] *= ramp
    faded[len(sound) - count :] *= ramp[::-1]
    return faded
