"""What the model does about something that the user said, by the script."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from voicecli.local.model_turn import Plan
from voicecli.local.script import Script, fill
from voicecli.local.tool_calls import CallGroup, MadeCall


class Answers:
    """Plans the model's turns; `new_call_id` makes identifiers of calls."""

    def __init__(self, script: Script, new_call_id: Callable[[], str]) -> None:
        self._script = script
        self._new_call_id = new_call_id

    def plan(self, text: str, functions: Mapping[str, str]) -> Plan:
        """The turn that answers `text`; `functions` are on offer, each with its behavior.

        It awaits its calls, unless all are NON_BLOCKING: then the turn announces them and ends at
        once, the user may go on, and the results get a turn of their own.
        """
        reply = self._script.reply_to(text, offered_tools=frozenset(functions))
        if not reply.calls:
            return Plan(reply, text=fill(reply.say, user=text, results={}))
        made = [
            MadeCall(self._new_call_id(), call, background=functions[call.name] == "NON_BLOCKING")
            for call in reply.calls
        ]
        calls = CallGroup(made, reply, text)
        if all(one.background for one in made):
            return Plan(reply, announced=calls)
        return Plan(reply, awaited=calls)
