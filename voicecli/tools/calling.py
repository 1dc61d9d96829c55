"""Calls Python functions of all kinds: in a thread or in the loop, for one result or many."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import logging
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing
from typing import Any

from voicecli.tools.own_thread import OwnThread
from voicecli.tools.tool import Arguments

_log = logging.getLogger(__name__)

_END = object()


class Calling:
    """Calls `function` with the arguments that `read` makes of what the model sent.

    A function that is not async runs in a thread of its own. Of a generator the next result is
    asked for when the one before has been taken.
    """

    def __init__(
        self, function: Callable[..., Any], read: Callable[[Arguments], dict[str, Any]]
    ) -> None:
        self._function = function
        self._read = read

    @property
    def streams(self) -> bool:
        """Whether it gives any number of results."""
        function = self._function
        return inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)

    async def __call__(self, args: Arguments) -> AsyncGenerator[object, None]:
        """The results. Raises ArgumentsError before the function is called."""
        values = self._read(args)
        if inspect.isasyncgenfunction(self._function):
            async with aclosing(self._function(**values)) as results:
                async for result in results:
                    yield result
        elif inspect.iscoroutinefunction(self._function):
            yield await self._function(**values)
        elif inspect.isgeneratorfunction(self._function):
            async with aclosing(_results_of(self._function(**values))) as results:
                async for result in results:
                    yield result
        else:
            yield await _in_thread(self._function, values)


async def _in_thread(function: Callable[..., object], values: dict[str, Any]) -> object:
    context = contextvars.copy_context()
    with OwnThread() as thread:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(thread, lambda: context.run(function, **values))


async def _results_of(generator: Generator[object, Any, Any]) -> AsyncGenerator[object, None]:
    """What a generator that blocks yields; all of it runs in one thread."""
    context = contextvars.copy_context()
    loop = asyncio.get_running_loop()

    def next_one() -> object:
        return context.run(next, generator, _END)

    with OwnThread() as thread:
        try:
            while (result := await loop.run_in_executor(thread, next_one)) is not _END:
                yield result
        finally:
            # Its own `finally` runs in its thread, after what that may still be at.
            loop.run_in_executor(thread, lambda: context.run(_close, generator))


def _close(generator: Generator[object, Any, Any]) -> None:
    try:
        generator.close()
    except Exception:
        _log.exception("the end of a function that was stopped failed")
