"""What a conversation is made of, and how it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol

from voicecli.audio.listener import Heard
from voicecli.audio.microphone import Microphone
from voicecli.audio.sound_system import SoundSystem
from voicecli.audio.speaker import Speaker
from voicecli.errors import ExitCode
from voicecli.live.session import LiveSession
from voicecli.live.setup import Setup
from voicecli.talk.events import Echo
from voicecli.talk.limits import Limits
from voicecli.talk.recorder import Recorder
from voicecli.talk.script import Cue
from voicecli.talk.view import View
from voicecli.talk.voice_file import VoiceFile
from voicecli.tools.toolbox import Toolbox


class Ear(Protocol):
    """What decides which sound goes up: `voicecli.audio.listener.Listener` and its like."""

    def hear(self, frame: bytes, played: bytes, *, speaking: bool, now_s: float) -> Heard:
        """Take in a frame of the microphone and what the speaker played since the last one."""

    def interrupted(self, now_s: float) -> None:
        """The service has cut off its reply for the user's voice."""

    def mute(self, muted: bool) -> None:
        """Send nothing, but notice speech."""


@dataclass(frozen=True, slots=True)
class Listening:
    """How the microphone is listened to; `why` the echo is not cancelled, with what helps."""

    ear: Ear
    echo: Echo
    why: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class SoundInput:
    """A microphone and, once it is loaded, what listens to it.

    `load` blocks for some tenths of a second.
    """

    microphone: Microphone
    load: Callable[[], Listening]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a conversation is held with; a `script` speaks in place of the microphone.

    `can_ask` if a view puts questions to a person (`ToolAsked`). `servers` bring further functions
    into `tools`: entered before the session begins, left when it is over.
    """

    session: LiveSession
    setup: Setup
    local: bool
    sounds: SoundSystem
    speaker: Speaker
    tools: Toolbox
    views: Sequence[View]
    sound_input: SoundInput | None = None
    wanted_output: str | None = None
    wanted_input: str | None = None
    script: AsyncIterator[Cue] | None = None
    voice_file: VoiceFile | None = None
    recorder: Recorder | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()
    limits: Limits = field(default_factory=Limits)
    can_ask: bool = False
    servers: AbstractAsyncContextManager[object] = field(default_factory=nullcontext)

    @property
    def microphone(self) -> Microphone | None:
        """The microphone; None without one."""
        return None if self.sound_input is None else self.sound_input.microphone


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a conversation is over."""

    reason: str
    exit_code: ExitCode = ExitCode.DONE
