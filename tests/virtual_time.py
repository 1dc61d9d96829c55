"""An event loop whose clock jumps to the next timer: waiting for an hour takes no time at all."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar

Result = TypeVar("Result")


class _JumpingSelector(selectors.DefaultSelector):
    """Instead of waiting until `timeout`, moves the clock there."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        # What one end of a loopback connection has sent, the other sees at once; to make sure of it
        # when the machine is busy, a second look costs little.
        ready = super().select(0) or super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("everything waits, and for nothing that could still happen")
            self.now_s += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Runs timers in order without waiting.

    Sockets may connect its own tasks with each other, and with nobody else. There are no threads:
    what would run in one is done at once, and a future that it returns stands for its result.
    """

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now_s

    def run_in_executor(  # type: ignore[override]  # of another kind of future, for the same use
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        done: asyncio.Future[Any] = self.create_future()
        try:
            result = func(*args)
        except Exception as error:
            done.set_exception(error)
        else:
            if isinstance(result, asyncio.Future):
                return result
            done.set_result(result)
        return done


def run_virtually(main: Coroutine[Any, Any, Result]) -> Result:
    """Like `asyncio.run`, in virtual time that starts at 0."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)
