"""A client for tests of the pure conversation: virtual time, an instant voice, set words.

`Partner.frames` holds what a client would have received, `sent(kind)` picks from it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

from voicecli.local.client_frames import ClientMessage, TypedText
from voicecli.local.conversation import Conversation
from voicecli.local.effects import (
    Called,
    Listen,
    Reached,
    Send,
    StartListening,
    StopListening,
    VoiceText,
)
from voicecli.local.faults import Moment
from voicecli.local.json_fields import Fields
from voicecli.local.memory import Memory, Snapshot, empty_memory
from voicecli.local.script import Call, Code, PageRef, Reply, Script, SourceRef, Turn
from voicecli.local.setup_check import check_setup
from voicecli.local.tool_calls import MadeCall
from voicecli.local.turn_taking import WINDOW_BYTES
from voicecli.local.voice import Speech, SpokenWord

LIVE = "gemini-3.8-live"
REPLY_S = 4.0  # how long every reply plays
GENERATION_S = 1.0

SCRIPT = Script(
    turns=(
        Turn(("hello",), Reply(say="Hi.")),
        Turn(
            ("what time is it",),
            Reply(say="It is {result.time}.", calls=(Call("clock", {"tz": "UTC"}),)),
        ),
        Turn(("what time is it",), Reply(say="I have no clock.")),
        Turn(("give me a puzzle",), Reply(say="Seventy.", think="Ten times seven.")),
        Turn(
            ("how tall is the tower",),
            Reply(say="Tall.", search=("tower",), sources=(SourceRef("https://x", "X"),)),
        ),
        Turn(
            ("boil an egg",),
            Reply(say="Done: {result}.", calls=(Call("egg", {}, cancel_after_s=3.0),)),
        ),
        Turn(
            ("work it out from the page",),
            Reply(say="Forty-two.", code=Code("6 * 7"), urls=(PageRef("https://x"),)),
        ),
    )
)


def function(name: str, behavior: str) -> dict[str, object]:
    return {"functionDeclarations": [{"name": name, "behavior": behavior}]}


class Partner:
    """Talks with a conversation. `hears` are the words of the coming utterances, None for none."""

    def __init__(self, model: str = LIVE, memory: Memory | None = None, /, **setup: object) -> None:
        checked = check_setup(Fields({"model": model, **setup}), "v1alpha")
        self.memory = empty_memory(schedules=checked.model.scheduling) if memory is None else memory
        self.frames: list[dict[str, Any]] = []
        self.voiced: list[str] = []
        self.hears: list[str | None] = []
        self.now_s = 0.0
        self.instant_words = True
        self.unheard_s: list[float] = []
        self.listening = False
        ids = itertools.count(1)
        self.reached: list[Moment] = []
        self.made: list[MadeCall] = []
        self.snapshots: list[Snapshot] = []
        self.conversation = Conversation(
            checked,
            SCRIPT,
            self.memory,
            new_call_id=lambda: f"fc_{next(ids)}",
            new_handle=self._new_handle,
        )
        self.conversation.open(self.now_s)
        self.perform()

    def receive(self, message: ClientMessage) -> None:
        self.conversation.receive(message, self.now_s)
        self.perform()

    def type(self, text: str) -> None:
        self.receive(TypedText(text))

    def speak(self, marks: str) -> None:
        """A window of sound for each mark, `#` for speech."""
        for mark in marks:
            probability = 0.9 if mark == "#" else 0.0
            self.conversation.hear(bytes(WINDOW_BYTES), [probability], self.now_s)
            self.perform()

    def say(self, words: str | None) -> None:
        """A second of speech and what ends it."""
        self.hears.append(words)
        self.speak("." * 10 + "#" * 31 + "." * 16)

    def recognise(self) -> None:
        """The words of the oldest utterance come, where `instant_words` is off."""
        self.conversation.heard(self.hears.pop(0), self.unheard_s.pop(0), self.now_s)
        self.perform()

    def wait(self, seconds: float) -> None:
        """Let time pass, waking the conversation when it wants to be woken."""
        until_s = self.now_s + seconds
        while (due_s := self.conversation.due_s) is not None and due_s <= until_s:
            self.now_s = max(self.now_s, due_s)
            self.conversation.advance(self.now_s)
            self.perform()
        self.now_s = until_s

    def finish(self) -> None:
        """Let the model finish what it says."""
        while self.conversation.due_s is not None:
            self.wait(1.0)

    def take(self) -> list[str]:
        """What was sent since the last time, by name; runs of sound are one, empty frames none."""
        names = [name for frame in self.frames for name in kinds(frame)]
        self.frames.clear()
        return [name for name, _ in itertools.groupby(names)]

    def sent(self, *path: str) -> list[Any]:
        """The values at `path` in the frames that have it."""
        found = []
        for frame in self.frames:
            value: Any = frame
            for name in path:
                value = value.get(name) if isinstance(value, dict) else None
            if value is not None:
                found.append(value)
        return found

    def _new_handle(self) -> str:
        """Handle n stands for snapshot n, counted from 0."""
        self.snapshots.append(self.memory.snapshot())
        return f"handle {len(self.snapshots) - 1}"

    def perform(self) -> None:
        """Do what the conversation asks for."""
        while effects := self.conversation.effects():
            for effect in effects:
                if isinstance(effect, Send):
                    self.frames.append(effect.frame)
                elif isinstance(effect, VoiceText):
                    self.voiced.append(effect.text)
                    self.conversation.voiced(effect.number, speech(effect.text), self.now_s)
                elif isinstance(effect, StartListening):
                    assert not self.listening
                    self.listening = True
                elif isinstance(effect, StopListening):
                    self.listening = False
                    self.unheard_s.append(effect.duration_s)
                    if self.instant_words:
                        self.recognise()
                elif isinstance(effect, Reached):
                    self.reached.append(effect.moment)
                elif isinstance(effect, Called):
                    self.made += effect.calls
                else:
                    assert isinstance(effect, Listen)
                    assert self.listening


def speech(text: str) -> Speech:
    return Speech(bytes(int(48_000 * REPLY_S)), (SpokenWord(text, 0.0),))


def kinds(frame: dict[str, Any]) -> Iterable[str]:
    """The facts of a frame, by their names on the wire."""
    for name, value in frame.items():
        if name == "serverContent":
            yield from value
        elif name == "voiceActivity":
            yield value["type"]
        elif name == "sessionResumptionUpdate":
            yield name if value["resumable"] else "notResumable"
        else:
            yield name
