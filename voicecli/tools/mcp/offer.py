"""A server's functions as tools that the model can call."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from dataclasses import dataclass

from mcp.types import Tool as ServerTool

from voicecli.tools.mcp.config import ServerConfig
from voicecli.tools.mcp.names import Names
from voicecli.tools.mcp.schemas import Check, UnusableSchemaError, read_schema
from voicecli.tools.tool import LARGEST_RESULT_CHARACTERS, Arguments, Risk, Tool

LONGEST_DESCRIPTION_CHARACTERS = 2_000
# A server's own names are not limited; what is shown of one is.
LONGEST_SHOWN_CHARACTERS = 80

Call = Callable[[str, Arguments], Awaitable[object]]
"""Calls the function that the server knows by this name."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The `tools` of a server, and why others are `left_out`, each in a line."""

    tools: tuple[Tool, ...]
    left_out: tuple[str, ...]


def offer(config: ServerConfig, listed: Iterable[ServerTool], names: Names, call: Call) -> Offer:
    """What can be offered of the functions that the server listed."""
    tools: dict[str, Tool] = {}
    left_out = []
    for one in listed:
        if one.name in tools:
            continue
        try:
            parameters, check = read_schema(one.input_schema)
        except UnusableSchemaError as error:
            shown = "".join(c for c in one.name[:LONGEST_SHOWN_CHARACTERS] if c.isprintable())
            left_out.append(f"{shown}: {error}")
            continue
        tools[one.name] = Tool(
            name=names.name(config.name, one.name),
            description=(one.description or one.title or "")[:LONGEST_DESCRIPTION_CHARACTERS],
            parameters=parameters,
            call=_calling(one.name, check, call),
            origin=config.origin,
            risk=Risk.ASK,
            timeout_s=config.timeout_s,
            # As JSON, quotes and newlines of a text that fits are two characters each.
            largest_result_characters=2 * LARGEST_RESULT_CHARACTERS,
        )
    return Offer(tuple(tools.values()), tuple(left_out))


def _calling(
    name: str, check: Check, call: Call
) -> Callable[[Arguments], AsyncGenerator[object, None]]:
    async def calling(args: Arguments) -> AsyncGenerator[object, None]:
        check(args)
        yield await call(name, args)

    return calling
