"""Function calls on their way: which answers are missing, and what they mean for the reply."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from voicecli.local.client_frames import ToolAnswer
from voicecli.local.script import Call, Reply, fill

SILENT = "SILENT"
WHEN_IDLE = "WHEN_IDLE"
INTERRUPT = "INTERRUPT"


class CallGroup:
    """The calls that one reply makes together; `calls` pairs each with its id."""

    def __init__(self, calls: Sequence[tuple[str, Call]], reply: Reply, user_text: str) -> None:
        self.calls = tuple(calls)
        self.reply = reply
        self._user_text = user_text
        self._missing = {call_id for call_id, _ in calls}
        self._results: dict[str, object] = {}
        self._schedulings: set[str] = set()

    @property
    def missing(self) -> tuple[str, ...]:
        """The ids that have no final answer yet, in the order of the calls."""
        return tuple(call_id for call_id, _ in self.calls if call_id in self._missing)

    @property
    def missing_names(self) -> tuple[str, ...]:
        """The functions that have not answered yet."""
        return tuple(call.name for call_id, call in self.calls if call_id in self._missing)

    def take(self, answer: ToolAnswer) -> bool:
        """Note an answer; whether it was one of these. One that goes on is not the final one."""
        if answer.call_id not in self._missing:
            return False
        self._results.update(answer.response)
        self._schedulings.add(answer.scheduling)
        if not answer.will_continue:
            self._missing.discard(answer.call_id)
        return True

    def copy(self) -> CallGroup:
        """The group as it is now; what is answered later changes only one of the two."""
        twin = CallGroup(self.calls, self.reply, self._user_text)
        twin._missing = set(self._missing)
        twin._results = dict(self._results)
        twin._schedulings = set(self._schedulings)
        return twin

    @property
    def scheduling(self) -> str:
        """When the results are to be spoken of: the most urgent that any answer asks for."""
        if INTERRUPT in self._schedulings:
            return INTERRUPT
        return SILENT if self._schedulings == {SILENT} else WHEN_IDLE

    def spoken(self) -> str:
        """What the reply says, with the results filled in."""
        return fill(self.reply.say, user=self._user_text, results=self._results)


class BackgroundCalls:
    """NON_BLOCKING calls: the conversation goes on, and their results are spoken of later.

    Without `schedules` the model knows no scheduling, and every result waits for a pause.
    """

    def __init__(self, *, schedules: bool) -> None:
        self._schedules = schedules
        self._running: list[CallGroup] = []
        self._answered: deque[CallGroup] = deque()

    @property
    def any(self) -> bool:
        """Whether something is still to be spoken of."""
        return bool(self._running or self._answered)

    def copy(self) -> BackgroundCalls:
        """The calls as they are now; what happens later changes only one of the two."""
        twin = BackgroundCalls(schedules=self._schedules)
        twin._running = [calls.copy() for calls in self._running]
        twin._answered = deque(calls.copy() for calls in self._answered)
        return twin

    def add(self, calls: CallGroup) -> None:
        self._running.append(calls)

    def cancel(self) -> tuple[str, ...]:
        """Give up all that have no answer yet, and return their ids."""
        running, self._running = self._running, []
        return tuple(call_id for calls in running for call_id in calls.missing)

    def take(self, answer: ToolAnswer) -> str | None:
        """Note an answer, and return its scheduling; None if the answer is for none of these.

        While answers of its group are missing, the scheduling is SILENT.
        """
        calls = next((calls for calls in self._running if calls.take(answer)), None)
        if calls is None:
            return None
        if calls.missing:
            return SILENT
        self._running.remove(calls)
        scheduling = calls.scheduling if self._schedules else WHEN_IDLE
        if scheduling != SILENT:
            self._answered.append(calls)
        return scheduling

    def next_answered(self) -> CallGroup | None:
        """The results to speak of now, each once."""
        return self._answered.popleft() if self._answered else None
