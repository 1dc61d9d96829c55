"""A tool around any function, without a declaration to check."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from typing import Any

from voicecli.tools.tool import Arguments, Tool


def tool_of(function: Callable[..., object], name: str = "f", **changes: Any) -> Tool:
    """`function`, called in a thread with what came; `changes` are fields of the tool."""

    async def call(args: Arguments) -> AsyncGenerator[object, None]:
        yield await asyncio.to_thread(function, **args)

    schema = {"type": "object", "properties": {}}
    return replace(Tool(name, "does", schema, call, origin="a test"), **changes)
