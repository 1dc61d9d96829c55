"""Whether a call is made: what the settings say, and what the user answers to a question.

Only `answer` counts as the user's word, which a key gives: nothing that is said or typed does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from voicecli.live.events import FunctionCall
from voicecli.talk import events as talk
from voicecli.talk.json_values import MAX_SHOWN_CHARS, shown_whole
from voicecli.tools.approval import Answer, Approval
from voicecli.tools.tool import Risk, Tool
from voicecli.tools.toolbox import Toolbox

REFUSED_BY_USER = (
    "the user was asked and said no; it was not called. Do not call it again for this, and do not "
    "try to get the same done by other means, unless the user asks for that"
)
TOO_LONG = (
    "the user has to be asked, and these arguments are too long to be read; it was not called. "
    f"Make several calls, with fewer lines and less than {MAX_SHOWN_CHARS} characters each"
)
DENIED = "the user's settings do not allow this function; it was not called"


@dataclass(slots=True)
class _Question:
    call: FunctionCall
    tool: Tool
    word: asyncio.Future[bool]


class Permission:
    """Decides on the calls of one conversation."""

    def __init__(
        self,
        toolbox: Toolbox,
        emit: Callable[[talk.TalkEvent], None],
        now_s: Callable[[], float],
        *,
        can_ask: bool,
    ) -> None:
        """Without `can_ask` there is nobody to answer, and what has to be asked is refused."""
        self._toolbox = toolbox
        self._approval = Approval(toolbox)
        self._emit = emit
        self._now_s = now_s
        self._can_ask = can_ask
        self._questions: dict[str, _Question] = {}

    async def refusal(self, call: FunctionCall, tool: Tool) -> str | None:
        """Why `tool` is not called, in words for the model; None if it is.

        Waits for the user as long as it takes; cancelling ends the question.
        """
        risk = self._approval.risk(tool)
        if risk is Risk.DENY:
            self._decided(call, allowed=False, by="settings")
            return DENIED
        if risk is Risk.SAFE:
            if self._toolbox.risk(tool) is Risk.ASK:
                self._decided(call, allowed=True, by="user, always")
            elif tool.risk is not Risk.SAFE:
                self._decided(call, allowed=True, by="settings")
            return None
        if not self._can_ask:
            self._decided(call, allowed=False, by="no terminal")
            return nobody_to_ask(tool)
        if not shown_whole(call.args):
            return TOO_LONG  # a yes to what nobody can see is none
        return None if await self._asked(call, tool) else REFUSED_BY_USER

    def answer(self, call_id: str, answer: Answer) -> None:
        """The user's word on a call that asks; it holds for others of its function if `ALWAYS`."""
        question = self._questions.get(call_id)
        if question is None or question.word.done():
            return
        allowed = self._approval.answered(question.tool, answer)
        always = answer is Answer.ALWAYS and not question.tool.always_asks
        self._settle(question, allowed=allowed, always=always)
        if always:
            for other in tuple(self._questions.values()):
                if self._approval.risk(other.tool) is Risk.SAFE and not other.word.done():
                    self._settle(other, allowed=True, always=True)

    async def _asked(self, call: FunctionCall, tool: Tool) -> bool:
        word: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._questions[call.call_id] = _Question(call, tool, word)
        try:
            always = not tool.always_asks
            self._emit(talk.ToolAsked(self._now_s(), call.call_id, call.name, call.args, always))
            return await word
        finally:
            del self._questions[call.call_id]

    def _settle(self, question: _Question, *, allowed: bool, always: bool) -> None:
        question.word.set_result(allowed)
        self._decided(question.call, allowed=allowed, by="user, always" if always else "user")

    def _decided(self, call: FunctionCall, *, allowed: bool, by: talk.DecidedBy) -> None:
        self._emit(talk.ToolDecided(self._now_s(), call.call_id, call.name, allowed, by))


def nobody_to_ask(tool: Tool) -> str:
    """What the model is told, and can tell the user, where no view can ask."""
    why = f"{tool.name} was not called: the user has to be asked, and there is no terminal"
    if tool.always_asks:
        return f"{why}. The user can start voicecli talk in a terminal"
    return f'{why}. The user can allow it by name in the settings: tool_risk.{tool.name} = "safe"'
