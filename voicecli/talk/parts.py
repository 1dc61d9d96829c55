"""What a conversation is made of, and how it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from voicecli.audio.microphone import Microphone
from voicecli.audio.speaker import Speaker
from voicecli.errors import ExitCode
from voicecli.live.session import LiveSession
from voicecli.live.setup import Setup
from voicecli.talk.script import Cue
from voicecli.talk.view import View
from voicecli.talk.voice_file import VoiceFile
from voicecli.tools.runner import ToolRunner


@dataclass(frozen=True, slots=True)
class Parts:
    """What a conversation is held with; a `script` speaks in place of the microphone."""

    session: LiveSession
    setup: Setup
    local: bool
    speaker: Speaker
    microphone: Microphone | None
    tools: ToolRunner
    views: Sequence[View]
    script: AsyncIterator[Cue] | None = None
    voice_file: VoiceFile | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a conversation is over."""

    reason: str
    exit_code: ExitCode = ExitCode.DONE
