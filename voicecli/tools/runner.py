"""Runs the functions that the model calls: side by side, with a time-out, never raising."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass

from voicecli.tools.tool import Arguments, ArgumentsError, Tool

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call came to: a `result` for JSON, or an `error` that the model can act on.

    One that is `over` says nothing but that: the results of a function that streams came before.
    """

    result: object = None
    error: str | None = None
    over: bool = False

    @property
    def response(self) -> dict[str, object]:
        """The form in which the model gets it."""
        if self.over:
            return {}
        return {"result": self.result} if self.error is None else {"error": self.error}


async def run(tool: Tool, args: Arguments, partial: Callable[[object], None]) -> Outcome:
    """What calling `tool` comes to; never raises but when it is cancelled.

    Each result of a function that streams goes to `partial` when it comes.
    """
    try:
        async with asyncio.timeout(tool.timeout_s) as limit, aclosing(tool.call(args)) as results:
            async for result in results:
                presentable = _presentable(result, tool)
                if not tool.streams:
                    return Outcome(presentable)
                partial(presentable)
        return Outcome(over=True)
    except ArgumentsError as error:
        return Outcome(error=_cut(str(error), tool))
    except Exception as error:
        if limit.expired():
            return Outcome(error=f"{tool.name} took longer than {tool.timeout_s:g} s")
        _log.exception("the function %s failed", tool.name)
        return Outcome(error=_cut(f"{type(error).__name__}: {error}", tool))


def _presentable(result: object, tool: Tool) -> object:
    """`result` as it can be sent: plain JSON, cut with a note where it is too long.

    Raises ValueError or TypeError for what JSON cannot say, such as an infinite number.
    """
    text = json.dumps(result, ensure_ascii=False, allow_nan=False, default=str)
    # Half of a surrogate pair is no text that could be sent (RFC 8259, 8.2).
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    short = _cut(text, tool)
    return json.loads(text) if short == text else short


def _cut(text: str, tool: Tool) -> str:
    most = tool.largest_result_characters
    if len(text) <= most:
        return text
    return f"{text[:most]} … (cut: {len(text)} characters in all)"
