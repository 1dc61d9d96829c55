"""The MCP servers of one conversation: all started at once, and none left behind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

import anyio

from voicecli.tools.mcp.config import ServerConfig
from voicecli.tools.mcp.keeper import Keeper
from voicecli.tools.mcp.names import Names
from voicecli.tools.toolbox import Toolbox


@asynccontextmanager
async def running_servers(
    configs: Iterable[ServerConfig], toolbox: Toolbox, environ: Mapping[str, str]
) -> AsyncIterator[None]:
    """Within its block the servers run, and their functions are in the toolbox.

    Entering takes as long as the slowest server, and at most its time-out; what does not come up
    is told as news. Leaving ends every process, whatever it was doing, in some two seconds at
    most. `environ` is where the harmless variables for the children come from.
    """
    wanted = [config for config in configs if not config.disabled]
    origins = {config.origin for config in wanted}

    def is_taken(name: str) -> bool:
        tool = toolbox.get(name)
        return tool is not None and tool.origin not in origins

    names = Names(is_taken)
    keepers = [Keeper(config, toolbox, names, environ) for config in wanted]
    # Of anyio and not of asyncio, since that is what the `mcp` package is made with: a scope's
    # cancelling waits where a child process is being ended, a task's does not.
    group = anyio.create_task_group()
    await group.__aenter__()
    try:
        for keeper in keepers:
            group.start_soon(keeper.keep)
        for keeper in keepers:
            await keeper.settled.wait()
        # In the order of the settings, so that names do not depend on who was up first.
        for keeper in keepers:
            keeper.begin_offering()
        yield
    finally:
        group.cancel_scope.cancel()
        # Not told what ended the block: it would wrap that into a group of its own.
        await group.__aexit__(None, None, None)
