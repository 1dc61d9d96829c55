"""What everyone who takes part in a conversation shares: its clock, turns, voice and audience."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from voicecli.live.items import Typed
from voicecli.talk import events as talk
from voicecli.talk.audience import Audience
from voicecli.talk.history import History
from voicecli.talk.limits import LimitWatch
from voicecli.talk.parts import Parts
from voicecli.talk.prompter import Prompter
from voicecli.talk.recorder import PlayedSound
from voicecli.talk.tally import Tally
from voicecli.talk.turns import Turns
from voicecli.talk.voice_file import VoiceFile
from voicecli.talk.voice_output import VoiceOutput


class Stage:
    """Where things happen: who acts here brings the turns up to date and tells the views."""

    def __init__(self, parts: Parts, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that never go back."""
        self.parts = parts
        self.turns = Turns()
        self.prompter = Prompter()
        self.history = History()
        self.voice = VoiceOutput(parts.speaker, tuple(self._voice_files()))
        self.outside: talk.State | None = talk.State.CONNECTING
        """A state that the connection gives, whatever the turns say."""
        self.ended_turns = 0
        self.tally = Tally(None if parts.local else parts.setup.model)
        self.limits = LimitWatch(parts.limits)
        self._audience = Audience(parts.views)
        self._clock = clock
        self._began_s = clock()

    @property
    def closing(self) -> bool:
        """Whether a limit is reached: nothing of the user goes up any more."""
        return self.limits.reason is not None

    @property
    def reply_under_way(self) -> int | None:
        """The number of the reply that has begun and is not over, or not played; None: none is."""
        under_way = self.turns.replies_begun > self.ended_turns
        return self.ended_turns + 1 if under_way else None

    def now_s(self) -> float:
        """Seconds since the conversation began."""
        return self._clock() - self._began_s

    def emit(self, event: talk.TalkEvent) -> None:
        """Keep `event` and show it to the views. Raises what `Audience.show` raises."""
        self.prompter.take(event)
        self.history.take(event)
        if isinstance(event, talk.TurnEnded):
            self.ended_turns += 1
        self._record(event)
        self._audience.show(event)

    def emit_all(self, events: Iterable[talk.TalkEvent]) -> None:
        """Show each of `events`."""
        for event in events:
            self.emit(event)

    def follow(self) -> None:
        """Bring the views up to where the playback is, and look at the limits."""
        now_s, position = self.now_s(), self.voice.position
        self.emit_all(self.turns.tick(now_s, position))
        self.emit_all(self.turns.enter_state(now_s, position, self.outside))
        self.voice.keep_files_in_step()
        self._tell_of_trouble()
        cost_usd = self.tally.totals.cost_usd
        self.emit_all(self.limits.tick(now_s, cost_usd, self.reply_under_way))

    def say(self, text: str) -> None:
        """Say `text` as the user: shown at once, sent when there is a connection.

        Nothing once a limit is reached: no new reply is begun after it.
        """
        if self.closing:
            self.emit(talk.Noted(self.now_s(), "not sent, since the conversation ends"))
            return
        self.parts.session.queue(Typed(text))
        self.emit_all(self.turns.typed(text, self.now_s()))

    def tell_model(self, text: str) -> None:
        """Tell the model what it is to speak of and the user has not said; see `say`."""
        if not self.closing:
            self.parts.session.queue(Typed(text))
            self.turns.works_on()

    def stop_voice(self) -> None:
        """The user stopped the voice by hand; nothing if there is none to stop."""
        if self.turns.state in (talk.State.SPEAKING, talk.State.THINKING):
            self.emit_all(self.turns.stopped_by_hand(self.voice.flush(), self.now_s()))

    def last_words(self) -> tuple[talk.TalkEvent, ...]:
        """What was not settled yet, as far as it was heard."""
        return tuple(self.turns.ended(self.now_s(), self.voice.position))

    def tell(self, event: talk.TalkEvent) -> None:
        """Keep `event` and show it to those views that can still show it."""
        self._record(event)
        self._audience.tell(event)

    def sent(self, pcm: bytes) -> None:
        """Sound of the microphone, 16 kHz 16-bit mono, went up."""
        if self.parts.recorder is not None:
            self.parts.recorder.sent(pcm, self.now_s())

    def keep_handle(self, handle: str) -> None:
        """The service says with what it would go on with this conversation."""
        if self.parts.recorder is not None:
            self.parts.recorder.keep_handle(handle, self.parts.setup.model)

    def close(self) -> None:
        """Close the views and the record."""
        self._audience.close()
        if self.parts.recorder is not None:
            self.parts.recorder.close()

    def _record(self, event: talk.TalkEvent) -> None:
        if self.parts.recorder is not None:
            self.parts.recorder.record(event)

    def _tell_of_trouble(self) -> None:
        """Warn of what the disk has refused of the record since the last call."""
        trouble = None if self.parts.recorder is None else self.parts.recorder.take_trouble()
        if trouble is not None:
            self.emit(talk.Warned(self.now_s(), *trouble))

    def _voice_files(self) -> Iterator[VoiceFile]:
        recorder = self.parts.recorder
        if self.parts.voice_file is not None:
            yield self.parts.voice_file
        if recorder is not None and recorder.keeps_sound:
            yield VoiceFile(PlayedSound(recorder, self.now_s))
