"""Function calls on their way: which answers are missing, and what they mean for the reply."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from voicecli.local.client_frames import ToolAnswer
from voicecli.local.script import Call, Reply, fill

SILENT = "SILENT"
WHEN_IDLE = "WHEN_IDLE"
INTERRUPT = "INTERRUPT"


@dataclass(frozen=True, slots=True)
class MadeCall:
    """A call and its id; in the `background` (NON_BLOCKING) the conversation goes on meanwhile."""

    call_id: str
    call: Call
    background: bool = False

    def goes_on(self, answer: ToolAnswer) -> bool:
        """Whether more answers follow this one; of a blocking call the first is the last."""
        return self.background and answer.will_continue


class CallGroup:
    """The calls that one reply makes together."""

    def __init__(self, calls: Sequence[MadeCall], reply: Reply, user_text: str) -> None:
        self.calls = tuple(calls)
        self.reply = reply
        self._user_text = user_text
        self._missing = {made.call_id for made in calls}
        self._answered: set[str] = set()  # with a last answer
        self._continued: set[str] = set()  # with answers that more were to follow
        self._cancel_at_s: dict[str, float] = {}
        self._results: dict[str, object] = {}
        self._schedulings: set[str] = set()

    def start(self, now_s: float) -> None:
        """They are made now; some are cancelled when their time is over."""
        for made in self.calls:
            if made.call.cancel_after_s is not None:
                self._cancel_at_s[made.call_id] = now_s + made.call.cancel_after_s

    @property
    def missing(self) -> tuple[str, ...]:
        """The ids that are waited for, in the order of the calls."""
        return tuple(made.call_id for made in self.calls if made.call_id in self._missing)

    @property
    def unanswered_names(self) -> tuple[str, ...]:
        """The functions without a last answer, waited for or not."""
        return tuple(made.call.name for made in self.calls if made.call_id not in self._answered)

    @property
    def due_s(self) -> float:
        """When `cancel_due` has something to do; infinite for never."""
        return min(
            (self._cancel_at_s.get(one, math.inf) for one in self._missing), default=math.inf
        )

    def cancel_due(self, now_s: float) -> tuple[str, ...]:
        """Wait no longer for those whose time is over, and return their ids."""
        due = tuple(one for one in self.missing if self._cancel_at_s.get(one, math.inf) <= now_s)
        self._missing.difference_update(due)
        return due

    def take(self, answer: ToolAnswer) -> str | None:
        """Note an answer, and return when to speak of what there is now (SILENT: not at all).

        None if it is for none of these. A result that others follow counts by itself, last answers
        when all are there, by the most urgent. An empty answer after others says nothing new.
        """
        if answer.call_id not in self._missing:
            return None
        (made,) = (made for made in self.calls if made.call_id == answer.call_id)
        self._results.update(answer.response)
        if made.goes_on(answer):
            self._continued.add(answer.call_id)
            return _urgency({answer.scheduling}) if answer.response else SILENT
        self._missing.discard(answer.call_id)
        self._answered.add(answer.call_id)
        if answer.response or answer.call_id not in self._continued:
            self._schedulings.add(answer.scheduling)
        return SILENT if self._missing else self.scheduling

    def copy(self) -> CallGroup:
        """The group as it is now; what is answered later changes only one of the two."""
        twin = CallGroup(self.calls, self.reply, self._user_text)
        twin._missing = set(self._missing)
        twin._answered = set(self._answered)
        twin._continued = set(self._continued)
        twin._cancel_at_s = dict(self._cancel_at_s)
        twin._results = dict(self._results)
        twin._schedulings = set(self._schedulings)
        return twin

    @property
    def scheduling(self) -> str:
        """When the last answers are to be spoken of: the most urgent that any of them asks for."""
        return _urgency(self._schedulings)

    def spoken(self) -> str:
        """What the reply says, with the results filled in."""
        return fill(self.reply.say, user=self._user_text, results=self._results)


def _urgency(schedulings: set[str]) -> str:
    if INTERRUPT in schedulings:
        return INTERRUPT
    return SILENT if schedulings <= {SILENT} else WHEN_IDLE


class BackgroundCalls:
    """NON_BLOCKING calls: the conversation goes on, and their results are spoken of later.

    Without `schedules` the model knows no scheduling, and every result waits for a pause. What
    waits is spoken of as it stands then, so that a newer result of the same call takes its place.
    """

    def __init__(self, *, schedules: bool) -> None:
        self._schedules = schedules
        self._running: list[CallGroup] = []
        self._news: deque[CallGroup] = deque()

    @property
    def any(self) -> bool:
        """Whether something is still to be spoken of."""
        return bool(self._running or self._news)

    @property
    def due_s(self) -> float | None:
        """When `cancel_due` has something to do."""
        due_s = min((calls.due_s for calls in self._running), default=math.inf)
        return None if due_s == math.inf else due_s

    def copy(self) -> BackgroundCalls:
        """The calls as they are now; what happens later changes only one of the two."""
        twin = BackgroundCalls(schedules=self._schedules)
        twins = {calls: calls.copy() for calls in (*self._running, *self._news)}
        twin._running = [twins[calls] for calls in self._running]
        twin._news = deque(twins[calls] for calls in self._news)
        return twin

    def add(self, calls: CallGroup) -> None:
        self._running.append(calls)

    def cancel(self) -> tuple[str, ...]:
        """Give up all that have no last answer yet, and return their ids."""
        running, self._running = self._running, []
        return tuple(call_id for calls in running for call_id in calls.missing)

    def cancel_due(self, now_s: float) -> tuple[str, ...]:
        """Cancel the calls whose time is over, and return their ids.

        Those that were waited for together with them may be all there now.
        """
        cancelled: list[str] = []
        for calls in tuple(self._running):
            due = calls.cancel_due(now_s)
            cancelled += due
            if due and not calls.missing:
                self._running.remove(calls)
                self._schedule(calls, calls.scheduling)
        return tuple(cancelled)

    def take(self, answer: ToolAnswer) -> str | None:
        """Note an answer, and return its scheduling; None if the answer is for none of these.

        While last answers of its group are missing, the scheduling of one is SILENT.
        """
        if not self._schedules:
            answer = replace(answer, scheduling="")
        for calls in self._running:
            scheduling = calls.take(answer)
            if scheduling is not None:
                if not calls.missing:
                    self._running.remove(calls)
                return self._schedule(calls, scheduling)
        return None

    def next_news(self) -> CallGroup | None:
        """The calls whose results are to be spoken of now."""
        return self._news.popleft() if self._news else None

    def _schedule(self, calls: CallGroup, scheduling: str) -> str:
        if scheduling == INTERRUPT:
            if calls in self._news:
                self._news.remove(calls)
            self._news.appendleft(calls)
        elif scheduling == WHEN_IDLE and calls not in self._news:
            self._news.append(calls)
        return scheduling
