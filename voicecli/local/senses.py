"""What the server hears and speaks with; tests bring senses of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from voicecli.local.ears import open_ears
from voicecli.local.vad import SpeechProbability
from voicecli.local.voice import Speech, Voice

# Called in a worker thread: text, voice name, language.
Say = Callable[[str, str, str], Speech]


class Listener(Protocol):
    """What is needed of a recogniser; `voicecli.local.ears.Ears` is one."""

    def start(self) -> None: ...
    def feed(self, pcm: bytes) -> None: ...
    def guess(self) -> str: ...
    def finish(self) -> str: ...


class ActivityDetector(Protocol):
    """Judges 16 kHz sound in windows of 32 ms; `voicecli.local.vad.SpeechProbability` does."""

    def feed(self, pcm: bytes) -> list[float]: ...
    def reset(self) -> None: ...


class Speaker:
    """The voice of all connections, made when the first one speaks. For worker threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._voice: Voice | None = None

    def say(self, text: str, voice_name: str, language: str) -> Speech:
        with self._lock:
            if self._voice is None:
                self._voice = Voice()
            voice = self._voice
        return voice.say(text, voice_name=voice_name, language=language)


@dataclass(frozen=True, slots=True)
class Senses:
    """Makes a detector and a recogniser for each connection (None: without), and speaks for all."""

    open_detector: Callable[[], ActivityDetector] = SpeechProbability
    open_listener: Callable[[], Listener | None] = open_ears
    say: Say = field(default_factory=lambda: Speaker().say)
