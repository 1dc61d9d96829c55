"""The conversation in turns, for a service that does not know it: what was said, and heard of it.

Pure: it is fed the conversation's own events, live or from a record.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field

from voicecli.live.history import MOST_CALL_CHARACTERS, Role, Said, call_text
from voicecli.talk import events as talk
from voicecli.talk.user_words import LATE_WORDS_S

# Of a function that tells how far it is, the last results are those that count.
KEPT_RESULTS = 10


@dataclass(slots=True)
class _Turn:
    """One side's words; of the model those that were heard, or will have been."""

    serial: int
    role: Role
    text: str = ""
    open: bool = True
    answered: bool = False
    spoken: bool = False

    def said(self, *, speech_again: bool) -> Said | None:
        settled = self.answered or (self.spoken and not speech_again)
        told = settled and bool(self.text.strip())
        return Said(self.role, self.text.strip()) if told else None


@dataclass(slots=True)
class _Told:
    """What is told in brackets: code that the service ran, or a result that was told in words."""

    serial: int
    role: Role
    text: str
    answered: bool

    def said(self, *, speech_again: bool) -> Said | None:
        return Said(self.role, self.text) if self.answered else None


@dataclass(slots=True)
class _Call:
    """A function call, told with what came of it."""

    serial: int
    event: talk.ToolCalled
    results: deque[object] = field(default_factory=lambda: deque(maxlen=KEPT_RESULTS))
    refused: bool = False
    stopped: bool = False
    end: talk.ToolFinished | None = None
    answered: bool = True

    @property
    def at_work(self) -> bool:
        return self.event.background and self.end is None

    def said(self, *, speech_again: bool) -> Said | None:
        if self.end is not None and self.end.cancelled:
            return None
        if self.stopped and (self.at_work or not self.results):
            return self._note("was stopped when the conversation ended")
        if self.at_work:
            return self._note("is at work in the background")
        if self.refused and self.end is not None:
            return self._note(f"was not called: {self.end.error}")
        told = list(self.results)
        if self.end is not None and (self.end.error is not None or not told):
            error = self.end.error
            told.append(self.end.result if error is None else {"error": error})
        if not told:
            return None
        outcome = told[0] if len(told) == 1 else told
        return Said("user", call_text(self.event.name, self.event.args, outcome))

    def awaited(self, open_calls: frozenset[str]) -> bool:
        """Whether its result is told as soon as there is one, and nothing has to be told now."""
        return self.event.call_id in open_calls and not self.at_work

    def _note(self, what: str) -> Said:
        args = json.dumps(dict(self.event.args), ensure_ascii=False, default=str)
        text = f"The function {self.event.name}({args}"[:MOST_CALL_CHARACTERS]
        return Said("user", f"[{text}) {what}]")


class History:
    """`voicecli.live.history.Past` of a conversation; turns stand in the order in which they began.

    What the user said and the service has not begun to answer is left out: it is sent again.
    """

    def __init__(self) -> None:
        self._entries: list[_Turn | _Told | _Call] = []
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
            case talk.CodeWritten():
                self._of_service(f"[I ran this {event.language} code: {event.code}]")
            case talk.CodeRan():
                outcome = "It printed" if event.ok else "It failed"
                self._of_service(f"[{outcome}: {event.output}]")
            case talk.ToolCalled():
                self._entries.append(_Call(self._next_serial(), event))
            case talk.ToolDecided() | talk.ToolProgress() | talk.ToolFinished():
                self._on_call(event)
            case _:
                pass

    def all(self) -> tuple[Said, ...]:
        """Everything, answered or not: what a later conversation goes on from.

        What was at work then is at work no more.
        """
        for entry in self._entries:
            entry.answered = True
            if isinstance(entry, _Call):
                entry.stopped = entry.end is None
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
            if entry.serial > mark and not (isinstance(entry, _Call) and entry.awaited(open_calls))
        )
        return tuple(said for said in told if said is not None)

    def answered(self) -> None:
        """See Past."""
        for entry in self._entries:
            entry.answered = True
        self._just_answered = True

    def _on_call(self, event: talk.ToolDecided | talk.ToolProgress | talk.ToolFinished) -> None:
        calls = (entry for entry in reversed(self._entries) if isinstance(entry, _Call))
        call = next((entry for entry in calls if entry.event.call_id == event.call_id), None)
        if call is None or call.end is not None:
            return
        match event:
            case talk.ToolDecided():
                call.refused = not event.allowed
            case talk.ToolProgress() if call.results and not call.event.background:
                # The session sends such words as a line, and again until it is answered.
                text = call_text(call.event.name, call.event.args, event.result)
                self._entries.append(_Told(self._next_serial(), "user", text, answered=False))
            case talk.ToolProgress():
                call.results.append(event.result)
            case talk.ToolFinished():
                call.end = event

    def _of_service(self, text: str) -> None:
        told = text[:MOST_CALL_CHARACTERS]
        self._entries.append(_Told(self._next_serial(), "model", told, answered=True))

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
