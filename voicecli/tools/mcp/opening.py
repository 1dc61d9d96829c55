"""The way to MCP servers for those who may not have the package that speaks with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from importlib.util import find_spec

from voicecli.errors import UsageError
from voicecli.tools.mcp.config import ServerConfig
from voicecli.tools.toolbox import Toolbox


def check_package() -> None:
    """Raises UsageError if the `mcp` package is not installed."""
    if find_spec("mcp") is None:
        raise UsageError(
            "MCP servers cannot be reached",
            why="the package mcp is not installed",
            hint="pip install 'voicecli[mcp]', or in a clone: .venv/bin/pip install -e '.[mcp]'",
        )


def servers(
    configs: Sequence[ServerConfig], toolbox: Toolbox, environ: Mapping[str, str]
) -> AbstractAsyncContextManager[object]:
    """What runs the servers for the time of a conversation; nothing is loaded without any.

    Raises UsageError if the `mcp` package is not installed.
    """
    if all(config.disabled for config in configs):
        return nullcontext()
    check_package()
    # Loading the package takes more than a second.
    from voicecli.tools.mcp.servers import running_servers

    return running_servers(configs, toolbox, environ)
