"""One client's connection: the socket, the clock and the worker threads around a `Conversation`."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from voicecli.local import client_frames, server_frames
from voicecli.local.client_frames import Audio, AudioStreamEnd, SetupRequest
from voicecli.local.conversation import Conversation
from voicecli.local.effects import Called, Reached, Send, VoiceText
from voicecli.local.faults import OF_CONVERSATION, Fault, FaultPlan, Kind, Moment, Strikes
from voicecli.local.hearing import Microphone, Recogniser
from voicecli.local.inbound import Guess, Heard, Inbound, Sound, Voiced
from voicecli.local.outlet import Outlet
from voicecli.local.refusal import DEADLINE, INTERNAL, INVALID_KEY, Refusal
from voicecli.local.routes import Route
from voicecli.local.script import Script
from voicecli.local.senses import Senses
from voicecli.local.sessions import SecondConnection, Session, Sessions
from voicecli.local.setup_check import Setup, check_setup
from voicecli.local.violations import (
    CROSSING_S,
    EARLY,
    NO_OBJECT,
    SECOND_CONNECTION,
    ClientCheck,
    Report,
)

# Messages that may wait to be handled before the client is made to wait.
INBOX_SIZE = 64
# SDKs send their setup at once; a connection that brings none is somebody's mistake.
SETUP_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Service:
    """What all connections of a server share. `speed` is that of the playback's clock."""

    script: Script
    sessions: Sessions
    faults: FaultPlan
    senses: Senses
    report: Report
    speed: float = 1.0


