"""The conversation in turns, for a service that does not know it: what was said, and heard of it.

Pure: it is fed the conversation's own events, live or from a record.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from voicecli.live.history import Role, Said, call_text
from voicecli.talk import events as talk
from voicecli.talk.user_words import LATE_WORDS_S


@dataclass(slots=True)
class _Turn:
    """One side's words; of the model those that were heard, or will have been."""

    serial: int
    role: Role
    text: str = ""
    open: bool = True
    answered: bool = False
    spoken: bool = False

    @property
    def call_id(self) -> str:
        return ""

    def said(self, *, speech_again: bool) -> Said | None:
        settled = self.answered or (self.spoken and not speech_again)
        told = settled and bool(self.text.strip())
        return Said(self.role, self.text.strip()) if told else None


@dataclass(slots=True)
class _Call:
    """A function call, told with its result."""

    serial: int
    event: talk.ToolCalled
    end: talk.ToolFinished | None = field(default=None)
    answered: bool = True

    @property
    def call_id(self) -> str:
        return self.event.call_id

    def said(self, *, speech_again: bool) -> Said | None:
        if self.end is None or self.end.cancelled:
            return None
        outcome = self.end.result if self.end.error is None else {"error": self.end.error}
        return Said("user", call_text(self.event.name, self.event.args, outcome))


class History:
    """`voicecli.live.history.Past` of a conversation; turns stand in the order in which they began.

    What the user said and the service has not begun to answer is left out: it is sent again.
    """

    def __init__(self) -> None:
        self._entries: list[_Turn | _Call] = []
        self._serial = 0
        self._just_answered = False
        self._answered_s: float | None = None

    def take(self, event: talk.TalkEvent) -> None:
        """Take in what happened."""
        if self._just_answered:
            self._just_answered, self._answered_s = False, event.t_s
        match event:
            case talk.Transcript(role="user"):
                self._user_words(event)
            case talk.Transcript():
                self._model_words(event)
            case talk.ToolCalled():
                self._entries.append(_Call(self._next_serial(), event))
            case talk.ToolFinished(call_id=call_id):
                for entry in self._entries:
                    if isinstance(entry, _Call) and entry.call_id == call_id and entry.end is None:
                        entry.end = event
            case _:
                pass

    def all(self) -> tuple[Said, ...]:
        """Everything, answered or not: what a later conversation goes on from."""
        for entry in self._entries:
            entry.answered = True
        return self.since(0, open_calls=frozenset(), speech_again=False)

    def mark(self) -> int:
        """See Past."""
        return max((entry.serial for entry in self._entries if entry.answered), default=0)

    def since(
        self, mark: int, *, open_calls: frozenset[str], speech_again: bool
    ) -> tuple[Said, ...]:
        """See Past."""
        told = (
            entry.said(speech_again=speech_again)
            for entry in self._entries
            if entry.serial > mark and entry.call_id not in open_calls
        )
        return tuple(said for said in told if said is not None)

    def answered(self) -> None:
        """See Past."""
        for entry in self._entries:
            entry.answered = True
        self._just_answered = True

    def _user_words(self, event: talk.Transcript) -> None:
        turn = self._open_turn("user")
        if turn is None:
            turn = _Turn(self._next_serial(), "user", spoken=not event.typed)
            self._entries.insert(self._place_of_words(event, turn), turn)
        turn.text, turn.open = event.text, not event.final

    def _place_of_words(self, event: talk.Transcript, turn: _Turn) -> int:
        """Behind all, but for words whose recognition trails the first sound of their answer."""
        end = len(self._entries)
        since_s = self._answered_s
        if event.typed or since_s is None or event.t_s - since_s >= LATE_WORDS_S:
            return end
        turn.answered = True
        reply = self._open_turn("model")
        if reply is None:
            return end
        # With the reply's own number it is neither told twice nor forgotten.
        turn.serial = reply.serial
        return self._entries.index(reply)

    def _model_words(self, event: talk.Transcript) -> None:
        turn = self._open_turn("model")
        if turn is None:
            turn = _Turn(self._next_serial(), "model", answered=True)
            self._entries.append(turn)
        turn.text, turn.open = (event.heard if event.final else event.text), not event.final

    def _open_turn(self, role: Role) -> _Turn | None:
        for entry in reversed(self._entries):
            if isinstance(entry, _Turn) and entry.role == role:
                return entry if entry.open else None
        return None

    def _next_serial(self) -> int:
        self._serial += 1
        return self._serial
