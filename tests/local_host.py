"""A server with coded senses, faults and a watch on its client, for tests over a real socket."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from typing import Any

from coded_speech import CODED, pcm_of, silence
from local_wire import DEADLINE_S, PATH, Frame, read_until, send
from websockets.asyncio.client import ClientConnection, connect

from voicecli.local.certificates import LoopbackCertificates
from voicecli.local.client_frames import Said
from voicecli.local.fault_file import parse_fault
from voicecli.local.faults import FaultPlan
from voicecli.local.script import Call, Reply, Script, Turn
from voicecli.local.server import LiveServer

SCRIPT = Script(
    (Turn(("what time is it",), Reply(say="It is {result.time}.", calls=(Call("clock", {}),))),),
    Reply(say="one two three four five"),
)
CLOCK = {"functionDeclarations": [{"name": "clock", "behavior": "BLOCKING"}]}
BACKGROUND_CLOCK = {"functionDeclarations": [{"name": "clock", "behavior": "NON_BLOCKING"}]}


class Host:
    """A server with faults, and how to connect to it."""

    def __init__(self, server: LiveServer, plan: FaultPlan) -> None:
        self.server = server
        self.plan = plan

    def connect(self, **options: Any) -> connect:
        url = self.server.base_url.replace("http", "ws", 1) + f"{PATH}?key=k"
        return connect(url, proxy=None, max_size=None, **options)

    @property
    def user_words(self) -> list[list[str]]:
        return [[one.text for one in said if one.role == "user"] for said in self.conversations]

    @property
    def conversations(self) -> tuple[tuple[Said, ...], ...]:
        return self.server.conversations


def hosting(
    talk: Callable[[Host], Awaitable[None]],
    *faults: str,
    speed: float = 10.0,
    tls: LoopbackCertificates | None = None,
    violations: tuple[str, ...] | None = (),
) -> None:
    """Run a server with `faults`, and a client of it that does no wrong but `violations`.

    None leaves these to the client's own look.
    """

    async def run() -> None:
        plan = FaultPlan(map(parse_fault, faults))
        context = tls.server_context() if tls else None
        async with (
            asyncio.timeout(DEADLINE_S),
            LiveServer(SCRIPT, tls=context, speed=speed, faults=plan, senses=CODED) as server,
        ):
            await talk(Host(server, plan))
            found = tuple(str(one) for one in server.violations)
            assert violations is None or found == violations

    asyncio.run(run())


async def speak(socket: ClientConnection, *words: int, quiet_s: float = 0.8) -> None:
    pcm = silence(0.1) + pcm_of(words) + silence(quiet_s)
    audio = {"data": base64.b64encode(pcm).decode(), "mimeType": "audio/pcm;rate=16000"}
    await send(socket, {"realtimeInput": {"audio": audio}})


async def type_text(socket: ClientConnection, text: str = "hello") -> None:
    await send(socket, {"realtimeInput": {"text": text}})


async def handle_of(socket: ClientConnection) -> str:
    return str(await read_until(socket, "sessionResumptionUpdate", "newHandle"))


async def answer(socket: ClientConnection, call_id: str) -> None:
    item = {"id": call_id, "name": "clock", "response": {"time": "ten"}}
    await send(socket, {"toolResponse": {"functionResponses": [item]}})


async def call_id_of(socket: ClientConnection) -> str:
    calls = await read_until(socket, "toolCall", "functionCalls")
    return str(calls[0]["id"])


def resuming(handle: str) -> Frame:
    return {"setup": {"model": "gemini-3.8-live", "sessionResumption": {"handle": handle}}}
