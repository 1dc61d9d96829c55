"""Pieces of recognised speech, joined to utterances; knows no socket and no clock."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from voicecli.live import events as ev

_SENTENCE_ENDS = ".!?…。！？"
_NEVER_FIRST = ".,;:!?…)]}»’'%"


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was said between two pauses; `end_s` into the recording, where the service told it."""

    text: str
    end_s: float | None = None


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    after_pause: bool


class Transcript:
    """What was said so far, and a guess at what is being said.

    Some models send fragments with spaces between words and none inside of them, others whole
    utterances without spaces around; which it is shows only in time, so pieces are kept as they
    came and joined anew.
    """

    def __init__(self) -> None:
        self._pieces: list[_Piece] = []
        self._ends_s: dict[int, float] = {}
        self._segments_end_s: list[float | None] = []
        self._in_segment = False
        self._paused = True
        self._offsets_hold = True
        self.guess = ""

    def hear(self, event: ev.LiveEvent) -> None:
        """Take in one event; what the model says itself is not part of the recording."""
        match event:
            case ev.UserSpeech(interim=True):
                self.guess = clean(event.text).strip()
            case ev.UserSpeech():
                self._add(clean(event.text))
            case ev.VoiceActivity(speaking=True):
                self._paused = True
                self._in_segment = False
                self._segments_end_s.append(None)
            case ev.VoiceActivity():
                self._end(event.offset_s)
            case ev.Interrupted() | ev.TurnComplete():
                self._paused = True
            case ev.SaidAgain():
                self.guess = ""  # its sound goes up anew
            case ev.Reconnecting():
                # A new connection counts its sound from an unknown place of the recording.
                self.keep_guess()
                self._paused = True
                self._offsets_hold = False
            case _:
                pass

    @property
    def utterances(self) -> tuple[Utterance, ...]:
        """What was said, in order; none is empty."""
        joined: list[Utterance] = []
        fragments = any(_is_fragment(piece.text) for piece in self._pieces)
        for index, piece in enumerate(self._pieces):
            end_s = self._ends_s.get(index)
            before = joined[-1].text if joined else ""
            if before and _continues(before, piece, fragments=fragments):
                text = before + _gap(before, piece.text) + piece.text
                joined[-1] = Utterance(text, end_s if end_s is not None else joined[-1].end_s)
            else:
                joined.append(Utterance(piece.text.lstrip(), end_s))
        stripped = (replace(one, text=" ".join(one.text.split())) for one in joined)
        return tuple(one for one in stripped if one.text)

    def keep_guess(self) -> None:
        """No certain words will come for the guess: better these than none."""
        self._add(self.guess)

    def _add(self, text: str) -> None:
        self.guess = ""
        if not text:
            return
        self._pieces.append(_Piece(text, after_pause=self._paused))
        self._paused = False
        if self._segments_end_s:
            # With several stretches of speech to choose from, one of them was perhaps only noise.
            only = len(self._segments_end_s) == 1
            end_s = self._segments_end_s[0] if only else None
            self._segments_end_s.clear()
            self._in_segment = only and end_s is None
            self._set_end(end_s)

    def _end(self, offset_s: float) -> None:
        """The end of a stretch of speech can arrive before its words or after them."""
        if self._segments_end_s:
            self._segments_end_s[-1] = offset_s
        elif self._in_segment:
            self._in_segment = False
            self._set_end(offset_s)

    def _set_end(self, end_s: float | None) -> None:
        if end_s is not None and self._offsets_hold:
            self._ends_s[len(self._pieces) - 1] = end_s


def clean(text: str) -> str:
    """`text` without what could steer a terminal: control and direction characters."""
    return "".join(_harmless(character) for character in text)


def last_words(utterances: Sequence[Utterance], guess: str) -> str:
    """What to show while the work goes on: the newest words, certain or not."""
    return guess or (utterances[-1].text if utterances else "")


def _harmless(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cc":
        return " "
    # Of the invisible characters, only the joiners of scripts and emoji are part of words.
    return "" if category in ("Cf", "Cs") and character not in "\u200c\u200d" else character


def _is_fragment(text: str) -> bool:
    return text[0].isspace() or text[-1].isspace()


def _continues(before: str, piece: _Piece, *, fragments: bool) -> bool:
    """Whether `piece` belongs to the utterance `before`."""
    first = piece.text[0]
    if piece.after_pause:
        # The rest of a word may come late, but no utterance begins with it.
        return first in _NEVER_FIRST or (fragments and first.islower())
    spaced = first.isspace() or before[-1].isspace()
    return fragments or spaced or first in _NEVER_FIRST or _unspaced(before[-1], first)


def _gap(before: str, text: str) -> str:
    """A space that a fragment lacks: a word never goes on with a new sentence."""
    return " " if before[-1] in _SENTENCE_ENDS and text[0].isupper() else ""


def _unspaced(last: str, first: str) -> bool:
    """Whether these two letters belong to a script that puts no spaces between words."""
    return all(unicodedata.east_asian_width(letter) in "WF" for letter in (last, first))
