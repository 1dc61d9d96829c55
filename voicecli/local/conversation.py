"""The conversation on one connection, pure: messages and time go in, effects come out.

The connection performs the effects (send a frame, recognise speech, voice a text), reports what
came of them, and calls `advance` at `due_s`. All times are seconds of the playback's clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from voicecli.local import server_frames
from voicecli.local.answers import Answers
from voicecli.local.client_frames import (
    ActivityEnd,
    ActivityStart,
    AudioStreamEnd,
    ClientContent,
    ClientMessage,
    ContextUpdate,
    SetupRequest,
    ToolAnswer,
    ToolAnswers,
    TypedText,
)
from voicecli.local.content import ContentReader
from voicecli.local.effects import (
    Called,
    Effect,
    Listen,
    Send,
    StartListening,
    StopListening,
    VoiceText,
)
from voicecli.local.faults import Fault, Kind, Moment
from voicecli.local.memory import Memory, Unanswered
from voicecli.local.model_turn import ModelTurn, Plan, Stage
from voicecli.local.moments import Moments
from voicecli.local.refusal import Refusal
from voicecli.local.script import Script
from voicecli.local.server_frames import Frame
from voicecli.local.session_frames import SessionFrames
from voicecli.local.setup_check import Setup, updated
from voicecli.local.tool_calls import INTERRUPT
from voicecli.local.turn_taking import Activity, SpeechEnded, SpeechSound, SpeechStarted
from voicecli.local.usage import TurnUsage
from voicecli.local.user_voice import UserVoice
from voicecli.local.user_words import UserWords
from voicecli.local.utterances import Utterances
from voicecli.local.voice import Speech


class Conversation:
    """Takes turns with the user by the rules of `setup`, answering from `script`.

    `new_call_id` and `new_handle` make identifiers; `memory` holds the conversation so far.
    """

    def __init__(
        self,
        setup: Setup,
        script: Script,
        memory: Memory,
        *,
        new_call_id: Callable[[], str],
        new_handle: Callable[[], str],
    ) -> None:
        self._setup = setup
        self._answers = Answers(script, new_call_id)
        self._memory = memory
        self._memory.tools = setup.tools
        self._session = SessionFrames(setup, memory, new_handle)
        self._voice = UserVoice(setup.detection)
        self._words = UserWords(setup)
        self._effects: list[Effect] = []
        self._content = ContentReader(
            memory, awaits_history=setup.starts_with_history and not setup.handle
        )
        self._unanswered = Unanswered()
        self._utterances = Utterances()
        self._heard_s = 0.0
        self._stream_ended = False
        self._turn: ModelTurn | None = None
        self._turns = 0
        self._moments = Moments()
        self._doubles = False
        self._mixes_words = False

    def effects(self) -> list[Effect]:
        """What is to be done now, in this order; each effect is handed out once."""
        effects, self._effects = self._effects, []
        return effects

    @property
    def due_s(self) -> float | None:
        """When `advance` has something to do."""
        turn_s = self._turn.due_s if self._turn else None
        due_s = (turn_s, self._words.due_s, self._memory.background.due_s)
        return min((at for at in due_s if at is not None), default=None)

    def open(self, now_s: float) -> None:
        """The setup was accepted; what a resumed session has still to speak of comes at once."""
        self._send(*self._session.opening())
        self._answer_when_idle(now_s)

    def strike(self, fault: Fault, now_s: float) -> None:
        """Let a fault of a conversation happen, to the reply that is under way or the next one."""
        match fault.kind:
            case Kind.DOUBLE_REPLY:
                self._doubles = True
            case Kind.REORDER_WORDS:
                self._mixes_words = True
            case Kind.LATE_WORDS:
                self._words.put_off(fault.lasts_s)
            case Kind.CANCEL_CALLS:
                if cancelled := self._memory.background.cancel():
                    self._send(server_frames.tool_call_cancellation(cancelled))
                if self._turn is not None:
                    self._go_on(self._turn.give_up(), now_s)

    def advance(self, now_s: float) -> None:
        self._send(*self._words.advance(now_s))
        if cancelled := self._memory.background.cancel_due(now_s):
            self._send(server_frames.tool_call_cancellation(cancelled))
            self._answer_when_idle(now_s)
        if self._turn is not None:
            self._go_on(self._turn.advance(now_s), now_s)

    def receive(self, message: ClientMessage, now_s: float) -> None:
        """Take a message that is not sound. Raises Refusal for what is not allowed now."""
        in_order = isinstance(message, TypedText | ClientContent | ContextUpdate)
        if in_order and self._utterances.pending:
            self._utterances.put_off(message)
        else:
            self._receive(message, now_s)

    def _receive(self, message: ClientMessage, now_s: float) -> None:
        match message:
            case TypedText(text=text):
                self._typed(text, now_s)
            case ClientContent():
                busy = self._turn is not None or bool(self._unanswered)
                question = self._content.take(message, busy=busy)
                if question is not None:
                    self._asked(question, now_s)
            case ToolAnswers(answers=answers):
                for answer in answers:
                    self._answered(answer, now_s)
            case ActivityStart() | ActivityEnd():
                self._follow(self._voice.told(started=isinstance(message, ActivityStart)), now_s)
            case AudioStreamEnd():
                self._stream_ended = True
                self._follow(self._voice.end_of_stream(), now_s)
                self._answer_when_idle(now_s)
            case ContextUpdate():
                self._setup = updated(self._setup, message)
                self._memory.tools = self._setup.tools
            case SetupRequest():
                raise Refusal("setup must be the first message and only the first")

    def hear(self, pcm: bytes, probabilities: list[float], now_s: float) -> None:
        """Take 16 kHz sound, and the probability of speech in each window that it completes."""
        self._follow(self._voice.hear(pcm, probabilities), now_s)

    def guessed(self, text: str) -> None:
        """The words of the utterance so far, which may change."""
        self._send(*self._words.guess(text))

    def heard(self, words: str | None, duration_s: float, now_s: float) -> None:
        """The words of an utterance that has ended; None where there is no recogniser."""
        self._utterances.recognise()
        self._heard_s += duration_s
        text = f"(speech, {duration_s:.1f} s)" if words is None else words.strip()
        if text:
            self._send(*self._words.add(text, now_s))
            self._memory.remember("user", text)
            self._unanswered.add(text)
        for message in self._utterances.due():
            self._receive(message, now_s)
        self._answer_when_idle(now_s)

    def voiced(self, number: int, speech: Speech, now_s: float) -> None:
        """The sound of a text is there; it is of no use if its turn has been interrupted."""
        if self._turn is not None and self._turn.number == number:
            self._turn.speak(speech, now_s, in_order=not self._mixes_words)
            self._mixes_words = False
            self.advance(now_s)

    def _typed(self, text: str, now_s: float) -> None:
        self._effects += self._moments.user(Moment.THINKING)
        self._memory.remember("user", text)
        self._unanswered.add(text)
        self._interrupt(now_s, by_activity=True)
        self._answer_when_idle(now_s)

    def _asked(self, question: str, now_s: float) -> None:
        self._effects += self._moments.user(Moment.THINKING)
        self._unanswered.add(question)
        self._interrupt(now_s)
        self._answer_when_idle(now_s)

    def _follow(self, activities: Iterable[Activity], now_s: float) -> None:
        for activity in activities:
            match activity:
                case SpeechStarted(offset_s=offset_s):
                    self._stream_ended = False
                    self._tell_activity(offset_s, speaking=True)
                    self._effects += self._moments.user(Moment.USER_SPEAKING)
                    self._interrupt(now_s, by_activity=True)
                    self._effects.append(StartListening())
                case SpeechSound(pcm=pcm):
                    self._effects.append(Listen(pcm))
                case SpeechEnded(offset_s=offset_s, duration_s=duration_s):
                    self._tell_activity(offset_s, speaking=False)
                    self._utterances.end()
                    self._effects += self._moments.user(Moment.THINKING)
                    self._effects.append(StopListening(duration_s))

    def _tell_activity(self, offset_s: float, *, speaking: bool) -> None:
        if self._voice.detected:
            self._send(server_frames.voice_activity(offset_s, speaking=speaking))

    def _interrupt(self, now_s: float, *, by_activity: bool = False) -> None:
        if self._turn is not None and (self._setup.interruptible or not by_activity):
            self._go_on(self._turn.interrupt(), now_s)

    def _go_on(self, frames: Iterable[Frame], now_s: float) -> None:
        """Send what the model's turn gives, have its text voiced, and close it when it is over."""
        turn = self._turn
        assert turn is not None
        for frame in frames:
            self._send(frame)
            self._effects += self._moments.sent(frame, turn.usage.spoken_s)
        if turn.wanted is not None:
            self._effects.append(VoiceText(turn.number, turn.wanted))
            turn.wanted = None
        if turn.stage is Stage.OVER:
            self._turn = None
            self._memory.remember("model", turn.said)
            self._send(*self._session.turn_ends(turn.usage))
            if self._doubles and turn.completed and turn.text.strip():
                self._doubles = False
                self._begin(turn.again(), now_s)
            self._answer_when_idle(now_s)

    def _answer_when_idle(self, now_s: float) -> None:
        """Begin the next turn if there is something to say and nobody is speaking."""
        if self._turn is not None or self._voice.speaking or self._utterances.pending:
            return
        if self._setup.model.transcribes:
            self._end_transcript()
        elif self._unanswered:
            self._answer(self._unanswered.take(), now_s)
        elif (calls := self._memory.background.next_news()) is not None:
            self._begin(Plan(replace(calls.reply, think=""), text=calls.spoken()), now_s)
        if self._turn is None:
            self._effects += self._moments.idle()

    def _end_transcript(self) -> None:
        """All that came before the stream's end is written down."""
        self._unanswered.take()
        if self._stream_ended:
            self._stream_ended = False
            self._send(server_frames.generation_complete())
            self._send(*self._session.turn_ends(self._new_usage()))

    def _answer(self, text: str, now_s: float) -> None:
        plan = self._answers.plan(text, self._setup.tools.functions)
        if plan.announced is not None:
            self._memory.background.add(plan.announced)
        if (group := plan.announced or plan.awaited) is not None:
            self._effects.append(Called(group.calls))
        self._begin(plan, now_s)

    def _begin(self, plan: Plan, now_s: float) -> None:
        self._effects += self._moments.model_begins()
        self._send(*self._session.turn_begins())
        self._turns += 1
        self._turn = ModelTurn(self._turns, self._setup, plan, self._new_usage())
        self._go_on(self._turn.begin(now_s), now_s)
        self.advance(now_s)

    def _new_usage(self) -> TurnUsage:
        heard_s, self._heard_s = self._heard_s, 0.0
        characters = len(self._setup.system) + self._memory.characters
        return TurnUsage(heard_s=heard_s, prompt_characters=characters)

    def _answered(self, answer: ToolAnswer, now_s: float) -> None:
        scheduling = self._memory.background.take(answer)
        if scheduling == INTERRUPT:
            self._interrupt(now_s)
        if scheduling is None and self._turn is not None:
            self._go_on(self._turn.answer(answer), now_s)
            self.advance(now_s)
        self._answer_when_idle(now_s)

    def _send(self, *frames: Frame) -> None:
        self._effects += map(Send, frames)
