"""Runs the functions that the model calls: side by side, with a time-out, never raising."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from voicecli.tools.tool import Tool

TIMEOUT_S = 30.0
LARGEST_RESULT_CHARACTERS = 16_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call came to: a `result` for JSON, or an `error` that the model can act on."""

    result: object = None
    error: str | None = None

    @property
    def response(self) -> dict[str, object]:
        """The form in which the model gets it."""
        return {"result": self.result} if self.error is None else {"error": self.error}


class ToolRunner:
    """The functions on offer."""

    def __init__(self, tools: Iterable[Tool], timeout_s: float = TIMEOUT_S) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self._timeout_s = timeout_s

    async def run(self, name: str, args: Mapping[str, object]) -> Outcome:
        """Call `name` in a thread; whatever goes wrong comes back as an error for the model."""
        tool = self._tools.get(name)
        if tool is None:
            offered = ", ".join(self._tools) or "none"
            return Outcome(error=f"there is no function {name}; those on offer: {offered}")
        unfit = tool.unfit(args)
        if unfit is not None:
            return Outcome(error=unfit)
        try:
            async with asyncio.timeout(self._timeout_s) as limit:
                return _presentable(await asyncio.to_thread(tool.function, **args))
        except Exception as error:
            if limit.expired():
                return Outcome(error=f"{name} took longer than {self._timeout_s:g} s")
            _log.exception("the function %s failed", name)
            return Outcome(error=_cut(f"{type(error).__name__}: {error}"))


def _presentable(result: object) -> Outcome:
    """`result` as it can be sent: plain JSON, cut with a note where it is too long.

    Raises ValueError or TypeError for what JSON cannot say, such as an infinite number.
    """
    text = json.dumps(result, ensure_ascii=False, allow_nan=False, default=str)
    # Half of a surrogate pair is no text that could be sent (RFC 8259, 8.2).
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    short = _cut(text)
    return Outcome(result=json.loads(text) if short == text else short)


def _cut(text: str) -> str:
    if len(text) <= LARGEST_RESULT_CHARACTERS:
        return text
    return f"{text[:LARGEST_RESULT_CHARACTERS]} … (cut: {len(text)} characters in all)"
