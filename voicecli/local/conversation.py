"""The conversation on one connection, pure: messages and time go in, effects come out.

The connection performs the effects (send a frame, recognise speech, voice a text), reports what
came of them, and calls `advance` at `due_s`. All times are seconds of the playback's clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from voicecli.local import server_frames
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
from voicecli.local.effects import Effect, Listen, Send, StartListening, StopListening, VoiceText
from voicecli.local.memory import Memory, Unanswered
from voicecli.local.model_turn import ModelTurn, Plan, Stage
from voicecli.local.refusal import Refusal
from voicecli.local.script import Script, fill
from voicecli.local.server_frames import Frame
from voicecli.local.setup_check import Setup, read_tools
from voicecli.local.tool_calls import INTERRUPT, BackgroundCalls, CallGroup
from voicecli.local.turn_taking import (
    Activity,
    ClientDetector,
    SpeechEnded,
    SpeechSound,
    SpeechStarted,
    VoiceDetector,
)
from voicecli.local.usage import TurnUsage
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
        self._script = script
        self._memory = memory
        self._new_call_id = new_call_id
        self._new_handle = new_handle
        self._voice = None if setup.detection is None else VoiceDetector(setup.detection)
        self._client = ClientDetector()
        self._effects: list[Effect] = []
        self._awaits_history = setup.starts_with_history and not setup.handle
        self._content = Unanswered()  # client content that no turn_complete has followed yet
        self._unanswered = Unanswered()
        self._unrecognised = 0  # utterances whose words are still to come
        self._heard_s = 0.0
        self._stream_ended = False
        self._turn: ModelTurn | None = None
        self._turns = 0
        self._background = BackgroundCalls(schedules=setup.model.scheduling)

    def effects(self) -> list[Effect]:
        """What is to be done now, in this order; each effect is handed out once."""
        effects, self._effects = self._effects, []
        return effects

    @property
    def due_s(self) -> float | None:
        """When `advance` has something to do."""
        return self._turn.due_s if self._turn else None

    def open(self) -> None:
        """The setup was accepted."""
        self._send(server_frames.setup_complete())
        self._tell_handle()

    def advance(self, now_s: float) -> None:
        if self._turn is not None:
            self._go_on(self._turn.advance(now_s), now_s)

    def receive(self, message: ClientMessage, now_s: float) -> None:
        """Take a message that is not sound. Raises Refusal for what is not allowed now."""
        match message:
            case TypedText(text=text):
                self._typed(text, now_s)
            case ClientContent():
                self._content_came(message, now_s)
            case ToolAnswers(answers=answers):
                for answer in answers:
                    self._answered(answer, now_s)
            case ActivityStart() | ActivityEnd():
                self._client_activity(isinstance(message, ActivityStart), now_s)
            case AudioStreamEnd():
                self._stream_ended = True
                self._follow(self._voice.end_of_stream() if self._voice else (), now_s)
                self._answer_when_idle(now_s)
            case ContextUpdate(tools=tools):
                if tools is not None:
                    listed = read_tools(self._setup.model, tools.messages("tools"), tools.path)
                    self._setup = replace(self._setup, tools=listed)
            case SetupRequest():
                raise Refusal("setup must be the first message and only the first")

    def hear(self, pcm: bytes, probabilities: list[float], now_s: float) -> None:
        """Take 16 kHz sound, and the probability of speech in each window that it completes."""
        if self._voice is None:
            self._follow(self._client.hear(pcm), now_s)
        else:
            self._follow(self._voice.hear(pcm, probabilities), now_s)

    def guessed(self, text: str) -> None:
        """The words of the utterance so far, which may change."""
        if self._setup.model.transcribes and self._setup.transcribes_input:
            self._send(server_frames.user_words(text, interim=True))

    def heard(self, words: str | None, duration_s: float, now_s: float) -> None:
        """The words of an utterance that has ended; None where there is no recogniser."""
        self._unrecognised -= 1
        self._heard_s += duration_s
        text = f"(speech, {duration_s:.1f} s)" if words is None else words.strip()
        if text:
            self._transcribe_input(text)
            self._memory.remember("user", text)
            self._unanswered.add(text)
        self._answer_when_idle(now_s)

    def voiced(self, number: int, speech: Speech, now_s: float) -> None:
        """The sound of a text is there; it is of no use if its turn has been interrupted."""
        if self._turn is not None and self._turn.number == number:
            self._turn.speak(speech, now_s)
            self.advance(now_s)

    def _typed(self, text: str, now_s: float) -> None:
        self._memory.remember("user", text)
        self._unanswered.add(text)
        self._interrupt_for_activity(now_s)
        self._answer_when_idle(now_s)

    def _content_came(self, message: ClientContent, now_s: float) -> None:
        for said in message.turns:
            self._memory.remember(said.role, said.text)
            if said.role == "user":
                self._content.add(said.text)
            else:
                self._content.take()
        if not message.turn_complete:
            return
        asked = self._content.take()
        if self._awaits_history:
            self._awaits_history = False
            return
        self._unanswered.add(asked)
        self._interrupt(now_s)
        self._answer_when_idle(now_s)

    def _client_activity(self, started: bool, now_s: float) -> None:
        if self._voice is not None:
            raise Refusal(
                "Explicit activity control is not supported when automatic activity detection "
                "is enabled."
            )
        self._follow(self._client.start() if started else self._client.end(), now_s)

    def _follow(self, activities: Iterable[Activity], now_s: float) -> None:
        for activity in activities:
            match activity:
                case SpeechStarted(offset_s=offset_s):
                    self._stream_ended = False
                    self._tell_activity(offset_s, speaking=True)
                    self._interrupt_for_activity(now_s)
                    self._effects.append(StartListening())
                case SpeechSound(pcm=pcm):
                    self._effects.append(Listen(pcm))
                case SpeechEnded(offset_s=offset_s, duration_s=duration_s):
                    self._tell_activity(offset_s, speaking=False)
                    self._unrecognised += 1
                    self._effects.append(StopListening(duration_s))

    def _tell_activity(self, offset_s: float, *, speaking: bool) -> None:
        if self._voice is not None:
            self._send(server_frames.voice_activity(offset_s, speaking=speaking))

    def _transcribe_input(self, text: str) -> None:
        by_word = self._setup.model.word_by_word
        if self._setup.transcribes_input:
            for piece in [f" {word}" for word in text.split()] if by_word else [text]:
                self._send(server_frames.user_words(piece))

    def _interrupt_for_activity(self, now_s: float) -> None:
        if self._setup.interruptible:
            self._interrupt(now_s)

    def _interrupt(self, now_s: float) -> None:
        if self._turn is not None:
            self._go_on(self._turn.interrupt(), now_s)

    def _go_on(self, frames: Iterable[Frame], now_s: float) -> None:
        """Send what the model's turn gives, have its text voiced, and close it when it is over."""
        turn = self._turn
        assert turn is not None
        for frame in frames:
            self._send(frame)
        if turn.wanted is not None:
            self._effects.append(VoiceText(turn.number, turn.wanted))
            turn.wanted = None
        if turn.stage is Stage.OVER:
            self._turn = None
            self._memory.remember("model", turn.said)
            self._send(server_frames.turn_complete(turn.usage.metadata(), self._status()))
            self._tell_handle()
            self._answer_when_idle(now_s)

    def _answer_when_idle(self, now_s: float) -> None:
        """Begin the next turn if there is something to say and nobody is speaking."""
        listening = self._client.speaking or (self._voice is not None and self._voice.speaking)
        if self._turn is not None or listening or self._unrecognised:
            return
        if self._setup.model.transcribes:
            self._end_transcript()
        elif self._unanswered:
            self._answer(self._unanswered.take(), now_s)
        elif (calls := self._background.next_answered()) is not None:
            self._begin(Plan(replace(calls.reply, think=""), text=calls.spoken()), now_s)

    def _end_transcript(self) -> None:
        """All that came before the stream's end is written down."""
        self._unanswered.take()
        if self._stream_ended:
            self._stream_ended = False
            usage = self._new_usage()
            self._send(server_frames.generation_complete())
            self._send(server_frames.turn_complete(usage.metadata(), self._status()))
            self._tell_handle()

    def _answer(self, text: str, now_s: float) -> None:
        functions = self._setup.tools.functions
        reply = self._script.reply_to(text, offered_tools=frozenset(functions))
        if not reply.calls:
            self._begin(Plan(reply, text=fill(reply.say, user=text, results={})), now_s)
            return
        calls = CallGroup([(self._new_call_id(), call) for call in reply.calls], reply, text)
        if all(functions.get(call.name) == "NON_BLOCKING" for call in reply.calls):
            # The turn ends at once, and the user may go on; the results get a turn of their own.
            self._background.add(calls)
            self._begin(Plan(reply, announced=calls), now_s)
        else:
            self._begin(Plan(reply, awaited=calls), now_s)

    def _begin(self, plan: Plan, now_s: float) -> None:
        self._turns += 1
        self._turn = ModelTurn(self._turns, self._setup, plan, self._new_usage())
        self._go_on(self._turn.begin(now_s), now_s)
        self.advance(now_s)

    def _new_usage(self) -> TurnUsage:
        heard_s, self._heard_s = self._heard_s, 0.0
        characters = len(self._setup.system) + self._memory.characters
        return TurnUsage(heard_s=heard_s, prompt_characters=characters)

    def _answered(self, answer: ToolAnswer, now_s: float) -> None:
        scheduling = self._background.take(answer)
        if scheduling == INTERRUPT:
            self._interrupt(now_s)
        if scheduling is None and self._turn is not None:
            self._go_on(self._turn.answer(answer), now_s)
            self.advance(now_s)
        self._answer_when_idle(now_s)

    def _status(self) -> str:
        if not self._setup.model.tells_status:
            return ""
        return "IN_PROGRESS" if self._background.any else "IDLE"

    def _tell_handle(self) -> None:
        if self._setup.tells_handles:
            self._send(server_frames.resumption_update(self._new_handle()))

    def _send(self, frame: Frame) -> None:
        self._effects.append(Send(frame))
