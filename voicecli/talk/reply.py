"""One reply of the model: which of its words have been heard. Pure: positions are passed in."""

from __future__ import annotations

from typing import Protocol

from voicecli.audio.pcm import SPEAKER_RATE_HZ
from voicecli.talk.heard_words import HeardWords, Pace

_SENTENCE_ENDS = frozenset(".!?…")


class FindCharacters(Protocol):
    """`HeardWords.follow` or `HeardWords.judge`."""

    def __call__(self, samples: int, *, whole: bool) -> int:
        """How many characters lie before `samples`."""


class Reply:
    """The words and the sound of one reply.

    Positions are samples of the whole output stream; the reply's sound starts at `start`. `pace`
    is the voice's, and learns from this reply for the next.
    """

    def __init__(self, number: int, start: int, pace: Pace) -> None:
        self.number = number
        self.start = start
        self.content_complete = False
        self.turn_complete = False
        self.cut_samples: int | None = None
        self._words = HeardWords(pace)
        self._text_at_cut = ""

    @property
    def text(self) -> str:
        """All words that have arrived."""
        return self._words.text.strip()

    @property
    def received_samples(self) -> int:
        """All sound that has arrived."""
        return self._words.received_samples

    @property
    def interrupted(self) -> bool:
        """Whether the reply was cut off."""
        return self.cut_samples is not None

    @property
    def end(self) -> int:
        """The position behind the last sample that was played or is to be played."""
        kept = self.received_samples if self.cut_samples is None else self.cut_samples
        return self.start + kept

    def add_text(self, text: str) -> None:
        """Take in a further piece of the words."""
        self._words.add_text(f" {text}" if _new_sentence(self._words.text, text) else text)

    def add_sound(self, pcm: bytes) -> None:
        """Take in a further piece of the sound, 24 kHz 16-bit mono."""
        self._words.add_sound(pcm)

    def cut(self, position: int) -> None:
        """End the reply at `position` of the output stream: what comes later is never heard."""
        if self.cut_samples is None:
            self.cut_samples = self._within(position)
            self._text_at_cut = self._text_until(self.cut_samples, self._words.judge)

    def heard_s(self, position: int) -> float:
        """How much of the reply has been heard when the stream stands at `position`."""
        heard = self._within(position)
        if self.cut_samples is not None:
            heard = min(heard, self.cut_samples)
        return heard / SPEAKER_RATE_HZ

    def heard_text(self, position: int) -> str:
        """The words, from the first, that have been heard when the stream stands at `position`.

        They only grow as the stream goes on, and stay as they are from a cut on.
        """
        if self.cut_samples is not None:
            return self._text_at_cut
        return self._text_until(self._within(position), self._words.follow)

    def settled_text(self, position: int) -> str:
        """The same for the record: with more work, from all that is known by now."""
        return self._text_until(self._within(position), self._words.judge)

    def _within(self, position: int) -> int:
        return min(max(position - self.start, 0), self.received_samples)

    def _text_until(self, heard: int, find: FindCharacters) -> str:
        if self.content_complete and heard >= self.received_samples:
            return self.text
        return self._words.text[: find(heard, whole=self.content_complete)].strip()


def _new_sentence(before: str, text: str) -> bool:
    """Whether `text` is a further utterance of the turn, which some models send without a blank.

    A word that came in pieces never goes on with a capital behind the end of a sentence.
    """
    ended = before[-1:] in _SENTENCE_ENDS and before[-3:-1].isalpha() and before[-3:-1].islower()
    return bool(before) and ended and text[:1].isupper()
