"""The server inside of another program: in a thread of its own, while a `with` block lasts."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from voicecli.local.certificates import LoopbackCertificates
from voicecli.local.faults import FaultPlan
from voicecli.local.script import Script
from voicecli.local.script_file import load
from voicecli.local.server import LiveServer


class EmbeddedServer:
    """A Live API server over TLS on the loopback.

    `speed` is that of its playback clock, for tests; `faults` strike as well as the script's own.

    The authority that `ca_file` holds is made anew for each server, and gone after it.
    """

    base_url: str
    ca_file: Path
    server: LiveServer
    """Runs in another thread: what it found in its clients may be read, and no more."""

    def __init__(
        self,
        script: Script | None = None,
        *,
        speed: float = 1.0,
        faults: FaultPlan | None = None,
    ) -> None:
        self._script = script
        self._faults = faults
        self._speed = speed
        self._stack = ExitStack()

    def __enter__(self) -> EmbeddedServer:
        script = self._script or load(None)
        certificates = LoopbackCertificates()
        with ExitStack() as stack:
            # TemporaryDirectory makes the folder for its owner only.
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="voicecli-"))
            self.ca_file = Path(folder) / "ca.pem"
            certificates.write_ca(self.ca_file)
            tls = certificates.server_context()
            self.server = LiveServer(script, tls=tls, speed=self._speed, faults=self._faults)
            self.base_url = stack.enter_context(_Running(self.server)).base_url
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()


class _Running:
    """Runs a server in a thread from `__enter__` to `__exit__`, which waits for its end."""

    def __init__(self, server: LiveServer) -> None:
        self.base_url = ""
        self._server = server
        self._ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._thread = threading.Thread(target=self._run, name="voicecli-local-server", daemon=True)

    def __enter__(self) -> _Running:
        self._thread.start()
        self._ready.result()
        self.base_url = self._server.base_url
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        loop, stop = self._ready.result()
        loop.call_soon_threadsafe(stop.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)

    async def _serve(self) -> None:
        stop = asyncio.Event()
        async with self._server:
            self._ready.set_result((asyncio.get_running_loop(), stop))
            await stop.wait()
