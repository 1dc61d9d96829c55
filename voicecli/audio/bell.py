"""Wakes tasks of an event loop from another thread, such as the one that plays sound."""

from __future__ import annotations

import asyncio
import threading


class Bell:
    """Each `listen` gives a future that the next `ring` resolves.

    Listen first, look at the condition next, await last: then no ring is missed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: list[asyncio.Future[None]] = []

    def listen(self) -> asyncio.Future[None]:
        """A future of the running loop, resolved by the next ring."""
        listener: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with self._lock:
            self._listeners = [other for other in self._listeners if not other.done()]
            self._listeners.append(listener)
        return listener

    def ring(self) -> None:
        """Resolve what listens now; from any thread; never raises."""
        if not self._listeners:
            return
        with self._lock:
            listeners, self._listeners = self._listeners, []
        for listener in listeners:
            try:
                listener.get_loop().call_soon_threadsafe(_resolve, listener)
            except RuntimeError:
                continue  # its loop is closed: nobody listens any more


def _resolve(listener: asyncio.Future[None]) -> None:
    if not listener.done():
        listener.set_result(None)
