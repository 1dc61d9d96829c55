"""What a client does that the service does not allow, or that no good client does; pure.

The checks read what a connection receives and sends. They change nothing: what the service refuses
is refused elsewhere.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from voicecli.local.answer_check import difference, misuses
from voicecli.local.client_frames import (
    ActivityEnd,
    ActivityStart,
    Audio,
    AudioStreamEnd,
    ClientContent,
    ClientMessage,
    ToolAnswer,
    ToolAnswers,
)
from voicecli.local.server_frames import Frame
from voicecli.local.setup_check import Setup
from voicecli.local.tool_calls import MadeCall

# Calls of a session that are told apart; the oldest are forgotten first.
MAX_CALLS = 4096
# An answer that is under way when its call is cancelled crosses the cancellation, and is no fault.
CROSSING_S = 0.25
# Of an id that a client made up, so much is repeated.
MAX_ID_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Violation:
    """`what` goes on from "the client …"; ids of the client's stand in it quoted and cut."""

    what: str

    def __str__(self) -> str:
        return f"the client {self.what}"


EARLY = Violation("sent a message before setupComplete")
SECOND_CONNECTION = Violation("opened a second connection while one of the same session is open")
STREAM_END = Violation("sent audioStreamEnd, which means nothing with activity detection disabled")
AUDIO_AFTER_END = Violation("sent audio after audioStreamEnd with activity detection disabled")
ACTIVITY = Violation("sent its own activity signals while activity detection is on")
NO_ID = Violation("answered a call without its id")
NO_OBJECT = Violation("answered a call with a response that is no JSON object")
CONTENT = Violation(
    "sent client content in the middle of a session to a model that takes only realtime text then"
)

Value = TypeVar("Value")
Report = Callable[[Violation], None]


class CallLedger:
    """The calls of a session, on all of its connections: which are cancelled, which answered.

    A handle stands for the ledger at its `mark`; what came later is unknown to what it restores.
    """

    def __init__(self) -> None:
        self.mark = 0
        self._asked: OrderedDict[str, MadeCall] = OrderedDict()
        self._so_far: OrderedDict[str, dict[str, object]] = OrderedDict()
        self._answered: OrderedDict[str, int] = OrderedDict()
        self._cancelled: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def asked(self, made: MadeCall) -> None:
        _keep(self._asked, made.call_id, made)

    def cancelled(self, call_id: str, now_s: float) -> None:
        self.mark += 1
        _keep(self._cancelled, call_id, (self.mark, now_s))

    def rewind(self, mark: int) -> None:
        """Forget what was answered and cancelled after `mark`."""
        self._answered = OrderedDict(
            (call_id, at) for call_id, at in self._answered.items() if at <= mark
        )
        self._cancelled = OrderedDict(
            (call_id, at) for call_id, at in self._cancelled.items() if at[0] <= mark
        )

    def answered(
        self, answer: ToolAnswer, now_s: float, crossing_s: float, *, schedules: bool
    ) -> Iterator[Violation]:
        """Note an answer; what is wrong with it, if anything."""
        call_id = answer.call_id
        if not call_id:
            yield NO_ID
        elif call_id in self._cancelled:
            if now_s - self._cancelled[call_id][1] > crossing_s:
                yield _about(call_id, "that was cancelled")
        elif call_id in self._answered:
            yield _about(call_id, "that was answered already")
        elif call_id not in self._asked:
            yield _about(call_id, "that was never made")
        else:
            made = self._asked[call_id]
            for misuse in misuses(made, answer, schedules=schedules):
                yield _about(call_id, misuse)
            whole = self._so_far.pop(call_id, {}) | dict(answer.response)
            if made.goes_on(answer):
                _keep(self._so_far, call_id, whole)
                return
            self.mark += 1
            _keep(self._answered, call_id, self.mark)
            if (differs := difference(made, whole)) is not None:
                yield _about(call_id, differs)


class ClientCheck:
    """Checks one connection from its setupComplete on, and reports each violation.

    `crossing_s` is how long an answer may come after the cancellation of its call.
    """

    def __init__(
        self, setup: Setup, ledger: CallLedger, report: Report, *, crossing_s: float = CROSSING_S
    ) -> None:
        self._setup = setup
        self._ledger = ledger
        self._report = report
        self._crossing_s = crossing_s
        self._in_history = setup.starts_with_history and not setup.handle
        self._stream_ended = False

    def called(self, calls: Iterable[MadeCall]) -> None:
        """The server makes these calls."""
        for made in calls:
            self._ledger.asked(made)

    def sent(self, frame: Frame, now_s: float) -> None:
        """The server sends `frame`."""
        for call_id in _cancelled_ids(frame):
            self._ledger.cancelled(call_id, now_s)

    def received(self, message: ClientMessage, now_s: float) -> None:
        """The client sent `message`."""
        match message:
            case ActivityStart() | ActivityEnd() if self._setup.detection is not None:
                self._report(ACTIVITY)
            case AudioStreamEnd() if self._setup.detection is None:
                self._stream_ended = True
                self._report(STREAM_END)
            case Audio() if self._stream_ended:
                self._stream_ended = False  # once is enough, and a stream is many messages
                self._report(AUDIO_AFTER_END)
            case ClientContent(turn_complete=complete):
                if not self._in_history and not self._setup.model.content_midway:
                    self._report(CONTENT)
                self._in_history = self._in_history and not complete
            case ToolAnswers(answers=answers):
                self._check_answers(answers, now_s)

    def _check_answers(self, answers: Iterable[ToolAnswer], now_s: float) -> None:
        schedules = self._setup.model.scheduling
        for answer in answers:
            found = self._ledger.answered(answer, now_s, self._crossing_s, schedules=schedules)
            for violation in found:
                self._report(violation)


def _about(call_id: str, fate: str) -> Violation:
    return Violation(f"answered the call {call_id[:MAX_ID_CHARACTERS]!a} {fate}")


def _cancelled_ids(frame: Frame) -> Iterable[str]:
    part = frame.get("toolCallCancellation")
    return part["ids"] if isinstance(part, Mapping) else ()


def _keep(kept: OrderedDict[str, Value], call_id: str, value: Value) -> None:
    kept[call_id] = value
    if len(kept) > MAX_CALLS:
        kept.popitem(last=False)
