"""Ctrl-C and its like, for commands that run an event loop."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ENDING_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


@contextmanager
def ending_on_signals(quit_politely: Callable[[], None]) -> Iterator[None]:
    """Within the block the first signal ends politely, and the second cancels the current task.

    On Windows the loop takes no signal handlers; there Ctrl-C cancels the task at once.
    """
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None
    received = 0

    def on_signal() -> None:
        nonlocal received
        received += 1
        if received == 1:
            quit_politely()
        else:
            task.cancel()

    numbers = [getattr(signal, name) for name in ENDING_SIGNALS if hasattr(signal, name)]
    if sys.platform != "win32":
        for number in numbers:
            loop.add_signal_handler(number, on_signal)
    try:
        yield
    finally:
        if sys.platform != "win32":
            for number in numbers:
                loop.remove_signal_handler(number)
