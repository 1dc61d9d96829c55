"""A Live API server that does just what a test tells it, faults included, over real TLS.

Each connection is served by the next of the test's scenes; the client's frames are kept.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from voicecli.live.endpoint import Endpoint
from voicecli.settings.key import ApiKey

KEY = ApiKey("a-key-for-tests", "the test")


@dataclass
class Call:
    """One connection, as a scene sees it, after its setup was answered."""

    socket: ServerConnection
    setup: dict[str, Any]

    async def say(self, *messages: dict[str, Any]) -> None:
        """Send messages to the client."""
        for message in messages:
            await self.socket.send(json.dumps(message))

    async def hear(self) -> dict[str, Any]:
        """The client's next message."""
        heard: dict[str, Any] = json.loads(await self.socket.recv())
        return heard

    async def hang_up(self, code: int, reason: str = "") -> None:
        """Close the connection."""
        await self.socket.close(code, reason)

    async def wait(self) -> None:
        """Until the client closes."""
        await self.socket.wait_closed()


Scene = Callable[[Call], Awaitable[None]]


@dataclass
class Refuse:
    """In place of a scene: the handshake is refused with this status."""

    status: int


@dataclass
class CloseAtSetup:
    """In place of a scene: the setup is answered by a close."""

    code: int
    reason: str


@dataclass
class AnswerSetup:
    """In place of a scene: the setup is answered by this message instead of `setupComplete`."""

    message: Any


@dataclass
class IgnoreSetup:
    """In place of a scene: the setup is never answered."""


@dataclass
class HoldSetup:
    """The setup is answered, and `scene` played, once `free` is set; `asked` tells that it came."""

    scene: Scene
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    free: asyncio.Event = field(default_factory=asyncio.Event)


Act = Scene | Refuse | CloseAtSetup | AnswerSetup | IgnoreSetup | HoldSetup


@dataclass
class ScriptedServer:
    """What the server saw, and where it is."""

    endpoint: Endpoint
    setups: list[dict[str, Any]] = field(default_factory=list)
    connections: int = 0


@asynccontextmanager
async def scripted_server(folder: Path, scenes: Sequence[Act]) -> AsyncIterator[ScriptedServer]:
    """Serve `scenes`, one a connection; the last one serves all that follow."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    ca_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    seen = ScriptedServer(Endpoint(KEY, "https://localhost:0", ca_file))

    def scene_now() -> Act:
        return scenes[min(seen.connections, len(scenes)) - 1]

    def on_request(connection: ServerConnection, request: Request) -> Response | None:
        seen.connections += 1
        scene = scene_now()
        return connection.respond(scene.status, "") if isinstance(scene, Refuse) else None

    async def on_connection(socket: ServerConnection) -> None:
        scene = scene_now()
        try:
            setup = json.loads(await socket.recv())["setup"]
            seen.setups.append(setup)
            if isinstance(scene, CloseAtSetup):
                await socket.close(scene.code, scene.reason)
            elif isinstance(scene, AnswerSetup):
                await socket.send(json.dumps(scene.message))
                await socket.wait_closed()
            elif isinstance(scene, IgnoreSetup):
                await socket.wait_closed()
            elif not isinstance(scene, Refuse):
                if isinstance(scene, HoldSetup):
                    scene.asked.set()
                    await scene.free.wait()
                    scene = scene.scene
                await socket.send('{"setupComplete":{}}')
                await scene(Call(socket, setup))
        except ConnectionClosed:
            return  # the client left in the middle of a scene

    async with serve(on_connection, "localhost", 0, ssl=context, process_request=on_request) as up:
        port = next(iter(up.sockets)).getsockname()[1]
        seen.endpoint = Endpoint(KEY, f"https://localhost:{port}", ca_file)
        yield seen
