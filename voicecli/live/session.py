"""A Live session that outlives its connections: one stream of events, nothing lost on the way."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

from voicecli.live import events as ev
from voicecli.live import outgoing
from voicecli.live.connection import Connect, Connection, connector
from voicecli.live.endpoint import Endpoint
from voicecli.live.failures import Verdict, judge
from voicecli.live.history import NoPast, Past, Resume
from voicecli.live.items import Item, Signal
from voicecli.live.policy import SessionPolicy
from voicecli.live.setup import FunctionDeclaration, Setup
from voicecli.live.watch import watch

if TYPE_CHECKING:
    from voicecli.live.outgoing import Send

# From the first packet to setupComplete, which takes less than a second where all is well.
CONNECT_WITHIN_S = 20.0


class LiveSession:
    """An async context manager around one session.

    Inside of it one task reads `events`, and one runs `tend`. Entering raises CredentialsError,
    UsageError, QuotaError or NetworkError; so does `events`, once a lost connection cannot be had
    back. `resume` goes on with an earlier conversation.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        setup: Setup,
        resume: Resume | None = None,
        *,
        connect_within_s: float = CONNECT_WITHIN_S,
        dial: Connect | None = None,
        wall_s: Callable[[], float] = time.time,
    ) -> None:
        """`dial` makes connections in place of the SDK's client; `wall_s` is the time of day."""
        self._endpoint = endpoint
        self._connect_within_s = connect_within_s
        self._dial = dial
        self._wall_s = wall_s
        self._policy = SessionPolicy(setup, resume, random.random)
        self._resuming = resume is not None
        self._connection: Connection | None = None
        self._first = ev.Connected()
        # Why the connection is being left, if it is not the service that leaves.
        self._leaving: Verdict | None = None
        self._moving = False
        # Set while a connection stands, and in the end, so that nobody waits for another one.
        self._settled = asyncio.Event()
        self._queued = asyncio.Event()
        self._flushing = False
        self._closing = False

    @property
    def setup(self) -> Setup:
        """The setup in force, or the one that is tried at this moment."""
        return self._policy.setups.current

    @property
    def oddities(self) -> Mapping[str, int]:
        """What came and was not understood or expected, and how often."""
        return self._policy.oddities

    async def __aenter__(self) -> Self:
        if self._dial is None:
            self._dial = await connector(self._endpoint, self._connect_within_s)
        try:
            self._first = await self._connect_first()
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

    async def events(self, past: Past | None = None) -> AsyncIterator[ev.LiveEvent]:
        """Everything that the service says, over all turns and connections; for one reader.

        `past` knows what was said, for connections that have to be told.
        """
        self._policy.past = past or NoPast()
        yield self._first
        while not self._closing:
            assert self._connection is not None
            try:
                async for event in self._connection.events():
                    self._policy.hear(event, _now_s())
                    yield event
            except Exception as error:
                if self._closing:
                    return
                verdict = self._leaving or self._judged(error)
                moving = self._moving or self._policy.eases_update(verdict)
                async for event in self._connect_again(None if moving else verdict):
                    yield event

    async def tend(self) -> None:
        """Send what waits, and notice a silent service and a closed lid; for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(watch(self._policy, self._settled.is_set, self._leave, self._wall_s))
            while True:
                await self._settled.wait()
                await self._queued.wait()
                self._queued.clear()
                await self._flush()

    async def change_setup(self, setup: Setup) -> bool:
        """Move the session to `setup`, of which all but the model may change; best in a pause.

        Returns when a connection stands: `events` says `Connected(planned=True)`, after
        `SetupRefused` if it has the old setup. False, and nothing happens, without a handle.
        """
        if self._policy.setups.has(setup, moving=self._moving):
            return True
        if self._closing or not self._policy.resumable:
            return False
        self._policy.setups.want(setup)
        await self.move()
        return True

    async def move(self) -> None:
        """Go on over a new connection, since this one is to end; best in a pause.

        Returns when one stands; see `change_setup`.
        """
        self._moving = True
        self._settled.clear()
        if self._connection is not None:
            await self._connection.hang_up()
        await self._settled.wait()

    def queue(self, item: Item) -> None:
        """Say `item` as soon as may be, in order; it is kept until it has been answered.

        `AUDIO_STREAM_END` is left out with push-to-talk: it belongs to automatic detection
        (ai.google.dev/api/live).
        """
        if item is Signal.AUDIO_STREAM_END and self.setup.push_to_talk:
            return
        self._policy.queue(item)
        self._queued.set()

    def offer(self, functions: tuple[FunctionDeclaration, ...]) -> bool:
        """Let the model call `functions` from now on, and no others; before entering, too.

        The service is told in order with all that is queued, or by the next connection. False if
        only a move can tell it: `change_setup` with these functions, in a pause. `SetupRefused`
        says that it takes neither; the same list is then not to be offered again.
        """
        told = self._policy.offer(functions)
        self._queued.set()
        return told

    async def send(self, item: Item) -> None:
        """`queue` it, and send all that waits, unless there is no connection or another sends."""
        self.queue(item)
        await self._flush()

    async def _connect_first(self) -> ev.Connected:
        while True:
            try:
                return await self._connect(planned=False)
            except Exception as error:
                if not (self._resuming and self._policy.eases_resuming(self._judged(error))):
                    raise

    async def _connect(self, *, planned: bool) -> ev.Connected:
        """Connect, and tell the service what it does not know."""
        assert self._dial is not None
        dial = self._policy.dial()
        connection = await self._dial(self.setup, dial)
        self._connection, untold = connection, self._policy.connected(_now_s())
        if untold:
            await connection.send(outgoing.content(untold, answered=dial.tells_history))
        resumed = dial.handle is not None
        return ev.Connected(resumed=resumed, planned=planned, told=bool(untold))

    async def _disconnect(self) -> None:
        self._settled.clear()
        if self._connection is not None:
            await self._connection.close()
        self._connection = None

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
        if self._policy.lost(planned=verdict is None):
            yield ev.SaidAgain()
        while not self._closing:
            await self._disconnect()
            self._leaving = None
            if verdict is not None:
                remedy, delay_s = self._remedy(verdict)
                planned = planned and isinstance(remedy, ev.SetupRefused)
                yield remedy
                await asyncio.sleep(delay_s)
            self._moving = False
            try:
                connected = await self._connect(planned=planned)
            except Exception as error:
                verdict = self._judged(error)
                continue
            if not (self._moving or self._closing):
                self._stand()
                yield connected
                if lost_s := self._policy.take_lost_s():
                    yield ev.SpeechLost(lost_s)
                return
            verdict = None
        await self._disconnect()

    def _remedy(self, verdict: Verdict) -> tuple[ev.LiveEvent, float]:
        """What to say of a failed connection, and how long to wait before the next try.

        Raises the verdict's error if there is none.
        """
        if verdict.blames_setup and self._policy.setups.refused():
            return ev.SetupRefused(verdict.error.why), 0.0
        delay_s = self._policy.delay_s(verdict, _now_s())
        return ev.Reconnecting(str(verdict.error), self._policy.back_off.tries, delay_s), delay_s

    def _stand(self) -> None:
        self._settled.set()
        self._queued.set()

    async def _leave(self, verdict: Verdict) -> None:
        connection = self._connection
        if connection is not None and self._settled.is_set():
            self._leaving = verdict
            await connection.hang_up()

    async def _flush(self) -> None:
        """Send what waits, in order, while a connection stands; one at a time."""
        if self._flushing:
            return
        self._flushing = True
        try:
            while self._settled.is_set() and (items := self._policy.outbox.take()):
                if not await self._try_send(self._policy.message(items)):
                    return
                self._policy.passed(items, _now_s())
        finally:
            self._policy.outbox.put_back()  # what did not leave, or not before this was cancelled
            self._flushing = False

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


def _now_s() -> float:
    return asyncio.get_running_loop().time()
