"""One client's connection: the socket, the clock and the worker threads around a `Conversation`."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from voicecli.local import client_frames, server_frames
from voicecli.local.client_frames import Audio, AudioStreamEnd, ClientMessage, SetupRequest
from voicecli.local.conversation import Conversation
from voicecli.local.effects import Send, VoiceText
from voicecli.local.hearing import Microphone, Recogniser
from voicecli.local.memory import Memory, Sessions
from voicecli.local.refusal import DEADLINE, INTERNAL, INVALID_KEY, Refusal
from voicecli.local.routes import Route
from voicecli.local.script import Script
from voicecli.local.setup_check import Setup, check_setup
from voicecli.local.voice import Speech

# Messages that may wait to be handled before the client is made to wait.
INBOX_SIZE = 64
# SDKs send their setup at once; a connection that brings none is somebody's mistake.
SETUP_TIMEOUT_S = 30.0

# voiced in a worker thread: text, voice name, language
Say = Callable[[str, str, str], Speech]


@dataclass(frozen=True, slots=True)
class Sound:
    """16 kHz sound with the probability of speech in each window that it completes."""

    pcm: bytes = field(repr=False)
    probabilities: list[float]


@dataclass(frozen=True, slots=True)
class Guess:
    words: str


@dataclass(frozen=True, slots=True)
class Heard:
    words: str | None
    duration_s: float


@dataclass(frozen=True, slots=True)
class Voiced:
    number: int
    speech: Speech


Inbound = ClientMessage | Sound | Guess | Heard | Voiced


class Connection:
    """Serves one client until it leaves, or is refused. `speed` is that of the playback's clock."""

    def __init__(
        self,
        socket: ServerConnection,
        route: Route,
        script: Script,
        sessions: Sessions,
        *,
        say: Say,
        speed: float,
    ) -> None:
        self._socket = socket
        self._route = route
        self._script = script
        self._sessions = sessions
        self._say = say
        self._speed = speed
        self._texts: asyncio.Queue[VoiceText] = asyncio.Queue()
        self._inbox: asyncio.Queue[Inbound] = asyncio.Queue(INBOX_SIZE)

    async def serve(self) -> None:
        """Hold the conversation. A refusal closes the socket with its code and reason."""
        try:
            setup = await self._set_up()
            memory = self._memory_for(setup)
            try:
                await self._converse(setup, memory)
            finally:
                memory.ended_s = self._now_s()
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
            raise Refusal("setup must be the first message and only the first")
        return check_setup(messages[0].fields, self._route.api_version)

    def _memory_for(self, setup: Setup) -> Memory:
        name = setup.model.name
        if not setup.handle:
            return Memory(name)
        return self._sessions.resume(setup.handle, name, self._now_s())

    async def _converse(self, setup: Setup, memory: Memory) -> None:
        conversation = Conversation(
            setup,
            self._script,
            memory,
            new_call_id=lambda: f"fc_{random.randrange(10**18, 10**19)}",  # noqa: S311 - no secret
            new_handle=lambda: self._sessions.new_handle(memory),
        )
        recogniser = Recogniser(
            lambda words: self._inbox.put(Guess(words)),
            lambda words, duration_s: self._inbox.put(Heard(words, duration_s)),
            guesses=setup.model.transcribes,
        )
        detects = setup.detection is not None
        async with asyncio.TaskGroup() as tasks:
            helpers = [
                tasks.create_task(recogniser.run()),
                tasks.create_task(self._voice_texts(setup)),
                tasks.create_task(self._talk(conversation, recogniser)),
            ]
            # Sound that is still to be judged is of no use to a client that has left.
            ends = [
                tasks.create_task(self._read(Microphone(detects=detects), recogniser)),
                tasks.create_task(self._socket.wait_closed()),
            ]
            try:
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (*helpers, *ends):
                    task.cancel()

    async def _read(self, microphone: Microphone, recogniser: Recogniser) -> None:
        """Put what the client sends into the inbox, in order, until it leaves."""
        async for frame in self._socket:
            for message in client_frames.parse(frame):
                if isinstance(message, Audio):
                    await recogniser.expect_sound()
                    async for pcm, probabilities in microphone.pieces(message):
                        await self._inbox.put(Sound(pcm, probabilities))
                    continue
                if isinstance(message, AudioStreamEnd):
                    microphone.end_of_stream()
                await self._inbox.put(message)

    async def _talk(self, conversation: Conversation, recogniser: Recogniser) -> None:
        """Let the conversation take what comes, when it comes, and do what it asks for."""
        conversation.open()
        while True:
            for effect in conversation.effects():
                if isinstance(effect, Send):
                    await self._socket.send(server_frames.encode(effect.frame))
                elif isinstance(effect, VoiceText):
                    self._texts.put_nowait(effect)
                else:
                    recogniser.add(effect)
            inbound = await self._next_inbound(conversation.due_s)
            if inbound is None:
                conversation.advance(self._now_s())
            else:
                self._take(conversation, inbound)

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
                self._say, wanted.text, setup.voice_name, setup.language
            )
            await self._inbox.put(Voiced(wanted.number, speech))

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time() * self._speed


def _first(group: BaseExceptionGroup[Refusal]) -> Refusal:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner
