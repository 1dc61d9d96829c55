"""The functions that the model has called and that are at work."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable

from voicecli.live.events import FunctionCall
from voicecli.live.items import ToolResult
from voicecli.talk.uplink import Wire
from voicecli.tools.runner import Outcome, run
from voicecli.tools.toolbox import Toolbox

# Who asks again does so on the next connection.
KEPT_RESULTS = 100

Finished = Callable[[FunctionCall, Outcome], None]


class Calls:
    """Runs each call as a task of the conversation's group and answers it, unless cancelled."""

    def __init__(self, toolbox: Toolbox, wire: Wire, finished: Finished) -> None:
        """`finished` is told of each call that was not cancelled, before the model is."""
        self._toolbox = toolbox
        self._wire = wire
        self._finished = finished
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._known: set[str] = set()
        self._results: OrderedDict[str, ToolResult] = OrderedDict()

    def start(self, call: FunctionCall, group: asyncio.TaskGroup) -> None:
        """Run `call`."""
        self._known.add(call.call_id)
        self._tasks[call.call_id] = group.create_task(self._run(call))

    def knows(self, call_id: str) -> bool:
        """Whether a call of this id was started."""
        return call_id in self._known

    def repeat(self, call_id: str) -> None:
        """The service asks again: it gets the same result, for a function may change things."""
        if call_id in self._results:
            self._wire.queue(self._results[call_id])

    def cancel(self, call_ids: Iterable[str]) -> list[str]:
        """Stop the named calls; the ids of those that were still at work."""
        stopped = []
        for call_id in call_ids:
            task = self._tasks.pop(call_id, None)
            if task is not None:
                task.cancel()
                stopped.append(call_id)
        return stopped

    def cancel_all(self) -> None:
        """Stop every call."""
        self.cancel(list(self._tasks))

    async def _run(self, call: FunctionCall) -> None:
        outcome = await self._outcome(call)
        del self._tasks[call.call_id]
        self._finished(call, outcome)
        result = ToolResult(call.call_id, call.name, outcome.response)
        self._results[call.call_id] = result
        if len(self._results) > KEPT_RESULTS:
            self._results.popitem(last=False)
        self._wire.queue(result)

    async def _outcome(self, call: FunctionCall) -> Outcome:
        tool = self._toolbox.get(call.name)
        if tool is None:
            offered = ", ".join(tool.name for tool in self._toolbox.offered) or "none"
            return Outcome(error=f"there is no function {call.name}; those on offer: {offered}")
        return await run(tool, call.args, lambda result: None)
