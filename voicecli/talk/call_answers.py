"""What the model is told of the calls at work: results as they come, and again if it asks again.

A model that waits for a function takes one answer to a call. Of a function that goes on, the first
result is that answer, and the model is told later ones in words, which it speaks of.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from voicecli.live.events import FunctionCall
from voicecli.live.history import call_text
from voicecli.live.items import ToolResult
from voicecli.talk.uplink import Wire
from voicecli.tools.runner import Outcome
from voicecli.tools.tool import Scheduling

# Who asks again does so on the next connection.
KEPT_RESULTS = 100


@dataclass(slots=True)
class OpenCall:
    """A call that is not over; `answered` once the model has a result of it."""

    call: FunctionCall
    background: bool = False
    scheduling: Scheduling | None = None
    answered: bool = False


class CallAnswers:
    """Sends results over `wire`, and words through `say`."""

    def __init__(self, wire: Wire, say: Callable[[str], None]) -> None:
        self._wire = wire
        self._say = say
        self._latest: OrderedDict[str, ToolResult] = OrderedDict()

    def partial(self, at_work: OpenCall, result: object) -> None:
        """A function has given `result` and goes on."""
        response: dict[str, object] = {"result": result}
        if at_work.answered and not at_work.background:
            self._in_words(at_work, response)
        else:
            self._send(self._result(at_work, response, continues=at_work.background))
            at_work.answered = True

    def end(self, at_work: OpenCall, outcome: Outcome) -> None:
        """A function is over; of one that gave its results before, only that is told."""
        result = self._result(at_work, outcome.response)
        if at_work.background and outcome.over:
            self._over(result)
        elif at_work.background or not at_work.answered:
            self._send(replace(result, response=outcome.response or {"result": None}))
        elif not outcome.over:
            self._in_words(at_work, outcome.response)

    def repeat(self, call_id: str) -> None:
        """The service asks again: it gets the latest result, for a function may change things."""
        if call_id in self._latest:
            self._wire.queue(self._latest[call_id])

    def _result(
        self, at_work: OpenCall, response: dict[str, object], *, continues: bool = False
    ) -> ToolResult:
        call, scheduling = at_work.call, at_work.scheduling if at_work.background else None
        return ToolResult(call.call_id, call.name, response, scheduling, continues)

    def _over(self, result: ToolResult) -> None:
        """No further results follow; who asks again gets the last one all the same."""
        self._wire.queue(replace(result, scheduling=Scheduling.SILENT))
        self._keep(replace(self._latest.get(result.call_id, result), continues=False))

    def _in_words(self, at_work: OpenCall, response: dict[str, object]) -> None:
        call = at_work.call
        self._keep(self._result(at_work, response))
        told = response if "error" in response else response["result"]
        self._say(call_text(call.name, call.args, told))

    def _send(self, result: ToolResult) -> None:
        self._keep(result)
        self._wire.queue(result)

    def _keep(self, result: ToolResult) -> None:
        self._latest[result.call_id] = result
        self._latest.move_to_end(result.call_id)
        if len(self._latest) > KEPT_RESULTS:
            self._latest.popitem(last=False)
