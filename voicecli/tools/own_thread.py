"""A thread of its own for each function that blocks, so that one that hangs holds up no other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from queue import SimpleQueue
from typing import ParamSpec, TypeVar

# A function that hangs keeps its thread; a model that calls it again and again must not fill the
# machine with them.
MOST_THREADS = 64
THREAD_NAME = "voicecli tool"

P = ParamSpec("P")
Result = TypeVar("Result")


class OwnThread(Executor):
    """Runs what it is given in one thread, in order, until it is shut down.

    Nothing waits for the thread: at the end of the program it may still be at work.
    """

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def submit(
        self, fn: Callable[P, Result], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[Result]:
        """Run `fn` after what was given before; whatever it raises arrives as an Exception.

        Raises RuntimeError if too many threads are at work.
        """
        self._start()
        future: Future[Result] = Future()

        def job() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:
                future.set_exception(_harmless(error))

        self._jobs.put(job)
        return future

    def shutdown(self, wait: bool = False, *, cancel_futures: bool = False) -> None:
        """Let the thread end after what was given; it is never waited for."""
        self._jobs.put(None)

    def _start(self) -> None:
        if self._thread is not None:
            return
        if sum(thread.name == THREAD_NAME for thread in threading.enumerate()) >= MOST_THREADS:
            raise RuntimeError(f"{MOST_THREADS} calls of functions have not come to an end")
        self._thread = threading.Thread(target=self._run, name=THREAD_NAME, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()


def _harmless(error: BaseException) -> Exception:
    """`error`, or one in its place that a future can carry into the loop.

    StopIteration would be lost on the way there, a cancellation taken for that of the caller, and
    SystemExit would end the program.
    """
    if isinstance(error, Exception) and not isinstance(error, StopIteration | CancelledError):
        return error
    replaced = RuntimeError(f"it raised {type(error).__name__}: {error}".rstrip(": "))
    replaced.__cause__ = error
    return replaced
