"""Typed Python functions as tools: the declaration comes from the signature and the docstring."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

from voicecli.tools.tool import Arguments, ArgumentsError, Tool


def tool(function: Callable[[], object]) -> Tool:
    """The tool that `function` is."""

    async def call(args: Arguments) -> AsyncGenerator[object, None]:
        if args:
            raise ArgumentsError(f"unknown arguments: {', '.join(args)}; it takes none")
        yield function()

    schema = {"type": "object", "properties": {}}
    return Tool(function.__name__, function.__doc__ or "", schema, call, origin="built in")
