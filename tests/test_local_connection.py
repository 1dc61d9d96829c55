"""One connection with a voice of the test's own: what is skipped, and what has to end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable

from local_wire import PATH, read_close, read_until, send, set_up
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

from voicecli.local.connection import SETUP_TIMEOUT_S, Connection, Service
from voicecli.local.faults import FaultPlan
from voicecli.local.routes import Route
from voicecli.local.script import Reply, Script
from voicecli.local.senses import Say, Senses
from voicecli.local.sessions import Sessions
from voicecli.local.violations import Violation
from voicecli.local.voice import Speech, SpokenWord

DEADLINE_S = 20
SCRIPT = Script(fallback=Reply(say="{user}"))


def spoken(text: str) -> Speech:
    return Speech(bytes(4_800), (SpokenWord(text, 0.0),))


def with_connection(
    say: Say, talk: Callable[[ClientConnection], Awaitable[None]], *, speed: float = 50.0
) -> None:
    """Serve connections whose voice is `say` to the client `talk`."""

    async def run() -> None:
        violations: list[Violation] = []
        service = Service(
            SCRIPT, Sessions(), FaultPlan(), Senses(say=say), violations.append, speed
        )

        async def handle(socket: ServerConnection) -> None:
            route = Route("v1beta", "k")
            await Connection(socket, route, service).serve()

        async with asyncio.timeout(DEADLINE_S), serve(handle, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            async with connect(f"ws://127.0.0.1:{port}{PATH}", proxy=None) as socket:
                await talk(socket)

    asyncio.run(run())


def test_only_the_latest_of_texts_that_wait_for_the_voice_is_spoken() -> None:
    voiced: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def say(text: str, voice_name: str, language: str) -> Speech:
        voiced.append(text)
        begun.set()
        assert go_on.wait(DEADLINE_S)
        return spoken(text)

    async def talk(socket: ClientConnection) -> None:
        await set_up(socket)
        await send(socket, {"realtimeInput": {"text": "one"}})
        assert await asyncio.to_thread(begun.wait, DEADLINE_S)
        for text in ("two", "three", "four"):
            await send(socket, {"realtimeInput": {"text": text}})
            await read_until(socket, "serverContent", "turnComplete")
        go_on.set()
        words = await read_until(socket, "serverContent", "outputTranscription", "text")
        assert words == "four"
        await read_until(socket, "serverContent", "turnComplete")

    with_connection(say, talk)
    assert voiced == ["one", "four"]


def test_a_client_that_never_sends_a_setup_is_not_waited_for() -> None:
    async def talk(socket: ClientConnection) -> None:
        code, reason = await read_close(socket)
        assert (code, reason) == (1011, "Deadline expired before operation could complete.")

    with_connection(lambda text, voice, language: spoken(text), talk, speed=SETUP_TIMEOUT_S * 20)
