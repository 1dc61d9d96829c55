"""How alike two sentences are when a small recogniser heard one of them.

A recogniser errs in two ways. It takes a word for one that sounds like it ("the seat" for "the
sea"), which aligning the sentences word by word forgives; and it cuts the sounds into other words
("a full tower" for "eiffel tower"), which comparing the letters without the spaces forgives.
Unrelated sentences share letters but not whole words, so the two measures are averaged: both have
to agree. Pure, symmetric and deterministic.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

# What pocketsphinx made of flite's slt and rms scored 0.667 ("she'll later" for "see you later") or
# more against the right phrase unless it was garbled past reading ("sam que" for "thank you");
# sentences of another meaning reach 0.656 ("what time is the meeting" against "what time is it").
# One other word in a long phrase ("the war" for "the sea") cannot be told from an error of hearing.
ALIKE = 0.66

# Words less alike than this are different words; counting their shared letters would add noise.
_SAME_WORD = 0.5

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = dict.fromkeys(map(ord, "'’ʼ"))


def words_of(text: str) -> tuple[str, ...]:
    """The words of `text` without case, accents and punctuation; "what's" is one word."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_APOSTROPHES))
    return tuple(_WORD.findall("".join(c for c in plain if not unicodedata.combining(c))))


def similarity(a: str, b: str) -> float:
    """How alike `a` and `b` are, from 0 (nothing shared) to 1 (the same words)."""
    return _likeness(words_of(a), words_of(b))


def best_match(text: str, phrases: Iterable[str]) -> float:
    """The similarity of `text` to the phrase that is most like it; 0 if none can be alike."""
    words = words_of(text)
    # Aligning words takes time that grows with both lengths, and the text may come from a client.
    near = (other for other in map(words_of, phrases) if _highest_likeness(words, other) >= ALIKE)
    return max((_likeness(words, other) for other in near), default=0.0)


def _highest_likeness(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    """What the likeness cannot exceed: letters without a counterpart lower both measures."""
    counts = sum(map(len, a)), sum(map(len, b))
    return 2 * min(counts) / sum(counts) if any(counts) else 0.0


def _likeness(words_a: tuple[str, ...], words_b: tuple[str, ...]) -> float:
    if words_a == words_b:
        return 1.0 if words_a else 0.0
    by_words = _aligned_share(words_a, words_b)
    by_letters = _letters_alike("".join(words_a), "".join(words_b))
    return (by_words + by_letters) / 2


def _aligned_share(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    """The share of letters in words that the best alignment in order pairs, by their likeness."""
    letters = sum(map(len, a)) + sum(map(len, b))
    row = [0.0] * (len(b) + 1)
    for word_a in a:
        above = row
        row = [0.0]
        for j, word_b in enumerate(b):
            row.append(max(above[j + 1], row[j], above[j] + _paired_letters(word_a, word_b)))
    return row[-1] / letters if letters else 0.0


def _paired_letters(a: str, b: str) -> float:
    alike = _letters_alike(a, b)
    return alike * (len(a) + len(b)) if alike >= _SAME_WORD else 0.0


def _letters_alike(a: str, b: str) -> float:
    # SequenceMatcher's answer depends on the order of its arguments; sorting them takes that away.
    first, second = sorted((a, b))
    return SequenceMatcher(None, first, second, autojunk=False).ratio()
