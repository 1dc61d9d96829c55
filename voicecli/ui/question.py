"""The question whether a call may be made: what of it is read, and which keys answer it. Pure.

A yes must be meant: a key counts only while the question is on the screen, and has been for a
moment; only alone, as a person presses it; and only if nothing of the question is hidden, or `t`
has shown it. Esc says no. A key that does not count does what it does without a question.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from voicecli.tools.approval import Answer
from voicecli.ui.action import Decide
from voicecli.ui.keys import Key

# A key that was on its way when the question appeared was meant for something else.
READING_S = 0.5
# Keys that are closer together come from a held key or a paste (some terminals do not mark it).
ALONE_S = 0.15
# After a longer pause between two looks at the keyboard, nobody knows when a key was pressed.
STALLED_S = 0.5


@dataclass(frozen=True, slots=True)
class Shown:
    """A question as it was drawn; `whole` if nothing of it is hidden."""

    call_id: str
    always: bool
    whole: bool


class Asker:
    """Knows which question stands on the screen, and since when. Time is passed in."""

    def __init__(self) -> None:
        self._shown: Shown | None = None
        self._since_s = 0.0
        self._read: str | None = None
        self._key_s: float | None = None
        self._looked_s: float | None = None

    @property
    def read(self) -> str | None:
        """The call of which all was shown in the details."""
        return self._read

    def drawn(self, shown: Shown | None, now_s: float) -> None:
        """A frame was written that has this question on it."""
        before, self._shown = self._shown, shown
        if shown is not None and (before is None or shown.call_id != before.call_id):
            self._since_s = now_s

    def hidden(self) -> None:
        """The screen is not there."""
        self._shown = None

    def details_opened(self) -> None:
        """The details show all of the question."""
        if self._shown is not None:
            self._read = self._shown.call_id
            self._shown = replace(self._shown, whole=True)

    def looked(self, now_s: float) -> None:
        """The keys are looked at; to be told each time."""
        if self._looked_s is not None and now_s - self._looked_s > STALLED_S:
            self._since_s = now_s
        self._looked_s = now_s

    def answer(self, key: Key, at_s: float, *, alone: bool) -> Decide | None:
        """What `key` says to the question; to be asked about every key, `alone` if it came so."""
        last_s, self._key_s = self._key_s, at_s
        shown = self._shown
        if shown is None or at_s - self._since_s < READING_S:
            return None
        if not alone or (last_s is not None and at_s - last_s < ALONE_S):
            return None
        answer = _answer(shown, key)
        if answer is None:
            return None
        self._shown = None
        return Decide(shown.call_id, answer)


def _answer(shown: Shown, key: Key) -> Answer | None:
    match key:
        case Key("char", "n" | "N") | Key("esc"):
            return Answer.NO
        case Key("char", "y" | "Y") if shown.whole:
            return Answer.YES
        case Key("char", "a" | "A") if shown.whole and shown.always:
            return Answer.ALWAYS
        case _:
            return None
