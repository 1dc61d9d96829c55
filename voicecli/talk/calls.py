"""The functions that the model has called: asked for, at work, answered, or stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial

from voicecli.live.events import FunctionCall
from voicecli.talk.call_answers import CallAnswers, OpenCall
from voicecli.talk.permission import Permission
from voicecli.talk.stage import Stage
from voicecli.talk.uplink import Wire
from voicecli.tools.approval import Answer
from voicecli.tools.runner import Outcome, run
from voicecli.tools.tool import Tool

# More than any model has a use for; each may hold a thread, or put a question to the user.
MOST_AT_WORK = 64
TOO_MANY = f"{MOST_AT_WORK} functions are at work already; call it again when one has ended"


class Calls:
    """Runs each call as a task of the conversation's group and answers it, unless cancelled."""

    def __init__(self, stage: Stage, wire: Wire, in_background: Callable[[Tool], bool]) -> None:
        """`in_background` says whether the model goes on talking while a function runs."""
        parts = stage.parts
        self._stage = stage
        self._toolbox = parts.tools
        self._in_background = in_background
        self._permission = Permission(parts.tools, stage.emit, stage.now_s, can_ask=parts.can_ask)
        self._answers = CallAnswers(wire, stage.tell_model)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._known: set[str] = set()

    def start(self, call: FunctionCall, group: asyncio.TaskGroup) -> None:
        """Run `call`, once it is allowed."""
        tool = self._toolbox.get(call.name)
        at_work = OpenCall(call)
        if tool is not None:
            at_work.background = self._in_background(tool)
            at_work.scheduling = tool.scheduling
        stage = self._stage
        stage.emit_all(stage.turns.call_started(call, stage.now_s(), background=at_work.background))
        too_many = len(self._tasks) >= MOST_AT_WORK
        self._known.add(call.call_id)
        self._tasks[call.call_id] = group.create_task(self._run(at_work, tool, too_many=too_many))

    def knows(self, call_id: str) -> bool:
        """Whether a call of this id was started."""
        return call_id in self._known

    def repeat(self, call_id: str) -> None:
        """The service asks again for the result of a call that was started."""
        self._answers.repeat(call_id)

    def answer(self, call_id: str, answer: Answer) -> None:
        """The user's word on a call that asks; nothing if it asks no more."""
        self._permission.answer(call_id, answer)

    def cancel(self, call_ids: Iterable[str]) -> None:
        """Stop those of the named calls that are still at work; they are never answered."""
        stage = self._stage
        for call_id in call_ids:
            if self._stop(call_id):
                stage.emit_all(stage.turns.call_cancelled(call_id, stage.now_s()))

    def cancel_all(self) -> None:
        """Stop every call."""
        for call_id in tuple(self._tasks):
            self._stop(call_id)

    def _stop(self, call_id: str) -> bool:
        task = self._tasks.pop(call_id, None)
        if task is None:
            return False
        task.cancel()
        return True

    async def _run(self, at_work: OpenCall, tool: Tool | None, *, too_many: bool) -> None:
        outcome = await self._outcome(at_work, tool, too_many=too_many)
        stage, call_id = self._stage, at_work.call.call_id
        if self._tasks.pop(call_id, None) is None:
            return  # it was stopped, and the function did not heed that
        stage.emit_all(
            stage.turns.call_finished(call_id, stage.now_s(), outcome.result, outcome.error)
        )
        self._answers.end(at_work, outcome)

    async def _outcome(self, at_work: OpenCall, tool: Tool | None, *, too_many: bool) -> Outcome:
        call = at_work.call
        if tool is None:
            offered = ", ".join(tool.name for tool in self._toolbox.offered) or "none"
            return Outcome(error=f"there is no function {call.name}; those on offer: {offered}")
        if too_many:
            return Outcome(error=TOO_MANY)
        refusal = await self._permission.refusal(call, tool)
        if refusal is not None:
            return Outcome(error=refusal)
        return await run(tool, call.args, partial(self._progressed, at_work))

    def _progressed(self, at_work: OpenCall, result: object) -> None:
        stage, call_id = self._stage, at_work.call.call_id
        if call_id not in self._tasks:
            return
        stage.emit_all(stage.turns.call_progressed(call_id, stage.now_s(), result))
        self._answers.partial(at_work, result)
