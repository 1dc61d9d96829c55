"""Runs the functions that the model calls: side by side, with a time-out, never raising."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass

from voicecli.errors import VoicecliError
from voicecli.tools.json_text import json_text
from voicecli.tools.tool import Arguments, ArgumentsError, Tool

# For the `finally` of a function that is stopped; whoever hung up does not wait for longer.
GRACE_S = 1.0

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
    work = asyncio.create_task(_work(tool, args, partial), name=f"function {tool.name}")
    try:
        done, _ = await asyncio.wait({work}, timeout=tool.timeout_s)
    except asyncio.CancelledError:
        await _stop(work, tool)
        raise
    if done:
        return _outcome(work, tool)
    await _stop(work, tool)
    return Outcome(error=f"{tool.name} took longer than {tool.timeout_s:g} s")


async def _work(tool: Tool, args: Arguments, partial: Callable[[object], None]) -> Outcome:
    """Raises what the function raises, in a form that ends only this task."""
    task = asyncio.current_task()
    assert task is not None
    try:
        async with aclosing(tool.call(args)) as results:
            async for result in results:
                if task.cancelling():
                    raise asyncio.CancelledError
                presentable = _presentable(result, tool)
                if not tool.streams:
                    return Outcome(presentable)
                partial(presentable)
    except (SystemExit, KeyboardInterrupt) as error:
        raise RuntimeError("it tried to end the program") from error
    return Outcome(over=True)


def _outcome(work: asyncio.Task[Outcome], tool: Tool) -> Outcome:
    """What a call that has come to its end came to."""
    if work.cancelled():
        return Outcome(error=f"{tool.name} was cancelled from within")
    error = work.exception()
    if error is None:
        return work.result()
    if isinstance(error, ArgumentsError | VoicecliError):
        return Outcome(error=_cut(str(error), tool))
    _log.error("the function %s failed", tool.name, exc_info=error)
    return Outcome(error=_cut(f"{type(error).__name__}: {error}", tool))


async def _stop(work: asyncio.Task[Outcome], tool: Tool) -> None:
    """Cancel `work`, and give it a moment for what it has to put in order."""
    work.cancel()
    try:
        await asyncio.wait({work}, timeout=GRACE_S)
    finally:
        if not work.done():
            _log.error("the function %s does not end when it is cancelled", tool.name)
            _abandon(work)
        elif not work.cancelled() and work.exception() is not None:
            _log.error("the function %s failed at its end", tool.name, exc_info=work.exception())


def _abandon(work: asyncio.Task[Outcome]) -> None:
    """Let the program end although `work` does not."""
    # Else asyncio.run would wait for it (docs.python.org, Extending asyncio).
    asyncio._unregister_task(work)
    # Python wakes a task once more to destroy it, and it may then run for ever; what the frame of
    # a daemon thread holds is never destroyed.
    threading.Thread(
        target=lambda held: threading.Event().wait(), args=(work,), daemon=True
    ).start()


def _presentable(result: object, tool: Tool) -> object:
    """`result` as it can be sent: plain JSON, cut with a note where it is too long.

    Raises ValueError or TypeError for what JSON cannot say, such as an infinite number.
    """
    text = json_text(result)
    short = _cut(text, tool)
    return json.loads(text) if short == text else short


def _cut(text: str, tool: Tool) -> str:
    most = tool.largest_result_characters
    if len(text) <= most:
        return text
    return f"{text[:most]} … (cut: {len(text)} characters in all)"
