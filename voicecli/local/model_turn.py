"""One turn of the model: it thinks, calls functions, speaks, and is over when playback would be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto

from voicecli.audio.pcm import SPEAKER_RATE_HZ, duration_s
from voicecli.local import pacing, server_frames
from voicecli.local.client_frames import ToolAnswer
from voicecli.local.script import Reply
from voicecli.local.server_frames import Frame
from voicecli.local.setup_check import Setup
from voicecli.local.tool_calls import CallGroup
from voicecli.local.usage import TurnUsage
from voicecli.local.voice import Speech

# How long the server waits for a blocking function before it goes on without.
CALL_TIMEOUT_S = 60.0
NO_ANSWER = "I got no answer from {names}."


class Stage(Enum):
    """Where a turn stands; `GENERATED` means that all is sent, and playback goes on."""

    CALLING = auto()
    VOICING = auto()
    SPEAKING = auto()
    GENERATED = auto()
    OVER = auto()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a turn has to do: voice a `text`, await calls that decide it, or announce calls."""

    reply: Reply
    text: str = ""
    awaited: CallGroup | None = None
    announced: CallGroup | None = None


class ModelTurn:
    """Makes the frames of one turn. `wanted` is a text whose sound `speak` is to bring."""

    def __init__(self, number: int, setup: Setup, plan: Plan, usage: TurnUsage) -> None:
        self.number = number
        self.usage = usage
        self.said = ""
        self.stage = Stage.VOICING
        self.wanted: str | None = None
        self.text = ""  # what it says in all
        self.completed = False  # over, and not interrupted
        self._setup = setup
        self._plan = plan
        self._deadline_s = 0.0
        self._started_s = 0.0
        self._playback_s = 0.0
        self._frames: Iterator[pacing.Timed] = iter(())
        self._next: pacing.Timed | None = None

    def again(self) -> Plan:
        """The same reply as a turn of its own, its calls made and its thoughts thought."""
        return Plan(replace(self._plan.reply, think=""), text=self.text)

    def begin(self, now_s: float) -> Iterator[Frame]:
        """The frames that come before the sound."""
        yield server_frames.empty()
        yield server_frames.content()
        if self._plan.reply.think and self._setup.include_thoughts:
            self.usage.thought_characters += len(self._plan.reply.think)
            yield server_frames.thought(self._plan.reply.think)
        if self._plan.announced is not None:
            self._plan.announced.start(now_s)
            yield _call_frame(self._plan.announced)
        if self._plan.awaited is None:
            yield from self._voice(self._plan.text)
            return
        self.stage = Stage.CALLING
        self._deadline_s = now_s + CALL_TIMEOUT_S
        self._plan.awaited.start(now_s)
        yield _call_frame(self._plan.awaited)

    def answer(self, answer: ToolAnswer) -> Iterator[Frame]:
        """Take a function's answer, if this turn waits for it."""
        calls = self._plan.awaited
        if self.stage is Stage.CALLING and calls is not None and calls.take(answer) is not None:
            self.usage.prompt_characters += len(str(answer.response))
            yield from self._speak_of(calls)

    def speak(self, speech: Speech, now_s: float, *, in_order: bool = True) -> None:
        """The sound of `wanted` is there; `in_order`: its words come as usual, ahead of it."""
        self.stage = Stage.SPEAKING
        self._started_s = now_s
        self._playback_s = max(duration_s(speech.pcm, SPEAKER_RATE_HZ), pacing.generation_s(speech))
        by_word = self._setup.model.word_by_word or not in_order
        frames = pacing.paced(
            speech, transcribed=self._setup.transcribes_output, word_by_word=by_word
        )
        self._frames = frames if in_order else pacing.out_of_order(frames)
        self._next = next(self._frames, None)

    @property
    def due_s(self) -> float | None:
        """When the turn goes on by itself."""
        if self.stage is Stage.CALLING and self._plan.awaited is not None:
            return min(self._deadline_s, self._plan.awaited.due_s)
        if self.stage is Stage.SPEAKING:
            return self._started_s + (self._next.at_s if self._next else 0.0)
        return self._started_s + self._playback_s if self.stage is Stage.GENERATED else None

    def advance(self, now_s: float) -> Iterator[Frame]:
        """The frames that are due; the turn is over when playback would have ended."""
        if self.stage is Stage.CALLING:
            yield from self._cancel_calls(now_s)
        if self.stage is Stage.SPEAKING:
            yield from self._due_sound(now_s)
        if self.stage is Stage.GENERATED and now_s >= self._started_s + self._playback_s:
            self.stage = Stage.OVER
            self.completed = True

    def give_up(self) -> Iterator[Frame]:
        """Go on without the calls that are missing, if this turn waits for any."""
        calls = self._plan.awaited
        if self.stage is Stage.CALLING and calls is not None:
            yield server_frames.tool_call_cancellation(calls.missing)
            yield from self._voice(_no_answer(calls))

    def interrupt(self) -> Iterator[Frame]:
        """Stop where it stands; what comes after it is the turn's end."""
        if self.stage is Stage.CALLING and self._plan.awaited is not None:
            yield server_frames.tool_call_cancellation(self._plan.awaited.missing)
        self.stage = Stage.OVER
        self.wanted = None
        yield server_frames.interrupted()

    def _cancel_calls(self, now_s: float) -> Iterator[Frame]:
        """Cancel the calls whose time is over, and at the deadline all of them."""
        calls = self._plan.awaited
        assert calls is not None
        if now_s >= self._deadline_s:
            yield from self.give_up()
        elif cancelled := calls.cancel_due(now_s):
            yield server_frames.tool_call_cancellation(cancelled)
            yield from self._speak_of(calls)

    def _speak_of(self, calls: CallGroup) -> Iterator[Frame]:
        """Go on when no call is waited for any more."""
        if not calls.missing:
            yield from self._voice(_no_answer(calls) if calls.unanswered_names else calls.spoken())

    def _voice(self, text: str) -> Iterator[Frame]:
        """Say `text`, after the code that it rests on."""
        self.text = text
        code = self._plan.reply.code
        if code is not None and self._setup.tools.code and self._plan.announced is None:
            yield server_frames.executable_code(code.language, code.source)
            yield server_frames.code_result(code.output, failed=code.failed)
        if text.strip():
            self.stage = Stage.VOICING
            self.wanted = text
        else:
            yield from self._generated()

    def _due_sound(self, now_s: float) -> Iterator[Frame]:
        # The same sum as in `due_s`: a difference could be rounded to just before it.
        while self._next is not None and self._started_s + self._next.at_s <= now_s:
            self.usage.spoken_s += self._next.spoken_s
            self.said += self._next.words
            yield self._next.frame
            self._next = next(self._frames, None)
        if self._next is None:
            yield from self._generated()

    def _generated(self) -> Iterator[Frame]:
        self.stage = Stage.GENERATED
        if self._plan.announced is None:
            yield from self._grounds(self._plan.reply)
        yield server_frames.generation_complete()

    def _grounds(self, reply: Reply) -> Iterator[Frame]:
        """What the answer rests on, of the tools that the client offered."""
        if (reply.search or reply.sources) and self._setup.tools.search:
            sources = [(source.uri, source.title) for source in reply.sources]
            yield server_frames.grounding(reply.search, sources)
        if reply.urls and self._setup.tools.urls:
            yield server_frames.url_context((page.uri, page.status) for page in reply.urls)


def _call_frame(calls: CallGroup) -> Frame:
    """The message that asks for all calls of a group."""
    return server_frames.tool_call(
        (made.call_id, made.call.name, made.call.args) for made in calls.calls
    )


def _no_answer(calls: CallGroup) -> str:
    return NO_ANSWER.format(names=" and ".join(calls.unanswered_names))
