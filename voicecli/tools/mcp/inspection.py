"""Trying servers out: whether each comes up, and what it offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import anyio
from mcp.types import Tool as ServerTool

from voicecli.tools.mcp.config import ServerConfig
from voicecli.tools.mcp.connection import connect, list_tools, why
from voicecli.tools.mcp.names import Names
from voicecli.tools.mcp.offer import offer
from voicecli.tools.mcp.words import Words
from voicecli.tools.tool import Arguments, Tool


@dataclass(frozen=True, slots=True)
class Finding:
    """What trying a server out came to; with a `problem`, it is of no use."""

    name: str
    took_s: float
    """From its start until its functions were known, or until it was given up."""
    problem: str = ""
    protocol: str = ""
    """The version that both speak."""
    server: str = ""
    """What it calls itself, with its version."""
    tools: tuple[Tool, ...] = ()
    left_out: tuple[str, ...] = ()
    """The functions that cannot be offered, with the reason."""


@dataclass(frozen=True, slots=True)
class _Answer:
    took_s: float
    problem: str = ""
    protocol: str = ""
    server: str = ""
    listed: tuple[ServerTool, ...] = ()
    unfit: tuple[str, ...] = ()


async def inspect(
    configs: Sequence[ServerConfig], environ: Mapping[str, str]
) -> tuple[Finding, ...]:
    """Start all servers at once, as a conversation does, and end them again."""
    answers: dict[str, _Answer] = {}

    async def ask(config: ServerConfig) -> None:
        answers[config.name] = await _ask(config, environ)

    async with anyio.create_task_group() as group:
        for config in configs:
            group.start_soon(ask, config)
    names = Names(lambda _: False)
    return tuple(_finding(config, answers[config.name], names) for config in configs)


async def _ask(config: ServerConfig, environ: Mapping[str, str]) -> _Answer:
    words = Words(config.name, config.redact)
    began_s = anyio.current_time()
    error: Exception = TimeoutError()
    unfit: list[str] = []
    try:
        with anyio.move_on_after(config.startup_timeout_s):
            async with connect(
                config, environ, words, changed=_ignore, forgotten=_ignore, unfit=unfit.append
            ) as client:
                listed = await list_tools(client)
                took_s = anyio.current_time() - began_s
                info = client.server_info
                return _Answer(
                    took_s=took_s,
                    protocol=client.protocol_version,
                    server=f"{info.name} {info.version}".strip() if info else "",
                    listed=listed,
                    unfit=tuple(unfit),
                )
    except Exception as problem:
        error = problem
    return _Answer(anyio.current_time() - began_s, problem=why(error, config, words))


def _finding(config: ServerConfig, answer: _Answer, names: Names) -> Finding:
    offered = offer(config, answer.listed, names, _call_nothing)
    return Finding(
        name=config.name,
        took_s=answer.took_s,
        problem=answer.problem,
        protocol=answer.protocol,
        server=answer.server,
        tools=offered.tools,
        left_out=(*offered.left_out, *answer.unfit),
    )


def _ignore() -> None:
    """Changes and losses do not matter in so short a time."""


async def _call_nothing(name: str, args: Arguments) -> object:
    raise RuntimeError(f"{name} was only looked at")
