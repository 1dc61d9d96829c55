"""A session's events, read in the background while a test acts, and what its server heard."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

from scripted_server import Call

from voicecli.live import events as live
from voicecli.live.history import Past
from voicecli.live.session import LiveSession

FRAME_BYTES = 320


class Reader:
    """`run` it as a task; `seen` holds every event so far."""

    def __init__(self, session: LiveSession, past: Past | None = None) -> None:
        self.seen: list[live.LiveEvent] = []
        self._session = session
        self._past = past
        self._more = asyncio.Event()
        self.ended = asyncio.Event()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            tending = group.create_task(self._session.tend())
            async for event in self._session.events(self._past):
                self.seen.append(event)
                self._more.set()
            tending.cancel()
        self.ended.set()

    async def until(self, event: live.LiveEvent | type[live.LiveEvent], times: int = 1) -> None:
        """Wait until `event`, or one of that type, was seen so often."""
        while self.count(event) < times:
            self._more.clear()
            await self._more.wait()

    def count(self, event: live.LiveEvent | type[live.LiveEvent]) -> int:
        if isinstance(event, type):
            return sum(isinstance(seen, event) for seen in self.seen)
        return self.seen.count(event)

    def of(self, *kinds: type[live.LiveEvent]) -> list[live.LiveEvent]:
        """The events of these types, in their order."""
        return [event for event in self.seen if isinstance(event, kinds)]


async def hear_input(call: Call, count: int) -> list[Any]:
    """The client's next `count` inputs: sound in frames of 10 ms, signals and words by name.

    Several frames may share a message; those that share the last one count too.
    """
    heard: list[Any] = []
    while len(heard) < count:
        message = await call.hear()
        if "client_content" in message:
            heard.append("content")
            continue
        (name, value), *_ = message["realtime_input"].items()
        if name != "audio":
            heard.append(name)
            continue
        pcm = base64.urlsafe_b64decode(value["data"])
        heard += [pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm), FRAME_BYTES)]
    return heard
