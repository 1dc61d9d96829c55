"""How a written word sounds, roughly: which parts of it hiss, which are sung, and how long. Pure.

Letters tell enough to find a word again in its sound. Latin, Cyrillic and Greek letters are known;
those of other scripts have a length and no sound. Lengths are in units of about one letter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class Sound(IntEnum):
    """What a part of a word sounds like."""

    SIBILANT = 0
    """As in “s”, “sh” and “ch”: it hisses."""
    PLOSIVE = 1
    """As in “p”, “t”, “k” and “f”: short, quiet, with a burst."""
    VOICED = 2
    """Vowels, and the consonants that are hummed."""
    UNKNOWN = 3
    """Letters of scripts that are not known here."""
    NUMBER = 4
    """Digits and the signs between them: nobody knows how they are read out."""


class Break(IntEnum):
    """What a speaker does after a word."""

    NONE = 0
    SHORT = 1
    LONG = 2


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of one kind of sound, `length` letters long."""

    sound: Sound
    length: float


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: it ends before the character `end`, its punctuation included."""

    end: int
    parts: tuple[Part, ...]
    pause: Break

    @property
    def length(self) -> float:
        """How long the word is, in letters."""
        return sum(part.length for part in self.parts)


# The last syllable before a pause is drawn out.
DRAWN_OUT = 2.0
# What is written and not spoken ("–", an emoji) takes next to no time.
UNSPOKEN = Part(Sound.UNKNOWN, 0.5)
# "7" is a word, "1,234.50" nine or ten: "one thousand two hundred and thirty-four point five zero".
DIGIT = Part(Sound.NUMBER, 6.0)
NUMBER_SIGN = Part(Sound.NUMBER, 3.0)
# One ideograph, one syllable.
SYLLABLE = Part(Sound.UNKNOWN, 2.7)
MARK = Part(Sound.UNKNOWN, 0.5)
LETTER = Part(Sound.UNKNOWN, 1.0)

_SHORT_BREAKS = ",;–—、，；،"
_LONG_BREAKS = ".!?…:。！？：؟।"
_CLOSING = "\"'”’»)]*_"

# The first alternative that fits is taken. The “e” of “time” is not heard.
_PATTERN: Final = re.compile(
    r"(?P<sibilant>sch|tch|ti(?=on)|ss|sh|ch|c(?=[eiy])|[szxjßсзшщжцчσςζξψ])"
    r"|(?P<voiceless>th|ph|ck|pp|tt|kk|ff|cc|[ptkqfcптккфхπτκφθχ])"
    r"|(?P<silent>(?<=[aeiouy][a-z])e\b)"
    r"|(?P<vowels>[aeiouyаеёиоуыэюяαεηιουω]+)"
    r"|(?P<hummed>[a-zа-яα-ω])"
)
_SOUNDS: Final = {
    "sibilant": Part(Sound.SIBILANT, 1.2),
    "voiceless": Part(Sound.PLOSIVE, 1.1),
    "silent": Part(Sound.VOICED, 0.2),
    "hummed": Part(Sound.VOICED, 0.8),
}
_FIRST_VOWEL = 1.3
_NEXT_VOWEL = 0.5

# Scripts that are written without spaces: Thai and Lao, Burmese, Khmer. Ideographs are "wide".
_UNSPACED: Final = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF))


def words(text: str, start: int = 0) -> Iterator[Word]:
    """The words of `text` from the character `start` on, one at a time."""
    begun = at = start
    while at < len(text):
        if text[at].isspace():
            begun = at + 1
        elif at + 1 == len(text) or _parted(text[at], text[at + 1]):
            yield _word(text[begun : at + 1], at + 1)
            begun = at + 1
        at += 1


def _parted(letter: str, following: str) -> bool:
    """Whether a word ends between the two."""
    if following.isspace():
        return True
    if unicodedata.category(following)[0] not in "LN":
        return False
    return _stands_alone(letter) or _stands_alone(following)


def _stands_alone(letter: str) -> bool:
    """Whether a letter is a word or as good as one, in a script without spaces."""
    wide = unicodedata.east_asian_width(letter) in "WF"
    return wide or any(first <= ord(letter) <= last for first, last in _UNSPACED)


def _word(written: str, end: int) -> Word:
    bare = written.rstrip(_CLOSING)
    pause = Break.NONE
    if bare.endswith(tuple(_LONG_BREAKS)):
        pause = Break.LONG
    elif bare.endswith(tuple(_SHORT_BREAKS)):
        pause = Break.SHORT
    parts = _joined(_parts(written))
    if parts and pause:
        parts[-1] = Part(parts[-1].sound, parts[-1].length + DRAWN_OUT)
    return Word(end, tuple(parts) or (UNSPOKEN,), pause)


def _parts(written: str) -> Iterator[Part]:
    spelt = unicodedata.normalize("NFC", written.lower())
    plain = "".join(_plain(letter) for letter in spelt)
    at = 0
    while at < len(plain):
        found = _PATTERN.match(plain, at)
        if found is None:
            yield from (NUMBER_SIGN,) if _between_digits(plain, at) else _unknown(plain[at])
            at += 1
        elif found.lastgroup == "vowels":
            count = found.end() - at
            yield Part(Sound.VOICED, _FIRST_VOWEL + _NEXT_VOWEL * (count - 1))
            at = found.end()
        else:
            yield _SOUNDS[str(found.lastgroup)]
            at = found.end()


def _between_digits(text: str, at: int) -> bool:
    """Whether the sign at `at` is part of a number."""
    if text[at].isdigit():
        return False
    return 0 < at < len(text) - 1 and text[at - 1].isdigit() and text[at + 1].isdigit()


def _plain(letter: str) -> str:
    """`letter` without its accents, where it has a letter under them that is known."""
    base = unicodedata.normalize("NFD", letter)[0]
    return base if _PATTERN.match(base) else letter


def _unknown(letter: str) -> Iterator[Part]:
    category = unicodedata.category(letter)
    if category.startswith("N"):
        yield DIGIT
    elif category.startswith("M"):
        yield MARK
    elif category.startswith("L"):
        yield SYLLABLE if unicodedata.east_asian_width(letter) in "WF" else LETTER


def _joined(parts: Iterator[Part]) -> list[Part]:
    """Neighbours of one sound made one part."""
    joined: list[Part] = []
    for part in parts:
        if joined and joined[-1].sound is part.sound:
            joined[-1] = Part(part.sound, joined[-1].length + part.length)
        else:
            joined.append(part)
    return joined