class Connection:
    """Serves one client until it leaves, or is refused."""

    def __init__(self, socket: ServerConnection, route: Route, service: Service) -> None:
        self._socket = socket
        self._route = route
        self._service = service
        self._sessions = service.sessions
        self._speed = service.speed
        self._strikes = Strikes(service.faults)
        self._outlet = Outlet(socket)
        self._early: deque[str | bytes] = deque()
        self._texts: asyncio.Queue[VoiceText] = asyncio.Queue()
        self._inbox: asyncio.Queue[Inbound] = asyncio.Queue(INBOX_SIZE)

    async def serve(self) -> None:
        """Hold the conversation. A refusal closes the socket with its code and reason."""
        try:
            setup = await self._set_up()
            await self._strike_at_setup()
            session = self._session_for(setup)
            memory = session.memory
            try:
                await self._converse(setup, session)
            finally:
                session.leave(memory, self._now_s())
        except* Refusal as refusals:
            refusal = _first(refusals)
            await self._socket.close(refusal.code, refusal.reason)
        except* ConnectionClosed:
            pass

    async def _set_up(self) -> Setup:
        try:
            async with asyncio.timeout(SETUP_TIMEOUT_S / self._speed):
                frame = await self._socket.recv()
        except TimeoutError:
            raise Refusal(DEADLINE, code=INTERNAL) from None
        if not self._route.key:
            raise Refusal(INVALID_KEY)
        messages = client_frames.parse(frame)
        if len(messages) != 1 or not isinstance(messages[0], SetupRequest):
            self._service.report(EARLY)
            raise Refusal("setup must be the first message and only the first")
        return check_setup(messages[0].fields, self._route.api_version)

    async def _strike_at_setup(self) -> None:
        """Let happen what is to happen before setupComplete, which waits for it."""
        plan = self._service.faults
        for armed in plan.at(Moment.SETUP, plan.turns):
            await self._hold(armed.fault.after_s)
            if plan.strike(armed):
                if armed.fault.kind is Kind.SLOW_SETUP:
                    await self._hold(armed.fault.lasts_s)
                    continue
                if armed.fault.kind is Kind.DROP:
                    await self._outlet.send(server_frames.setup_complete(), self._now_s())
                await self._strike(armed.fault)
                await self._outlet.advance(self._now_s())
        await self._hold(0.0)

    async def _hold(self, for_s: float) -> None:
        """Wait, and keep what the client sends meanwhile, which it should not."""
        try:
            async with asyncio.timeout(for_s / self._speed):
                while True:
                    self._early.append(await self._socket.recv())
                    self._service.report(EARLY)
        except TimeoutError:
            pass

    def _session_for(self, setup: Setup) -> Session:
        def is_open() -> bool:
            return self._socket.state is State.OPEN

        if not setup.handle:
            return self._sessions.begin(setup.model, is_open)
        try:
            return self._sessions.resume(setup.handle, setup.model, self._now_s(), is_open)
        except SecondConnection:
            self._service.report(SECOND_CONNECTION)
            raise

    async def _converse(self, setup: Setup, session: Session) -> None:
        memory, senses = session.memory, self._service.senses
        conversation = Conversation(
            setup,
            self._service.script,
            memory,
            new_call_id=lambda: f"fc_{random.randrange(10**18, 10**19)}",  # noqa: S311 - no secret
            new_handle=lambda: self._sessions.new_handle(session, memory),
        )
        recogniser = Recogniser(
            lambda words: self._inbox.put(Guess(words)),
            lambda words, duration_s: self._inbox.put(Heard(words, duration_s)),
            guesses=setup.model.transcribes,
            open_listener=senses.open_listener,
        )
        detects = setup.detection is not None
        microphone = Microphone(detects=detects, open_detector=senses.open_detector)
        check = ClientCheck(
            setup, session.calls, self._service.report, crossing_s=CROSSING_S * self._speed
        )
        async with asyncio.TaskGroup() as tasks:
            helpers = [
                tasks.create_task(recogniser.run()),
                tasks.create_task(self._voice_texts(setup)),
                tasks.create_task(self._talk(conversation, recogniser, check)),
            ]
            # Sound that is still to be judged is of no use to a client that has left.
            ends = [
                tasks.create_task(self._read(microphone, recogniser, check)),
                tasks.create_task(self._socket.wait_closed()),
            ]
            try:
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (*helpers, *ends):
                    task.cancel()

    async def _frames(self) -> AsyncIterator[str | bytes]:
        while self._early:
            yield self._early.popleft()
        async for frame in self._socket:
            yield frame

    async def _read(
        self, microphone: Microphone, recogniser: Recogniser, check: ClientCheck
    ) -> None:
        """Put what the client sends into the inbox, in order, until it leaves."""
        async for frame in self._frames():
            for message in self._parse(frame):
                check.received(message, self._now_s())
                if isinstance(message, Audio):
                    await recogniser.expect_sound()
                    async for pcm, probabilities in microphone.pieces(message):
                        await self._inbox.put(Sound(pcm, probabilities))
                    continue
                if isinstance(message, AudioStreamEnd):
                    microphone.end_of_stream()
                await self._inbox.put(message)

    def _parse(self, frame: str | bytes) -> tuple[client_frames.ClientMessage, ...]:
        try:
            return client_frames.parse(frame)
        except client_frames.NoObject:
            self._service.report(NO_OBJECT)
            raise

    async def _talk(
        self, conversation: Conversation, recogniser: Recogniser, check: ClientCheck
    ) -> None:
        """Let the conversation take what comes, when it comes, and do what it asks for."""
        conversation.open(self._now_s())
        while True:
            await self._perform(conversation, recogniser, check)
            due_s = (conversation.due_s, self._strikes.due_s, self._outlet.due_s)
            inbound = await self._next_inbound(
                min((at_s for at_s in due_s if at_s is not None), default=None)
            )
            if inbound is None:
                conversation.advance(self._now_s())
            else:
                self._take(conversation, inbound)
            await self._outlet.advance(self._now_s())
            await self._strike_due(conversation)

    async def _perform(
        self, conversation: Conversation, recogniser: Recogniser, check: ClientCheck
    ) -> None:
        while effects := conversation.effects():
            for effect in effects:
                if isinstance(effect, Send):
                    check.sent(effect.frame, self._now_s())
                    await self._outlet.send(effect.frame, self._now_s())
                elif isinstance(effect, Called):
                    check.called(effect.calls)
                elif isinstance(effect, VoiceText):
                    self._texts.put_nowait(effect)
                elif isinstance(effect, Reached):
                    self._strikes.reach(
                        effect.moment, self._now_s(), begins_turn=effect.begins_turn
                    )
                    await self._strike_due(conversation)
                else:
                    recogniser.add(effect)

    async def _strike_due(self, conversation: Conversation) -> None:
        now_s = self._now_s()
        for fault in self._strikes.due(now_s):
            if fault.kind in OF_CONVERSATION:
                conversation.strike(fault, now_s)
            else:
                await self._strike(fault)

    async def _strike(self, fault: Fault) -> None:
        if fault.kind is Kind.EXPIRE_HANDLES:
            self._sessions.expire(as_invalid=fault.reason is not None)
        else:
            await self._outlet.strike(fault, self._now_s())

    async def _next_inbound(self, due_s: float | None) -> Inbound | None:
        """The next of the inbox; None if `due_s` comes first."""
        at = None if due_s is None else due_s / self._speed
        try:
            async with asyncio.timeout_at(at):
                return await self._inbox.get()
        except TimeoutError:
            return None

    def _take(self, conversation: Conversation, inbound: Inbound) -> None:
        now_s = self._now_s()
        match inbound:
            case Sound(pcm=pcm, probabilities=probabilities):
                conversation.hear(pcm, probabilities, now_s)
            case Guess(words=words):
                conversation.guessed(words)
            case Heard(words=words, duration_s=duration_s):
                conversation.heard(words, duration_s, now_s)
            case Voiced(number=number, speech=speech):
                conversation.voiced(number, speech, now_s)
            case _:
                conversation.receive(inbound, now_s)

    async def _voice_texts(self, setup: Setup) -> None:
        """Have the latest wanted text spoken in a worker thread; earlier turns were interrupted."""
        while True:
            wanted = await self._texts.get()
            while not self._texts.empty():
                wanted = self._texts.get_nowait()
            speech = await asyncio.to_thread(
                self._service.senses.say, wanted.text, setup.voice_name, setup.language
            )
            await self._inbox.put(Voiced(wanted.number, speech))

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time() * self._speed


def _first(group: BaseExceptionGroup[Refusal]) -> Refusal:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner
