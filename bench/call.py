"""One client's conversation with the benchmark's server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from bench.arrivals import Arrival
from bench.signals import MIC_RATE_HZ, RATE_HZ, Samples
from bench.uplink import Uplink
from voicecli.local import client_frames, server_frames
from voicecli.local.client_frames import Audio
from voicecli.local.hearing import Microphone
from voicecli.local.refusal import Refusal
from voicecli.local.turn_taking import DEFAULT_DETECTION, SpeechEnded, SpeechStarted, VoiceDetector

# The real service holds a turn's end back until it thinks that the playback has ended.
TURN_END_S = 0.3
USAGE: server_frames.Frame = {"totalTokenCount": 1}


@dataclass
class Reply:
    """A reply on its way; the times are those at which its first and last piece were sent."""

    duration_s: float
    first_sent_s: float = 0.0
    last_sent_s: float = 0.0
    interrupted_s: float | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class SpeechHeard:
    """The voice activity detection noticed at `at_s` that somebody speaks, or no longer does."""

    at_s: float
    speaking: bool


class Call:
    """`uplink` is what the client sent; `speech` what voice activity made of it, if it listens."""

    def __init__(self, socket: ServerConnection, setup_s: float) -> None:
        self.setup_s = setup_s
        self.uplink = Uplink()
        self.speech: list[SpeechHeard] = []
        # Voice activity costs CPU, so that it runs only where it decides something.
        self.listens = False
        self.interrupts = True
        self._socket = socket
        self._heard: asyncio.Queue[Audio] = asyncio.Queue()
        self._reply: Reply | None = None
        self._saying: asyncio.Task[None] | None = None
        self._left = False

    async def serve(self) -> None:
        """Until the client leaves."""
        await self._send(server_frames.setup_complete())
        listening = asyncio.create_task(self._listen())
        try:
            async for frame in self._socket:
                now_s = time.monotonic()
                try:
                    messages = client_frames.parse(frame)
                except Refusal:
                    continue  # a field that this server does not know
                for audio in messages:
                    if isinstance(audio, Audio):
                        assert audio.rate_hz == MIC_RATE_HZ, "the Live API takes 16 kHz"
                        self.uplink.add(audio.pcm, now_s)
                        if self.listens:
                            self._heard.put_nowait(audio)
        finally:
            self._left = True
            listening.cancel()
            if self._saying is not None:
                self._saying.cancel()

    async def say(self, pcm: Samples, pieces: Sequence[Arrival]) -> Reply:
        """Begin a reply once an earlier one is over; returns when its first piece was sent.

        Raises RuntimeError if the client has left.
        """
        if self._reply is not None:
            await self._reply.over.wait()
        reply = self._reply = Reply(len(pcm) / RATE_HZ)
        frames = [
            server_frames.encode(server_frames.sound(pcm[p.start : p.end].tobytes()))
            for p in pieces
        ]
        begun = asyncio.Event()
        self._saying = asyncio.create_task(self._say(reply, frames, pieces, begun))
        await begun.wait()
        if self._left:
            raise RuntimeError("the client left the conversation")
        return reply

    async def interrupt(self) -> float:
        reply, saying = self._reply, self._saying
        assert reply is not None
        assert saying is not None
        saying.cancel()
        now_s = time.monotonic()
        reply.interrupted_s = now_s
        await self._send(server_frames.interrupted())
        await self._send(server_frames.turn_complete(USAGE))
        return now_s

    async def _say(
        self, reply: Reply, frames: list[str], pieces: Sequence[Arrival], begun: asyncio.Event
    ) -> None:
        loop = asyncio.get_running_loop()
        start_s = loop.time()
        try:
            for frame, piece in zip(frames, pieces, strict=True):
                await asyncio.sleep(start_s + piece.at_s - loop.time())
                reply.last_sent_s = time.monotonic()
                reply.first_sent_s = reply.first_sent_s or reply.last_sent_s
                await self._socket.send(frame)
                begun.set()
            await self._send(server_frames.generation_complete())
            end_s = max(reply.first_sent_s + reply.duration_s, reply.last_sent_s) + TURN_END_S
            await asyncio.sleep(end_s - time.monotonic())
            await self._send(server_frames.turn_complete(USAGE))
        except ConnectionClosed:
            self._left = True
        finally:
            begun.set()
            reply.over.set()

    async def _listen(self) -> None:
        """Voice activity as the local server detects it, with Google's high sensitivities."""
        microphone, detector = Microphone(detects=True), VoiceDetector(DEFAULT_DETECTION)
        while True:
            audio = await self._heard.get()
            async for pcm, probabilities in microphone.pieces(audio):
                for activity in detector.hear(pcm, probabilities):
                    if isinstance(activity, SpeechStarted):
                        await self._speech_started()
                    elif isinstance(activity, SpeechEnded):
                        self.speech.append(SpeechHeard(time.monotonic(), speaking=False))

    async def _speech_started(self) -> None:
        self.speech.append(SpeechHeard(time.monotonic(), speaking=True))
        reply = self._reply
        if self.interrupts and reply is not None and not reply.over.is_set():
            await self.interrupt()

    async def _send(self, frame: server_frames.Frame) -> None:
        await self._socket.send(server_frames.encode(frame))
