"""Whether a call may be made: by the function's risk, and by what the user answers. Pure."""

from __future__ import annotations

from enum import StrEnum

from voicecli.tools.tool import Risk, Tool
from voicecli.tools.toolbox import Toolbox


class Answer(StrEnum):
    """What the user can say to the question whether a call may be made. Always by a key."""

    YES = "yes"
    NO = "no"
    ALWAYS = "always"
    """Yes, and do not ask for this function again in this conversation."""


class Approval:
    """Remembers for one conversation what the user allowed."""

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox
        self._allowed: set[str] = set()

    def risk(self, tool: Tool) -> Risk:
        """Whether `tool` may be called now, or the user has to be asked."""
        risk = self._toolbox.risk(tool)
        return Risk.SAFE if risk is Risk.ASK and tool.name in self._allowed else risk

    def answered(self, tool: Tool, answer: Answer) -> bool:
        """Take note of the user's `answer`; whether the call may be made."""
        if answer is Answer.ALWAYS and not tool.always_asks:
            self._allowed.add(tool.name)
        return answer is not Answer.NO
