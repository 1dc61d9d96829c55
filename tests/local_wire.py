"""Bare WebSockets to the local server, for what no SDK does, or what only another SDK does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from voicecli.local.certificates import LoopbackCertificates
from voicecli.local.script_file import load
from voicecli.local.server import LiveServer

PATH = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
DEADLINE_S = 20
SETUP = {"setup": {"model": "models/gemini-3.8-live"}}

Frame = dict[str, Any]
Talk = Callable[[ClientConnection], Awaitable[None]]


async def send(socket: ClientConnection, frame: Frame) -> None:
    await socket.send(json.dumps(frame))


async def read_until(socket: ClientConnection, *path: str) -> Any:
    """The value at `path` in the next frame that has it."""
    while True:
        value: Any = json.loads(await socket.recv())
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None:
            return value


async def set_up(socket: ClientConnection, **fields: object) -> None:
    await send(socket, {"setup": {**SETUP["setup"], **fields}})
    await read_until(socket, "setupComplete")


async def read_close(socket: ClientConnection) -> tuple[int, str]:
    """The code and the reason that the server closes with."""
    while True:
        try:
            await socket.recv()
        except ConnectionClosed as closed:
            return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")


def with_socket(
    talk: Talk,
    *,
    tls: bool = False,
    path: str = f"{PATH}?key=k",
    headers: dict[str, str] | None = None,
    host: str | None = None,
    speed: float = 50.0,
) -> None:
    """Run a server and a client of it in one event loop, and fail if that takes too long."""

    async def run() -> None:
        certificates = LoopbackCertificates() if tls else None
        server_tls = certificates.server_context() if certificates else None
        async with (
            asyncio.timeout(DEADLINE_S),
            LiveServer(load(None), tls=server_tls, speed=speed) as server,
        ):
            url = server.base_url.replace("http", "ws", 1)
            if host is not None:
                url = url.replace("localhost", host)
            context = certificates.client_context() if certificates else None
            async with connect(
                url + path, ssl=context, additional_headers=headers, proxy=None
            ) as socket:
                await talk(socket)

    asyncio.run(run())
