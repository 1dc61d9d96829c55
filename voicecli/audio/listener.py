"""What of the microphone's sound goes to the service, and what the user's voice does to playback.

Pure in time. A frame of 10 ms goes in; what is to be sent, and whether to duck, comes out.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Protocol

from voicecli.audio.barge_in import BargeIn, Floor
from voicecli.audio.double_talk import DoubleTalk
from voicecli.audio.echo_canceller import FRAME_MS, NEAR_BYTES
from voicecli.audio.echo_gate import EchoGate, Loudness
from voicecli.audio.echo_path import LONGEST_LAG_MS
from voicecli.audio.echo_reference import SILENCE, EchoReference
from voicecli.audio.speech_detector import Judge, SpeechDetector

# What was said before it was known to be speech goes out with it: the service hears whole words.
PRE_ROLL_FRAMES = 300 // FRAME_MS
# What a canceller swallows of a voice before it is found out, and its first sound.
SWALLOWED_FRAMES = 150 // FRAME_MS
# No echo comes later after the last sound than this.
ECHO_OVER_FRAMES = LONGEST_LAG_MS // FRAME_MS
# After so long a silence of the loudspeaker the canceller rests.
REST_FRAMES = 1_000 // FRAME_MS
# As much speech while muted means that the user is not aware of it: a cough is shorter.
UNAWARE_MS = 300

SILENT_FRAME = bytes(NEAR_BYTES)


class Canceller(Protocol):
    """What takes the echo out: see `echo_canceller`."""

    def cancel(self, near: bytes, far: bytes) -> bytes:
        """10 ms at 16 kHz without the echo of 10 ms at 24 kHz."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What follows from one frame of the microphone."""

    send: tuple[bytes, ...]
    """Frames of 10 ms to send now: one as a rule, more where a voice was held back."""
    duck: bool
    """Whether the playback is to be down."""
    speech: bool
    """Whether the user is known to speak: over the model, or while muted."""
    loud: bool
    """Whether what is to be sent stands out of the room's noise: else nobody speaks in it."""


@dataclass(frozen=True, slots=True)
class _Sound:
    """10 ms of the microphone, as they came and as they are to be heard."""

    frame: bytes
    clean: bytes
    loudness: Loudness
    over: bool
    """Whether it is louder than the echo by so much that nothing needs to be taken out."""


class Listener:
    """Hears one frame after the other, in the order and at the pace of the microphone.

    With a `canceller` the user can interrupt by speaking, unless `barge_in` is off. Without one
    the gate is closed while the model is heard (half duplex). `gated=False` is for headphones: all
    goes out as it is. `judge` tells speech: see `load_judge`.
    """

    def __init__(
        self,
        canceller: Canceller | None,
        judge: Judge,
        *,
        gated: bool = True,
        barge_in: bool = True,
    ) -> None:
        self._canceller = canceller
        self._gated = gated
        self._barges = gated and barge_in and canceller is not None
        self._detector = SpeechDetector(judge)
        self._reference = EchoReference()
        self._gate = EchoGate()
        self._double_talk = DoubleTalk()
        self._floor = BargeIn()
        self._held_back: deque[_Sound] = deque(maxlen=PRE_ROLL_FRAMES)
        self._muted = False
        self._silent_frames = REST_FRAMES  # for how long nothing has been played
        self._as_it_is = True  # the microphone goes past the canceller

    def hear(self, frame: bytes, played: bytes, *, speaking: bool, now_s: float) -> Heard:
        """Take in 10 ms of the microphone, and all that was played since the last call.

        `frame` is 16 kHz, `played` 24 kHz, both 16-bit mono. `speaking` says that the model's
        sound is heard, or is about to be. Raises ValueError for a frame of another length.
        """
        if len(frame) != NEAR_BYTES:
            raise ValueError(f"a frame has {NEAR_BYTES} bytes, not {len(frame)}")
        sound = self._sound(frame, played)
        speaking = speaking and self._gated
        if self._muted:
            self._floor.step(now_s, speaking=speaking)
            return Heard((), duck=False, speech=self._unaware(sound), loud=False)
        was_open = self._floor.open
        voice = self._voice_begins(sound)
        self._floor.step(
            now_s,
            speaking=speaking,
            voice=voice,
            doubtful=self._barges and sound.loudness is not Loudness.QUIET,
            talking=self._detector.speaking,
        )
        return Heard(
            self._outgoing(sound, was_open=was_open, voice=voice),
            duck=self._floor.ducked(now_s),
            speech=self._detector.speaking,
            loud=self._floor.open and sound.loudness is not Loudness.QUIET,
        )

    def interrupted(self, now_s: float) -> None:
        """The service said `interrupted`: the gate stays open, and the playback is flushed."""
        self._floor.interrupted(now_s)

    def mute(self, muted: bool) -> None:
        """While muted nothing is to be sent, now or later, but speech is still detected."""
        self._muted = muted
        self._held_back.clear()
        self._detector.forget()

    def _sound(self, frame: bytes, played: bytes) -> _Sound:
        self._reference.push(played)
        far = self._reference.pull()
        self._silent_frames = 0 if far != SILENCE else self._silent_frames + 1
        clean = self._cancelled(frame, far)
        loudness = self._gate.hear(frame, far, clean)
        clean = self._undelayed(frame, clean, loudness)
        if self._barges and not self._gate.echo_free and self._double_talk.hear(frame, far):
            return _Sound(frame, frame, Loudness.BEYOND, over=True)
        return _Sound(frame, clean, loudness, over=False)

    def _cancelled(self, frame: bytes, far: bytes) -> bytes:
        resting = self._as_it_is and self._silent_frames >= REST_FRAMES
        if self._canceller is None or self._gate.echo_free or resting:
            return frame
        return self._canceller.cancel(frame, far)

    def _undelayed(self, frame: bytes, clean: bytes, loudness: Loudness) -> bytes:
        """The frame as it is while there is no echo in it: the canceller is 18 ms late.

        It is not gone back to in the middle of a word, which would lose so much of it.
        """
        if self._silent_frames < ECHO_OVER_FRAMES:
            self._as_it_is = False
        elif loudness is Loudness.QUIET:
            self._as_it_is = True
        return frame if self._as_it_is else clean

    def _voice_begins(self, sound: _Sound) -> bool:
        """Whether the user begins to speak over the model."""
        if not self._barges or self._floor.floor not in (Floor.GUARDING, Floor.TALKING_OVER):
            self._detector.forget()
            return False
        return self._accepts(sound)

    def _unaware(self, sound: _Sound) -> bool:
        """Whether the user has been speaking for a while, and is not heard."""
        if self._canceller is None and not self._floor.open:
            self._detector.forget()  # it is the model's own voice that is heard
            return False
        self._accepts(sound)
        return self._detector.speaking and self._detector.spoken_ms >= UNAWARE_MS

    def _accepts(self, sound: _Sound) -> bool:
        """Whether a voice begins, and is not an echo."""
        if not self._detector.hear(sound.clean, sound.loudness) or self._detector.speaking:
            return False
        if not sound.over and self._gate.is_echo():
            self._detector.forget()
            return False
        self._detector.accept()
        return True

    def _outgoing(self, sound: _Sound, *, was_open: bool, voice: bool) -> tuple[bytes, ...]:
        if not self._floor.open:
            self._held_back.append(sound)
            return (SILENT_FRAME,)
        held_back = list(self._held_back) if voice and not was_open else []
        self._held_back.clear()
        swallowed = SWALLOWED_FRAMES if sound.over else 0
        whole = len(held_back) - swallowed
        return (
            *(held.clean for held in held_back[: max(0, whole)]),
            *(held.frame for held in held_back[max(0, whole) :]),
            sound.clean,
        )
