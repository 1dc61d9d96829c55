"""A Live session that outlives its connections: one stream of events, resumed by handle."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from voicecli.live import events as ev
from voicecli.live import outgoing
from voicecli.live.backoff import BackOff
from voicecli.live.client import make_client
from voicecli.live.connection import Connection, connect
from voicecli.live.endpoint import Endpoint
from voicecli.live.failures import Cure, Verdict, judge
from voicecli.live.history import Resume
from voicecli.live.outgoing import ToolResult
from voicecli.live.setup import Setup
from voicecli.live.user_input import InputQueue, Signal, UserInput

if TYPE_CHECKING:
    from voicecli.live.outgoing import Send

# From the first packet to setupComplete, which takes less than a second where all is well.
CONNECT_WITHIN_S = 20.0


class LiveSession:
    """An async context manager around one session.

    Entering raises CredentialsError, UsageError, QuotaError or NetworkError; so does `events`,
    once a lost connection cannot be had back. Sound sent while there is no connection is dropped,
    but during `change_setup` its last five seconds wait; words and results wait in any case.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        setup: Setup,
        resume: Resume | None = None,
        connect_within_s: float = CONNECT_WITHIN_S,
    ) -> None:
        self._endpoint = endpoint
        self._connect_within_s = connect_within_s
        self._setup = setup
        self._wanted: Setup | None = None
        # What held before a change, until a turn has shown that the service bears the new one.
        self._fallback: Setup | None = None
        self._handle = None if resume is None else resume.handle
        self._resumable = False
        self._back_off = BackOff(random.random)
        self._connection: Connection | None = None
        # Set while a connection stands, and in the end, so that nobody waits for another one.
        self._settled = asyncio.Event()
        self._input = InputQueue()
        self._sending_input = asyncio.Lock()
        self._moves = 0
        self._closing = False

    @property
    def setup(self) -> Setup:
        """The setup in force, or the one that is tried at this moment."""
        return self._setup

    async def __aenter__(self) -> Self:
        # The import alone takes half a second: the screen stays alive meanwhile.
        self._client = await asyncio.to_thread(make_client, self._endpoint)
        try:
            await self._connect()
        except Exception as error:
            raise self._judged(error).error from error
        self._stand()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closing = True
        await self._disconnect()
        self._settled.set()

    async def events(self) -> AsyncIterator[ev.LiveEvent]:
        """Everything that the service says, over all turns and connections; for one reader."""
        yield ev.Connected()
        while not self._closing:
            assert self._connection is not None
            try:
                async for event in self._connection.events():
                    self._take_note(event)
                    yield event
            except Exception as error:
                if self._closing:
                    return
                verdict = self._judged(error)
                async for event in self._connect_again(None if self._wanted else verdict):
                    yield event

    async def change_setup(self, setup: Setup) -> bool:
        """Move the session to `setup` by its handle, over a new connection; best in a pause.

        Returns when a connection stands: `events` says `Connected(planned=True)`, after
        `SetupRefused` if it has the old setup. False, and nothing happens, while the service has
        given no handle. All but the model may change (ai.google.dev/api/live).
        """
        assert setup.model == self._setup.model
        if setup == (self._wanted or self._setup):
            return True
        if self._closing or not self._resumable:
            return False
        self._wanted = setup
        self._moves += 1
        try:
            self._settled.clear()
            if self._connection is not None:
                await self._connection.hang_up()
            await self._settled.wait()
            while self._input and not self._closing:
                await self._send_input()
                await self._settled.wait()
        finally:
            self._moves -= 1
        return True

    async def send_audio(self, pcm: bytes) -> None:
        """Send microphone sound, 16 kHz 16-bit mono PCM."""
        await self._put(pcm)

    async def send_activity_start(self) -> None:
        """With push-to-talk: the user begins, which stops the model."""
        await self._put(Signal.ACTIVITY_START)

    async def send_activity_end(self) -> None:
        """With push-to-talk: the user is done and wants an answer."""
        await self._put(Signal.ACTIVITY_END)

    async def send_audio_stream_end(self) -> None:
        """Say that no more sound comes for a while, so that the service answers what it has.

        Not sent with push-to-talk: it belongs to automatic detection (ai.google.dev/api/live).
        """
        if not self._setup.push_to_talk:
            await self._put(Signal.AUDIO_STREAM_END)

    async def send_text(self, text: str) -> None:
        """Say `text` as the user; waits for a connection."""
        await self._send_for_sure(
            lambda sdk: outgoing.typed(text, self._setup, talking=self._input.talking)(sdk)
        )

    async def send_tool_results(self, results: Sequence[ToolResult]) -> None:
        """Answer function calls; waits for a connection."""
        await self._send_for_sure(outgoing.tool_results(results))

    async def _connect(self) -> None:
        connection = await connect(
            self._client,
            self._endpoint.key,
            self._setup,
            self._handle,
            within_s=self._connect_within_s,
        )
        self._connection = connection
        if self._setup.push_to_talk and self._input.talking:
            # The new connection does not know that the user is in the middle of it.
            await connection.send(outgoing.user_input(Signal.ACTIVITY_START))

    def _stand(self) -> None:
        self._back_off.connected(time.monotonic())
        self._settled.set()

    async def _disconnect(self) -> None:
        self._settled.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    def _take_note(self, event: ev.LiveEvent) -> None:
        match event:
            case ev.ResumptionUpdate(handle=handle, resumable=resumable):
                self._handle = handle if resumable else self._handle
                self._resumable = resumable
            case ev.TurnComplete():
                self._fallback = None

    def _judged(self, error: Exception) -> Verdict:
        """The verdict on a failed connection; raises `error` if none failed."""
        verdict = judge(error, self._endpoint.key)
        if verdict is None:
            raise error
        return verdict

    async def _connect_again(self, verdict: Verdict | None) -> AsyncIterator[ev.LiveEvent]:
        """Try until a connection stands: after `verdict`, or for None as planned.

        Raises the verdict's error when nothing helps.
        """
        planned = True
        while not self._closing:
            await self._disconnect()
            if verdict is not None and verdict.blames_setup and self._fallback is not None:
                self._setup, self._fallback = self._fallback, None
                yield ev.SetupRefused(verdict.error.why)
            elif verdict is not None:
                delay_s = self._delay_s(verdict)
                planned = False
                yield ev.Reconnecting(str(verdict.error), self._back_off.tries, delay_s)
                await asyncio.sleep(delay_s)
            if self._wanted is not None:
                self._fallback, self._setup, self._wanted = self._setup, self._wanted, None
            try:
                await self._connect()
            except Exception as error:
                verdict = self._judged(error)
                continue
            if self._wanted is None and not self._closing:
                self._stand()
                yield ev.Connected(resumed=self._handle is not None, planned=planned)
                return
            verdict = None
        await self._disconnect()

    def _delay_s(self, verdict: Verdict) -> float:
        """How long to wait before the next try; raises the verdict's error if there is none."""
        if verdict.cure is Cure.STOP:
            raise verdict.error
        if verdict.cure is Cure.FORGET_HANDLE:
            self._handle, self._resumable = None, False
        briefly = verdict.cure is Cure.RECONNECT_BRIEFLY
        delay_s = self._back_off.next_delay_s(time.monotonic(), briefly=briefly)
        if delay_s is None:
            raise verdict.error
        return delay_s

    async def _put(self, item: UserInput) -> None:
        self._input.add(item)
        await self._send_input()

    async def _send_input(self) -> None:
        """Send what waits, in order; without a connection it waits on in a move, or is dropped."""
        async with self._sending_input:
            while (item := self._input.take()) is not None:
                sent = self._settled.is_set() and await self._try_send(outgoing.user_input(item))
                if not sent and self._moves:
                    self._input.put_back(item)
                    return
                self._input.passed(item)

    async def _try_send(self, send: Send) -> bool:
        """Send on the connection that stands; False if it is gone, which `events` will notice."""
        connection = self._connection
        if connection is None:
            return False
        if await connection.send(send):
            return True
        if self._connection is connection:
            self._settled.clear()
        return False

    async def _send_for_sure(self, send: Send) -> None:
        while not self._closing:
            await self._settled.wait()
            if await self._try_send(send):
                return
