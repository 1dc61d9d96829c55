"""What a connection sends, and the faults that lie on its way."""

from __future__ import annotations

import math
import socket
import struct
from collections import deque

from websockets.asyncio.server import ServerConnection

from voicecli.local import server_frames
from voicecli.local.faults import Fault, Kind
from voicecli.local.refusal import DEADLINE, INTERNAL, Refusal
from voicecli.local.server_frames import Frame

# Above what clients take unless they are told otherwise (live-api.md, section 1: 1 MiB).
LARGE_BYTES = 5_000_000

# SO_LINGER on, for no time: closing sends a reset (socket(7)).
_RESET = struct.pack("ii", 1, 0)

_MEANINGLESS = {
    Kind.EMPTY: ("{}", '{"serverContent":{}}'),
    Kind.GARBAGE: ('{"serverContent":', "[]", ""),
    Kind.UNKNOWN: (
        '{"weatherReport":{"sky":"blue"}}',
        '{"voiceActivity":{"type":"ACTIVITY_HUMMING","audioOffset":"0s"}}',
    ),
    Kind.LARGE: ('{"serverContent":{' + " " * LARGE_BYTES + "}}",),
}


class Outlet:
    """The sending side of a socket. All times are seconds of the playback's clock.

    Every method that sends raises ConnectionClosed when the client has left.
    """

    def __init__(self, websocket: ServerConnection) -> None:
        self._websocket = websocket
        self._silent_until_s = -math.inf
        self._held: deque[str] = deque()
        self._ends_s = math.inf

    @property
    def due_s(self) -> float | None:
        """When `advance` has something to do."""
        due_s = min(self._ends_s, self._silent_until_s if self._held else math.inf)
        return due_s if due_s < math.inf else None

    async def send(self, frame: Frame, now_s: float) -> None:
        """Send a frame; while there is a stall it waits."""
        await self._send(server_frames.encode(frame), now_s)

    async def advance(self, now_s: float) -> None:
        """Send what a stall held back. Raises Refusal when the time of a go_away is over."""
        while self._held and now_s >= self._silent_until_s:
            await self._websocket.send(self._held.popleft())
        if now_s >= self._ends_s:
            raise Refusal(DEADLINE, code=INTERNAL)

    async def strike(self, fault: Fault, now_s: float) -> None:
        """Let a fault of the connection happen. Raises Refusal if it closes with a code."""
        match fault.kind:
            case Kind.GO_AWAY:
                await self.send(server_frames.go_away(fault.time_left_s), now_s)
                self._ends_s = min(self._ends_s, now_s + fault.time_left_s)
            case Kind.CLOSE:
                raise Refusal(fault.close_reason, code=fault.code)
            case Kind.STALL:
                self._silent_until_s = max(self._silent_until_s, now_s + fault.lasts_s)
            case Kind.DROP:
                await self._abort()
            case Kind.RESET:
                raw: socket.socket = self._websocket.transport.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                await self._abort()
            case _:
                for text in _MEANINGLESS[fault.kind]:
                    await self._send(text, now_s)

    async def _abort(self) -> None:
        self._websocket.transport.abort()
        await self._websocket.wait_closed()

    async def _send(self, text: str, now_s: float) -> None:
        if self._held or now_s < self._silent_until_s:
            # What waits for ever is never sent, and need not be kept.
            if self._silent_until_s < math.inf:
                self._held.append(text)
        else:
            await self._websocket.send(text)
