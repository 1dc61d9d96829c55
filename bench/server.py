"""A Live API server over TLS that says what it is told, when it is told, and keeps the times.

It runs in a thread of its own; its methods are for the benchmark's thread. Times are
`time.monotonic()`.
"""

from __future__ import annotations

import asyncio
import ssl
import tempfile
import threading
import time
from collections.abc import Coroutine, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from bench.arrivals import Arrival
from bench.call import Call, Reply
from bench.signals import Samples
from voicecli.local.certificates import LoopbackCertificates
from voicecli.local.server import listen_on_loopback

DEADLINE_S = 60.0
CLOSE_TIMEOUT_S = 1.0

Result = TypeVar("Result")


class BenchServer:
    """Serves one client at a time; `call` is the conversation with it."""

    base_url: str
    ca_file: Path

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._news = threading.Condition()
        self._call: Call | None = None
        self._ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._thread = threading.Thread(target=self._run, name="bench-server", daemon=True)

    def __enter__(self) -> BenchServer:
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="voicecli-bench-"))
        self.ca_file = Path(folder) / "ca.pem"
        certificates = LoopbackCertificates()
        certificates.write_ca(self.ca_file)
        self._tls: ssl.SSLContext = certificates.server_context()
        self._thread.start()
        self._ready.result(DEADLINE_S)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        loop, stop = self._ready.result()
        loop.call_soon_threadsafe(stop.set)
        self._thread.join(DEADLINE_S)
        self._stack.close()

    def expect_client(self) -> None:
        """Forget the last client: `wait_for_call` is for one that comes from now on."""
        with self._news:
            self._call = None

    def wait_for_call(self, deadline_s: float) -> Call:
        """The conversation with a client once its setup has come. Raises TimeoutError."""
        with self._news:
            if not self._news.wait_for(lambda: self._call is not None, deadline_s):
                raise TimeoutError("no client came with a setup")
            return self.call

    @property
    def call(self) -> Call:
        """The conversation with the last client. Raises RuntimeError if there was none."""
        if self._call is None:
            raise RuntimeError("no client has come")
        return self._call

    def say(self, pcm: Samples, pieces: Sequence[Arrival]) -> Reply:
        """Begin a reply; it goes on in the background."""
        return self._do(self.call.say(pcm, pieces))

    def interrupt(self) -> float:
        """Send `interrupted` and end the reply; when that was sent."""
        return self._do(self.call.interrupt())

    def _do(self, work: Coroutine[Any, Any, Result]) -> Result:
        loop, _ = self._ready.result()
        try:
            return asyncio.run_coroutine_threadsafe(work, loop).result(DEADLINE_S)
        except ConnectionClosed:
            raise RuntimeError("the client left the conversation") from None

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)

    async def _serve(self) -> None:
        stop = asyncio.Event()
        listeners = listen_on_loopback(0)
        self.base_url = f"https://localhost:{listeners[0].getsockname()[1]}"
        async with AsyncExitStack() as stack:
            for listener in listeners:
                server = serve(
                    self._converse,
                    sock=listener,
                    ssl=self._tls,
                    compression=None,
                    ping_interval=None,
                    close_timeout=CLOSE_TIMEOUT_S,
                    max_size=None,
                )
                await stack.enter_async_context(server)
            self._ready.set_result((asyncio.get_running_loop(), stop))
            await stop.wait()

    async def _converse(self, socket: ServerConnection) -> None:
        try:
            await socket.recv()
            call = Call(socket, time.monotonic())
            with self._news:
                self._call = call
                self._news.notify_all()
            await call.serve()
        except ConnectionClosed:
            return
