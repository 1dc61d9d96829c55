"""A recording through a Live session: sound up at a pace, words down until the last has come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from voicecli.audio.pcm import MIC_RATE_HZ, duration_s
from voicecli.errors import NetworkError, PartlyDoneError, VoicecliError
from voicecli.live import events as ev
from voicecli.live.items import Item, Signal, Sound
from voicecli.transcribe.ending import Ending
from voicecli.transcribe.pacing import Pacer
from voicecli.transcribe.source import BLOCK_BYTES, Warn
from voicecli.transcribe.transcript import Transcript, last_words

# The service ends a session about here (ai.google.dev/gemini-api/docs/live, session duration).
SESSION_LIMIT_S = 600.0

# To a voice activity detector, speech without a second of silence behind it has not ended.
TRAILING_SILENCE = (bytes(BLOCK_BYTES),) * 10

# The service expects a microphone. The built-in server makes a client wait when it falls behind: at
# 8 times real time, on a busy machine too, it heard the same words as at 1.
REMOTE_SPEED = 1.0
LOCAL_SPEED = 4.0


class SpeechService(Protocol):
    """What is needed of a live session; `voicecli.live.session.LiveSession` is one."""

    def events(self) -> AsyncIterator[ev.LiveEvent]:
        """Everything that the service says; raises VoicecliError when it is lost for good."""

    async def send(self, item: Item) -> None:
        """Send sound, or say that no more comes."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of the recording is sent, and the newest words, certain or not."""

    sent_s: float
    last_words: str


class LiveEngine:
    """One recording through one session; `transcript` holds the words at every moment."""

    def __init__(
        self,
        service: SpeechService,
        *,
        speed: float,
        on_progress: Callable[[Progress], None],
        warn: Warn,
    ) -> None:
        """`speed` is in times of real time; the two callbacks must return at once."""
        self.transcript = Transcript()
        self.sent_s = 0.0
        self._service = service
        self._pacer = Pacer(speed)
        self._ending = Ending()
        self._on_progress = on_progress
        self._warn = warn
        self._connected = asyncio.Event()
        self._changed = asyncio.Event()
        self._lost_at_s: float | None = None
        self._sound_ended = False
        self._over = False

    async def run(self, blocks: Iterable[bytes]) -> None:
        """Transcribe `blocks` to the last word.

        Raises what the session raises, or PartlyDoneError if there are words by then, and if a
        connection was lost on the way. When it is cancelled or fails, a guess at the last words
        counts as words.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                reader = tasks.create_task(self._read())
                await self._send(blocks)
                await self._settle()
                reader.cancel()
        except asyncio.CancelledError:
            self.transcript.keep_guess()
            raise
        except ExceptionGroup as group:
            self.transcript.keep_guess()
            cause = group.exceptions[0]
            if isinstance(cause, VoicecliError) and self.transcript.utterances:
                raise self._partly_done(cause) from cause
            raise cause from None
        if self._lost_at_s is not None:
            raise PartlyDoneError(
                "some words may be missing",
                why=f"the connection was lost at {clock(self._lost_at_s)} of the recording",
                hint="cut the recording into parts of less than ten minutes at pauses",
            )

    async def _send(self, blocks: Iterable[bytes]) -> None:
        for block in blocks:
            await self._send_block(block, self.sent_s)
            self.sent_s += duration_s(block, MIC_RATE_HZ)
            self._report()
        for index, block in enumerate(TRAILING_SILENCE):
            await self._send_block(block, self.sent_s + index * duration_s(block, MIC_RATE_HZ))
        await self._service.send(Signal.AUDIO_STREAM_END)
        self._sound_ended = True
        self._ending.sound_ended(_now_s())

    async def _send_block(self, block: bytes, position_s: float) -> None:
        await asyncio.sleep(self._pacer.delay_s(position_s, _now_s()))
        await self._connected.wait()
        await self._service.send(Sound(block))

    async def _settle(self) -> None:
        while not self._over and (wait_s := self._ending.wait_s(_now_s())) > 0:
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()

    async def _read(self) -> None:
        async for event in self._service.events():
            self._hear(event)
        if not self._sound_ended:
            raise NetworkError("the service ended the session before the recording was over")
        self._over = True
        self._changed.set()

    def _hear(self, event: ev.LiveEvent) -> None:
        if isinstance(event, ev.Connected):
            self._connected.set()
        elif isinstance(event, ev.Reconnecting):
            self._lost()
        self.transcript.hear(event)
        self._ending.hear(event, _now_s())
        self._changed.set()
        if isinstance(event, ev.UserSpeech):
            self._report()

    def _lost(self) -> None:
        """A connection is gone, and with it what it had not answered yet."""
        self._connected.clear()
        if self._sound_ended:
            # A service that has sent the last words may well hang up; a new connection has none.
            self._over = True
            if self._ending.words_since_end:
                return
        if self._lost_at_s is None:
            self._warn(f"the connection was lost at {clock(self.sent_s)}; words may be missing")
            self._lost_at_s = self.sent_s

    def _report(self) -> None:
        words = last_words(self.transcript.utterances, self.transcript.guess)
        self._on_progress(Progress(self.sent_s, words))

    def _partly_done(self, cause: VoicecliError) -> PartlyDoneError:
        where = "the end" if self._sound_ended else clock(self.sent_s)
        return PartlyDoneError(
            f"the session broke off near {where} of the recording; words after that are missing",
            why=str(cause),
            hint=cause.hint,
        )


def session_limit_warning(recording_s: float, *, local: bool) -> str:
    """What to tell the user before a recording that outlasts a session; empty for the others."""
    if local or recording_s <= SESSION_LIMIT_S:
        return ""
    return (
        f"the recording lasts {clock(recording_s)} and the service ends a session after about"
        f" {clock(SESSION_LIMIT_S)}: words from there on may be missing"
    )


def clock(seconds: float) -> str:
    """Seconds as M:SS, or H:MM:SS from an hour on."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def _now_s() -> float:
    return asyncio.get_running_loop().time()
