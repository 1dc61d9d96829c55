"""The user's voice on its way to the service: cleaned, gated, muted, or talked by the tap."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import Protocol

from voicecli.audio.microphone import FRAME_BYTES, Microphone
from voicecli.live.patience import end_of_speech
from voicecli.talk import events as talk
from voicecli.talk.parts import Ear
from voicecli.talk.stage import Stage

# A tap on the mute key to cough is no end of a sentence.
STREAM_END_AFTER_S = 1.0
# By then the service has heard the silence that ends a turn: gemini-3.8-live was reported to need
# it, and not to heed audio_stream_end (openclaw/openclaw#152830).
BEYOND_SILENCE_S = 0.5
SILENT_FRAME = bytes(FRAME_BYTES)

# While the model is heard, frames go up by the handful: the playback is down already when the user
# speaks over it, and a message costs as much as all the listening to its sound.
FRAMES_AT_ONCE_OVER_MODEL = 6

# What a socket that takes nothing may hold up before the oldest is dropped: as much as the
# microphone keeps for a reader that is late.
OUTBOX_FRAMES = 200


class _Mark(Enum):
    """What goes up between the frames, in order with them."""

    STREAM_END = "audio_stream_end"
    ACTIVITY_START = "activity_start"
    ACTIVITY_END = "activity_end"


class Wire(Protocol):
    """What the sound goes up through: `voicecli.live.session.LiveSession`."""

    async def send_audio(self, pcm: bytes) -> None:
        """16 kHz 16-bit mono PCM of any length."""

    async def send_audio_stream_end(self) -> None:
        """No more sound comes for a while."""

    async def send_activity_start(self) -> None:
        """The user begins to talk."""

    async def send_activity_end(self) -> None:
        """The user has said it all."""


class Uplink:
    """Listens to the microphone, and decides with the ear what of it goes up."""

    def __init__(
        self, stage: Stage, microphone: Microphone, wire: Wire, heard: Callable[[bytes], None]
    ) -> None:
        """`heard` is given every frame as it came from the device."""
        self._stage = stage
        self._microphone = microphone
        self._wire = wire
        self._heard = heard
        self._by_tap = stage.parts.setup.push_to_talk
        self._ear: Ear | None = None
        self._outbox: deque[bytes | _Mark] = deque()
        self._posted = asyncio.Event()
        self._muted_s: float | None = None
        self._stream_ended = False
        self._told_muted = False
        self._ducked = False
        self._talking = False
        self._speech = False
        self._frames_at_once = 1

    @property
    def muted(self) -> bool:
        """Whether the user has closed the microphone."""
        return self._muted_s is not None

    @property
    def speech(self) -> bool:
        """Whether the user seems to speak now."""
        return self._talking or (self._speech and not self.muted)

    def toggle_mute(self) -> None:
        """Close or open the microphone; with push-to-talk it is closed between taps anyway."""
        if self._by_tap:
            return
        now_s = self._stage.now_s()
        self._muted_s = None if self.muted else now_s
        self._stream_ended = self._told_muted = False
        if self._ear is not None:
            self._ear.mute(self.muted)
        self._stage.emit(talk.MuteChanged(now_s, self.muted))

    def toggle_talking(self) -> None:
        """Begin to talk, which stops the voice, or send what was said."""
        if not self._by_tap:
            return
        self._talking = not self._talking
        if self._talking:
            self._stage.stop_voice()
        self._post(_Mark.ACTIVITY_START if self._talking else _Mark.ACTIVITY_END)
        self._stage.emit(talk.TalkingChanged(self._stage.now_s(), self._talking))

    def interrupted(self) -> None:
        """The service has cut off its reply for the user's voice."""
        if self._ear is not None:
            self._ear.interrupted(self._stage.now_s())
        self._tell_ducked(False)

    async def listen(self, ear: Ear) -> None:
        """Take in frames with `ear` until the microphone is closed."""
        self._ear = ear
        ear.mute(self.muted)
        async for frame in self._microphone.frames():
            self._heard(frame)
            self._take(frame, ear)

    async def send(self) -> None:
        """Send what is to go up, for ever; frames that wait together go together."""
        while True:
            await self._posted.wait()
            self._posted.clear()
            while self._outbox:
                frames = self._waiting_frames()
                if frames:
                    await self._wire.send_audio(frames)
                    self._stage.sent(frames)
                else:
                    await self._send_mark(self._outbox.popleft())

    def _take(self, frame: bytes, ear: Ear) -> None:
        speaker, now_s = self._stage.parts.speaker, self._stage.now_s()
        # With push-to-talk the tap decides what goes up, not the gate.
        speaking = not self._by_tap and self._stage.voice.sounding
        self._frames_at_once = FRAMES_AT_ONCE_OVER_MODEL if speaking else 1
        heard = ear.hear(frame, speaker.take_played(), speaking=speaking, now_s=now_s)
        self._speech = heard.speech
        if self._talking or not self._by_tap:
            self._post(*heard.send)
        if heard.duck != self._ducked:
            speaker.duck(heard.duck)
            self._tell_ducked(heard.duck)
        if self._muted_s is not None:
            self._while_muted(now_s, self._muted_s)

    def _while_muted(self, now_s: float, muted_s: float) -> None:
        if not self._stream_ended:
            # Without either the service waits for the rest of a sentence that will not come.
            self._stream_ended = now_s - muted_s >= self._stream_end_after_s()
            self._post(_Mark.STREAM_END if self._stream_ended else SILENT_FRAME)
        if self._speech and not self._told_muted:
            self._told_muted = True
            self._stage.emit(talk.Warned(now_s, "you are muted", "the key m opens the microphone"))

    def _stream_end_after_s(self) -> float:
        end = end_of_speech(self._stage.parts.session.setup.patience)
        silence_s = 0.0 if end is None else end.silence_duration_ms / 1000
        return max(STREAM_END_AFTER_S, silence_s + BEYOND_SILENCE_S)

    def _tell_ducked(self, ducked: bool) -> None:
        if ducked != self._ducked:
            self._ducked = ducked
            self._stage.emit(talk.Ducked(self._stage.now_s(), ducked))

    def _post(self, *items: bytes | _Mark) -> None:
        if not items:
            return
        self._outbox.extend(items)
        if len(self._outbox) >= self._frames_at_once or isinstance(items[-1], _Mark):
            self._posted.set()
        if len(self._outbox) > OUTBOX_FRAMES:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        frames = [at for at, item in enumerate(self._outbox) if isinstance(item, bytes)]
        for at in reversed(frames[: max(len(frames) - OUTBOX_FRAMES, 0)]):
            del self._outbox[at]

    def _waiting_frames(self) -> bytes:
        """The sound up to the next mark, taken out of the outbox."""
        frames = []
        while self._outbox and isinstance(self._outbox[0], bytes):
            frames.append(self._outbox[0])
            self._outbox.popleft()
        return b"".join(frames)

    async def _send_mark(self, mark: bytes | _Mark) -> None:
        match mark:
            case _Mark.STREAM_END:
                await self._wire.send_audio_stream_end()
            case _Mark.ACTIVITY_START:
                await self._wire.send_activity_start()
            case _Mark.ACTIVITY_END:
                await self._wire.send_activity_end()
