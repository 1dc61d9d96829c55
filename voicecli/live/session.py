"""A Live session that outlives its connection: one stream of events, resumed by handle."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from voicecli.audio.pcm import MIC_RATE_HZ
from voicecli.errors import NetworkError
from voicecli.live import events as ev
from voicecli.live.backoff import BackOff
from voicecli.live.client import make_client
from voicecli.live.decode import decode
from voicecli.live.endpoint import Endpoint
from voicecli.live.failures import Cure, Verdict, judge
from voicecli.live.models import model_or_unknown
from voicecli.live.setup import Setup, connect_config
from voicecli.settings.key import redact

if TYPE_CHECKING:
    from google.genai import types
    from google.genai.live import AsyncSession

    Send = Callable[[AsyncSession], Awaitable[None]]

# From the first packet to setupComplete, which takes less than a second where all is well.
CONNECT_WITHIN_S = 20.0
# A log is for reading, and a message may hold minutes of sound.
LOGGED_CHARACTERS = 200

# What the SDK raises for a message that it does not know, whatever is wrong with it.
_NOT_UNDERSTOOD = (AttributeError, LookupError, TypeError, ValueError)

MIC_MIME_TYPE = f"audio/pcm;rate={MIC_RATE_HZ}"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ToolResult:
    """The answer to a function call; `response` becomes JSON, with `result` or `error` inside."""

    call_id: str
    name: str
    response: Mapping[str, object]


class LiveSession:
    """An async context manager around one session.

    Entering raises CredentialsError, UsageError, QuotaError or NetworkError; so does `events`,
    once a lost connection cannot be had back. Sound sent while there is no connection is dropped;
    words and results wait for the next one.
    """

    def __init__(
        self, endpoint: Endpoint, setup: Setup, connect_within_s: float = CONNECT_WITHIN_S
    ) -> None:
        self._endpoint = endpoint
        self._setup = setup
        self._connect_within_s = connect_within_s
        self._back_off = BackOff(random.random)
        self._handle: str | None = None
        self._sdk: AsyncSession | None = None
        self._stack = AsyncExitStack()
        self._connected = asyncio.Event()
        self._closing = False

    async def __aenter__(self) -> Self:
        # The import alone takes half a second: the screen stays alive meanwhile.
        self._client = await asyncio.to_thread(make_client, self._endpoint)
        try:
            await self._connect()
        except Exception as error:
            await self._disconnect()
            verdict = judge(error, self._endpoint.key)
            if verdict is None:
                raise
            raise verdict.error from error
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closing = True
        await self._disconnect()

    async def events(self) -> AsyncIterator[ev.LiveEvent]:
        """Everything that the service says, over all turns and connections; for one reader."""
        yield ev.Connected()
        while not self._closing:
            try:
                async for event in self._receive():
                    yield event
            except Exception as error:
                if self._closing:
                    return
                verdict = judge(error, self._endpoint.key)
                if verdict is None:
                    raise
                async for event in self._reconnect(verdict):
                    yield event

    async def send_audio(self, pcm: bytes) -> None:
        """Send microphone sound, 16 kHz 16-bit mono PCM; dropped while there is no connection."""
        from google.genai import types

        if self._connected.is_set():
            blob = types.Blob(data=pcm, mime_type=MIC_MIME_TYPE)
            await self._try_send(lambda sdk: sdk.send_realtime_input(audio=blob))

    async def send_audio_stream_end(self) -> None:
        """Say that no more sound comes for a while, so that the service answers what it has."""
        if self._connected.is_set():
            await self._try_send(lambda sdk: sdk.send_realtime_input(audio_stream_end=True))

    async def send_text(self, text: str) -> None:
        """Say `text` as the user; waits for a connection."""
        from google.genai import types

        if model_or_unknown(self._setup.model).text_as_content:
            turn = types.Content(role="user", parts=[types.Part(text=text)])
            await self._send_for_sure(lambda sdk: sdk.send_client_content(turns=turn))
        else:
            await self._send_for_sure(lambda sdk: sdk.send_realtime_input(text=text))

    async def send_tool_results(self, results: Sequence[ToolResult]) -> None:
        """Answer function calls; waits for a connection."""
        from google.genai import types

        answers: list[types.FunctionResponseOrDict] = [
            types.FunctionResponse(id=one.call_id, name=one.name, response=dict(one.response))
            for one in results
        ]
        await self._send_for_sure(lambda sdk: sdk.send_tool_response(function_responses=answers))

    async def _connect(self) -> None:
        config = connect_config(self._setup, self._handle)
        live = self._client.aio.live
        connection = live.connect(model=self._setup.model, config=config)
        try:
            async with asyncio.timeout(self._connect_within_s):
                self._sdk = await self._stack.enter_async_context(connection)
        except (OSError, UnicodeError):
            raise  # the way to the service, not what it said, though some are ValueErrors too
        except _NOT_UNDERSTOOD as error:
            raise _not_accepted() from error
        if self._sdk.setup_complete is None:
            raise _not_accepted()
        self._back_off.connected(time.monotonic())
        self._connected.set()

    async def _disconnect(self) -> None:
        self._connected.clear()
        self._sdk = None
        await self._stack.aclose()

    async def _receive(self) -> AsyncIterator[ev.LiveEvent]:
        """Events of the connection that stands; raises what ends it."""
        sdk = self._sdk
        assert sdk is not None
        while True:
            try:
                async for message in sdk.receive():
                    for event in self._taken_in(message):
                        yield event
            except _NOT_UNDERSTOOD as error:
                # The socket is sound.
                _log.warning("a message was not understood: %s", self._in_brief(error))
                yield ev.Unrecognised(type(error).__name__)

    def _in_brief(self, error: Exception) -> str:
        return redact(str(error)[:LOGGED_CHARACTERS], self._endpoint.key)

    def _taken_in(self, message: types.LiveServerMessage) -> Sequence[ev.LiveEvent]:
        found = tuple(decode(message))
        for event in found:
            if isinstance(event, ev.ResumptionUpdate):
                self._handle = event.handle if event.resumable else self._handle
        return found

    async def _reconnect(self, verdict: Verdict) -> AsyncIterator[ev.LiveEvent]:
        """Try until a connection stands again; raises the verdict's error when nothing helps."""
        while True:
            await self._disconnect()
            if verdict.cure is Cure.STOP:
                raise verdict.error
            if verdict.cure is Cure.FORGET_HANDLE:
                self._handle = None
            briefly = verdict.cure is Cure.RECONNECT_BRIEFLY
            delay_s = self._back_off.next_delay_s(time.monotonic(), briefly=briefly)
            if delay_s is None:
                raise verdict.error
            yield ev.Reconnecting(str(verdict.error), self._back_off.tries, delay_s)
            await asyncio.sleep(delay_s)
            try:
                await self._connect()
            except Exception as error:
                again = judge(error, self._endpoint.key)
                if again is None:
                    raise
                verdict = again
            else:
                yield ev.Connected(resumed=self._handle is not None)
                return

    async def _try_send(self, send: Send) -> bool:
        """Send on the connection that stands; False if it is gone, which `events` will notice."""
        from websockets.exceptions import ConnectionClosed

        sdk = self._sdk
        if sdk is None:
            return False
        try:
            await send(sdk)
        except ConnectionClosed:
            if self._sdk is sdk:
                self._connected.clear()
            return False
        return True

    async def _send_for_sure(self, send: Send) -> None:
        while True:
            await self._connected.wait()
            if await self._try_send(send):
                return


def _not_accepted() -> NetworkError:
    return NetworkError(
        "the service did not accept the conversation",
        why="its first message was not setupComplete",
        hint="try again, or another model with --model",
    )
