"""The user's voice on its way to the service: cleaned, gated, muted, or talked by the tap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from voicecli.audio.microphone import FRAME_BYTES, Microphone
from voicecli.live.items import Item, Signal, Sound
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

# Between two words there are shorter silences.
QUIET_AFTER_S = 0.5


class Wire(Protocol):
    """What the sound goes up through: `voicecli.live.session.LiveSession`."""

    def queue(self, item: Item) -> None:
        """Send `item` as soon as may be, in order."""


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
        self._batch: list[Sound] = []
        self._muted_s: float | None = None
        self._stream_ended = False
        self._told_muted = False
        self._ducked = False
        self._talking = False
        self._speech = False
        self._loud_s: float | None = None
        self._frames_at_once = 1

    @property
    def muted(self) -> bool:
        """Whether the user has closed the microphone."""
        return self._muted_s is not None

    @property
    def speech(self) -> bool:
        """Whether the user seems to speak now."""
        return self._talking or (self._speech and not self.muted)

    @property
    def quiet(self) -> bool:
        """Whether nobody has said anything for a moment that the service could hear."""
        since_s = self._loud_s
        return since_s is None or self._stage.now_s() - since_s >= QUIET_AFTER_S

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
        self._signal(Signal.ACTIVITY_START if self._talking else Signal.ACTIVITY_END)
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

    def _take(self, frame: bytes, ear: Ear) -> None:
        speaker, now_s = self._stage.parts.speaker, self._stage.now_s()
        # With push-to-talk the tap decides what goes up, not the gate.
        speaking = not self._by_tap and self._stage.voice.sounding
        self._frames_at_once = FRAMES_AT_ONCE_OVER_MODEL if speaking else 1
        heard = ear.hear(frame, speaker.take_played(), speaking=speaking, now_s=now_s)
        self._speech = heard.speech
        if self._talking or not self._by_tap:
            self._post(heard.send, loud=heard.loud, now_s=now_s)
        if heard.duck != self._ducked:
            speaker.duck(heard.duck)
            self._tell_ducked(heard.duck)
        if self._muted_s is not None:
            self._while_muted(now_s, self._muted_s)

    def _while_muted(self, now_s: float, muted_s: float) -> None:
        if not self._stream_ended:
            # Without either the service waits for the rest of a sentence that will not come.
            self._stream_ended = now_s - muted_s >= self._stream_end_after_s()
            if self._stream_ended:
                self._signal(Signal.AUDIO_STREAM_END)
            else:
                self._post((SILENT_FRAME,), loud=False, now_s=now_s)
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

    def _post(self, frames: tuple[bytes, ...], *, loud: bool, now_s: float) -> None:
        if loud:
            self._loud_s = now_s
        if self._stage.closing:
            return
        self._batch += [Sound(frame, loud) for frame in frames]
        if len(self._batch) >= self._frames_at_once:
            self._send_batch()

    def _signal(self, signal: Signal) -> None:
        if self._stage.closing:
            return
        self._send_batch()
        self._wire.queue(signal)

    def _send_batch(self) -> None:
        batch, self._batch = self._batch, []
        for sound in batch:
            self._wire.queue(sound)
        self._stage.sent(b"".join(sound.pcm for sound in batch))
