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
        # With its origin: a server's function may take the name of one that is gone.
        self._allowed: set[tuple[str, str]] = set()

    def risk(self, tool: Tool) -> Risk:
        """Whether `tool` may be called now, or the user has to be asked."""
        risk = self._toolbox.risk(tool)
        return Risk.SAFE if risk is Risk.ASK and _identity(tool) in self._allowed else risk

    def answered(self, tool: Tool, answer: Answer) -> bool:
        """Take note of the user's `answer`; whether the call may be made."""
        if answer is Answer.ALWAYS and not tool.always_asks:
            self._allowed.add(_identity(tool))
        return answer is not Answer.NO


def _identity(tool: Tool) -> tuple[str, str]:
    return tool.origin, tool.name
