"""The Live API server on the loopback: sockets, TLS, and which requests are taken at all."""

from __future__ import annotations

import asyncio
import errno
import http
import logging
import socket
import ssl
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from voicecli.local.client_frames import Said
from voicecli.local.connection import Connection, Service
from voicecli.local.faults import FaultPlan, Moment
from voicecli.local.routes import Route, route_of
from voicecli.local.script import Script
from voicecli.local.senses import Senses
from voicecli.local.sessions import Sessions
from voicecli.local.tool_check import Tools
from voicecli.local.violations import Violation

HOST = "localhost"
# A minute of sound in one message is 2.6 MB of base64; a picture may be larger.
MAX_FRAME_BYTES = 16 * 1024 * 1024
# A client that does not answer a close frame on the loopback is not going to.
CLOSE_TIMEOUT_S = 1.0
# Ports that are free on one address and taken on the other are passed over.
PORT_TRIES = 10
# A client that goes on and on is known by then.
MAX_VIOLATIONS = 1000

_LOG = logging.getLogger("voicecli.local")


class LiveServer:
    """An async context manager; inside of it the server takes clients at `base_url`.

    `tls` is None for plain HTTP. `speed` is that of the playback's clock, for those who cannot wait
    for turns to end. `faults` strike as well as those of the script; `violation_found` hears of
    what clients do wrong. Entering raises OSError if the port is not to be had.
    """

    def __init__(
        self,
        script: Script,
        *,
        tls: ssl.SSLContext | None,
        port: int = 0,
        speed: float = 1.0,
        faults: FaultPlan | None = None,
        senses: Senses | None = None,
        violation_found: Callable[[Violation], None] | None = None,
    ) -> None:
        self._tls = tls
        self._port = port
        self._faults = FaultPlan() if faults is None else faults
        for fault in script.faults:
            self._faults.add(fault)
        self._service = Service(
            script,
            Sessions(),
            self._faults,
            Senses() if senses is None else senses,
            self._report,
            speed,
        )
        self._violations: list[Violation] = []
        self._violation_found = violation_found
        self._stack = AsyncExitStack()

    @property
    def violations(self) -> tuple[Violation, ...]:
        """What clients did wrong, the first `MAX_VIOLATIONS`."""
        return tuple(self._violations)

    @property
    def conversations(self) -> tuple[tuple[Said, ...], ...]:
        """What each session remembers at its latest, in the order in which they began."""
        return self._service.sessions.conversations

    @property
    def tools(self) -> tuple[Tools, ...]:
        """What the client of each session offers at its latest, in the same order."""
        return self._service.sessions.tools

    @property
    def base_url(self) -> str:
        """What the SDKs take as base URL."""
        return f"{'https' if self._tls else 'http'}://{HOST}:{self._port}"

    async def __aenter__(self) -> LiveServer:
        listeners = listen_on_loopback(self._port)
        self._port = listeners[0].getsockname()[1]
        for listener in listeners:
            await self._stack.enter_async_context(
                serve(
                    self._serve,
                    sock=listener,
                    ssl=self._tls,
                    process_request=self._process_request,
                    compression=None,
                    ping_interval=None,  # the real service sends none
                    close_timeout=CLOSE_TIMEOUT_S,
                    max_size=MAX_FRAME_BYTES,
                    server_header=None,
                    logger=_LOG,
                )
            )
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close every connection (code 1001) and wait until all have ended."""
        await self._stack.aclose()

    async def _serve(self, websocket: ServerConnection) -> None:
        route = _route(websocket.request)
        assert route is not None, "process_request refuses other paths"
        await Connection(websocket, route, self._service).serve()

    async def _process_request(
        self, websocket: ServerConnection, request: Request
    ) -> Response | None:
        """Refuse other paths, and what a fault refuses."""
        if _route(request) is None:
            return websocket.respond(http.HTTPStatus.NOT_FOUND, "Not Found\n")
        for armed in self._faults.at(Moment.HANDSHAKE, self._faults.turns):
            await asyncio.sleep(armed.fault.after_s / self._service.speed)
            if self._faults.strike(armed):
                status = http.HTTPStatus(armed.fault.status)
                return websocket.respond(status, f"{status.phrase}\n")
        return None

    def _report(self, violation: Violation) -> None:
        _LOG.warning("%s", violation)
        if len(self._violations) < MAX_VIOLATIONS:
            self._violations.append(violation)
        if self._violation_found is not None:
            self._violation_found(violation)


def listen_on_loopback(port: int) -> list[socket.socket]:
    """Sockets on one port of 127.0.0.1 and, where there is IPv6, of ::1; port 0 finds a free one.

    Raises OSError if the port is taken.
    """
    for _ in range(PORT_TRIES):
        first = _listener("127.0.0.1", port, socket.AF_INET)
        try:
            return [first, _listener("::1", first.getsockname()[1], socket.AF_INET6)]
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                return [first]  # no IPv6 here
            first.close()
            if port:
                raise
    raise OSError(errno.EADDRINUSE, "no port is free on both 127.0.0.1 and ::1")


def _listener(address: str, port: int, family: socket.AddressFamily) -> socket.socket:
    listener = socket.create_server((address, port), family=family)
    # asyncio sees to it only where the socket names its protocol; without it a small message waits
    # up to 40 ms for the client to acknowledge the one before.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _route(request: Request | None) -> Route | None:
    return route_of(request.path, request.headers.get) if request else None
