"""What is told to the service of the functions on offer. Pure."""

from __future__ import annotations

from voicecli.live.setup import FunctionDeclaration
from voicecli.tools.tool import Tool
from voicecli.tools.toolbox import Toolbox


def declaration(tool: Tool) -> FunctionDeclaration:
    """What the model has to know of `tool` to call it."""
    return FunctionDeclaration(tool.name, tool.description, tool.parameters, tool.background)


def declarations(toolbox: Toolbox) -> tuple[FunctionDeclaration, ...]:
    """All that is on offer, in the order of the toolbox."""
    return tuple(declaration(tool) for tool in toolbox.offered)
