"""The MCP servers of one conversation: all started at once, and none left behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from types import TracebackType

import anyio
from anyio.abc import TaskGroup

from voicecli.errors import UsageError
from voicecli.tools.mcp.config import ServerConfig
from voicecli.tools.mcp.names import Names
from voicecli.tools.toolbox import Toolbox


def check_package() -> None:
    """Raises UsageError if the `mcp` package is not installed."""
    if find_spec("mcp") is None:
        raise UsageError(
            "MCP servers cannot be reached",
            why="the package mcp is not installed",
            hint="pip install 'voicecli[mcp]', or in a clone: .venv/bin/pip install -e '.[mcp]'",
        )


class Servers:
    """Within its block the servers run, and their functions are in the toolbox.

    Entering takes as long as the slowest server, and at most its time-out; what does not come up
    is told as news. Leaving ends every process, whatever it was doing, in some two seconds at most.
    """

    def __init__(
        self, configs: Iterable[ServerConfig], toolbox: Toolbox, environ: Mapping[str, str]
    ) -> None:
        """`environ` is where the harmless variables for the children come from.

        Raises UsageError if there is a server to start and the `mcp` package is not installed.
        """
        self._configs = [config for config in configs if not config.disabled]
        self._toolbox = toolbox
        self._environ = environ
        self._group: TaskGroup | None = None
        if self._configs:
            check_package()

    async def __aenter__(self) -> None:
        if not self._configs:
            return
        # It loads the package, which takes more than a second.
        from voicecli.tools.mcp.keeper import Keeper

        names = Names(self._is_taken)
        keepers = [Keeper(config, self._toolbox, names, self._environ) for config in self._configs]
        # Of anyio and not of asyncio, since that is what the `mcp` package is made with: a scope's
        # cancelling waits where a child process is being ended, a task's does not.
        self._group = await anyio.create_task_group().__aenter__()
        try:
            for keeper in keepers:
                self._group.start_soon(keeper.keep)
            for keeper in keepers:
                await keeper.settled.wait()
        except BaseException:
            await self._end(self._group)
            raise
        # In the order of the settings, so that names do not depend on who was up first.
        for keeper in keepers:
            keeper.begin_offering()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._group is not None:
            await self._end(self._group)

    async def _end(self, group: TaskGroup) -> None:
        group.cancel_scope.cancel()
        # Not told what ended the block: it would wrap that into a group of its own.
        await group.__aexit__(None, None, None)

    def _is_taken(self, name: str) -> bool:
        """Whether a function that is of none of the servers has the name."""
        tool = self._toolbox.get(name)
        return tool is not None and tool.origin not in {one.origin for one in self._configs}
