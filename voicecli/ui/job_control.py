"""Ctrl-Z and `fg`: the terminal is given back while the shell has it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def job_control(on_stop: Callable[[], None], on_continue: Callable[[], None]) -> Iterator[None]:
    """Call `on_stop` before the process stops (SIGTSTP) and `on_continue` once it goes on.

    For the running event loop of the main thread; elsewhere, and on Windows, it does nothing.
    `on_continue` may come without `on_stop` (SIGSTOP).
    """
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()

    def stop() -> None:
        on_stop()
        unwatch()  # back to the defaults: the first stops, the second is not told twice
        signal.pthread_kill(threading.get_ident(), signal.SIGTSTP)
        # Here again after SIGCONT, or at once if the system does not stop orphaned groups.
        watch()
        on_continue()

    def watch() -> None:
        loop.add_signal_handler(signal.SIGTSTP, stop)
        loop.add_signal_handler(signal.SIGCONT, on_continue)

    def unwatch() -> None:
        loop.remove_signal_handler(signal.SIGTSTP)
        loop.remove_signal_handler(signal.SIGCONT)

    watch()
    try:
        yield
    finally:
        unwatch()
