"""Commands of the user's shell, each of which the user is asked about."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace

from voicecli.tools.built_in.commands import run_command
from voicecli.tools.child_environment import child_environment
from voicecli.tools.declare import tool
from voicecli.tools.tool import Tool

TIMEOUT_S = 60.0
# The command's own time-out comes first, and tells what was printed until then.
_CALL_TIMEOUT_S = TIMEOUT_S + 5


def shell_tool(environ: Mapping[str, str], names: Iterable[str]) -> Tool:
    """The tool; `names` are the variables of `environ` that the user lets pass to a command."""
    environment = child_environment(environ, names)

    @tool(risk="ask", timeout_s=_CALL_TIMEOUT_S)
    async def shell(command: str) -> dict[str, object]:
        """Runs a command in the user's shell, in the current folder, after the user has agreed.

        It gets no input and no terminal, and is stopped after 60 seconds, with all that it started.

        Args:
            command: What a person would type, in one line.
        """
        ran = await run_command(shell_command(command, environ), environment, TIMEOUT_S)
        result: dict[str, object] = {"exit_code": ran.exit_code, "output": ran.output}
        return {**result, "note": ran.note} if ran.note else result

    return replace(shell, always_asks=True)


def shell_command(command: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """`command` for the user's shell, or for the one that every system has."""
    if os.name == "nt":
        return (environ.get("COMSPEC", "cmd.exe"), "/d", "/c", command)
    shell = environ.get("SHELL", "")
    usable = os.path.isabs(shell) and os.access(shell, os.X_OK)
    return (shell if usable else "/bin/sh", "-c", command)
