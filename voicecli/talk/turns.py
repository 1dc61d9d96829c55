"""Whose turn it is, what was said and what of it was heard. Pure: time and positions come in.

`Turns` takes what the service says and how far the playback is, and gives the events that the
views show. It touches no device, socket or clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from voicecli.audio.pcm import SPEAKER_RATE_HZ, samples_in
from voicecli.live import events as live
from voicecli.talk import events as talk
from voicecli.talk.heard_words import Pace
from voicecli.talk.reply import Reply
from voicecli.talk.user_words import LATE_WORDS_S, UserWords


@dataclass(slots=True)
class _Call:
    """A function at work; `waits` if the model says nothing before it has a result."""

    name: str
    began_s: float
    waits: bool


class Turns:
    """The course of a conversation.

    The output stream's positions are samples: all that was pushed less all that was dropped, so
    that the position that the speaker has played to can be compared with them.
    """

    def __init__(self) -> None:
        self._replies: deque[Reply] = deque()
        self._pace = Pace()
        self._begun = 0
        self._stream_samples = 0
        self._heard_text = ""
        self._user = UserWords()
        self._calls: dict[str, _Call] = {}
        self._awaiting = False
        self._discarding_since_s: float | None = None
        self._state = talk.State.CONNECTING

    @property
    def replies_begun(self) -> int:
        """How many replies have begun, whether they ended or not."""
        return self._begun

    @property
    def discarding(self) -> bool:
        """Whether sound that arrives now belongs to a reply that the user cut off by hand."""
        return self._discarding_since_s is not None

    @property
    def tools_pending(self) -> bool:
        """Whether a function is at work for the model, be it in the background."""
        return bool(self._calls)

    @property
    def waits_for_tools(self) -> bool:
        """Whether the model says nothing before a function has given its result."""
        return any(call.waits for call in self._calls.values())

    @property
    def state(self) -> talk.State:
        """What the conversation is doing."""
        return self._state

    def typed(self, text: str, now_s: float) -> Iterator[talk.TalkEvent]:
        """The user sent `text` from the keyboard or a script."""
        self._discarding_since_s = None
        yield from self._settle_user(now_s)
        yield talk.Transcript(now_s, "user", text, final=True, heard=text, typed=True)
        self._awaiting = True

    def sound(self, pcm: bytes, now_s: float) -> None:
        """A piece of the reply, 24 kHz 16-bit mono, was handed to the speaker."""
        self._current(now_s).add_sound(pcm)
        self._stream_samples += samples_in(pcm)
        self._awaiting = False

    def words(self, text: str, now_s: float, position: int) -> Iterator[talk.TalkEvent]:
        """A further piece of the reply's words."""
        if self.discarding or self._cut_short():
            return
        reply = self._current(now_s)
        reply.add_text(text)
        if reply is self._replies[0]:
            self._heard_text = reply.heard_text(position)
            yield self._model_transcript(reply, now_s, heard=self._heard_text)

    def user_speech(self, event: live.UserSpeech, now_s: float) -> Iterator[talk.TalkEvent]:
        """The service recognised words of the user."""
        if self._user.due(now_s):
            yield from self._settle_user(now_s)
        since_s = self._discarding_since_s
        if since_s is not None and now_s - since_s >= LATE_WORDS_S:
            self._discarding_since_s = None
        self._user.add(event.text, now_s, interim=event.interim)
        text = self._user.text
        yield talk.Transcript(now_s, "user", text, final=False, heard=text)

    def voice_activity(self, event: live.VoiceActivity) -> None:
        """The server heard the user start or stop."""
        self._awaiting = not event.speaking
        if event.speaking:
            self._discarding_since_s = None

    def thought(self, event: live.Thought, now_s: float) -> Iterator[talk.TalkEvent]:
        """The model thinks aloud, for the eye only."""
        self._awaiting = True
        yield talk.Thinking(now_s, event.text)

    def call_started(
        self, event: live.FunctionCall, now_s: float, *, background: bool = False
    ) -> Iterator[talk.TalkEvent]:
        """The model called a function; in the `background`, both go on talking meanwhile."""
        self._user.answered(now_s)
        self._calls[event.call_id] = _Call(event.name, now_s, waits=not background)
        self._awaiting = self._awaiting and not background
        yield talk.ToolCalled(now_s, event.call_id, event.name, event.args, background)

    def call_progressed(
        self, call_id: str, now_s: float, result: object
    ) -> Iterator[talk.TalkEvent]:
        """A function has given a result and goes on; whoever waited for it has it."""
        call = self._calls[call_id]
        self._awaiting, call.waits = self._awaiting or call.waits, False
        yield talk.ToolProgress(now_s, call_id, call.name, result)

    def call_finished(
        self, call_id: str, now_s: float, result: object, error: str | None
    ) -> Iterator[talk.TalkEvent]:
        """A function ended, with a result or an error; its answer is on the way."""
        call = self._calls.pop(call_id)
        self._awaiting = self._awaiting or call.waits
        yield talk.ToolFinished(now_s, call_id, call.name, now_s - call.began_s, result, error)

    def call_cancelled(self, call_id: str, now_s: float) -> Iterator[talk.TalkEvent]:
        """The model does not want the answer any more."""
        call = self._calls.pop(call_id)
        yield talk.ToolFinished(now_s, call_id, call.name, now_s - call.began_s, cancelled=True)

    def generation_complete(self) -> None:
        """The reply's content is whole."""
        if self._replies and not self._replies[-1].turn_complete:
            self._replies[-1].content_complete = True

    def turn_complete(self, now_s: float, position: int) -> Iterator[talk.TalkEvent]:
        """The model's turn is over, as far as the service is concerned; playback may go on."""
        self._discarding_since_s = None
        self._awaiting = False
        if not self._replies or self._replies[-1].turn_complete:
            self._begin(now_s)
        self._replies[-1].content_complete = True
        self._replies[-1].turn_complete = True
        yield from self.tick(now_s, position)

    def works_on(self) -> None:
        """A reply is to come that the user has not asked for, or not just now."""
        self._awaiting = True

    def interrupted(self, dropped_samples: int, now_s: float) -> Iterator[talk.TalkEvent]:
        """The reply was cut off and the speaker flushed, which dropped `dropped_samples`."""
        self._stream_samples -= dropped_samples
        if self._user.is_answered:
            yield from self._settle_user(now_s)
        heard_s = 0.0
        for reply in [reply for reply in self._replies if not reply.interrupted]:
            reply.cut(self._stream_samples)
            heard_s += reply.heard_s(self._stream_samples)
            heard = reply.heard_text(self._stream_samples)
            if reply.text:
                yield self._model_transcript(reply, now_s, heard=heard, final=True)
        yield talk.Interrupted(now_s, heard_s, dropped_samples / SPEAKER_RATE_HZ)

    def stopped_by_hand(self, dropped_samples: int, now_s: float) -> Iterator[talk.TalkEvent]:
        """The user stopped the reply with a key, before its first word or in it."""
        under_way = bool(self._replies) and not self._replies[-1].interrupted
        if not under_way or not self._replies[-1].turn_complete:
            self._discarding_since_s = now_s
        self._awaiting = False
        yield from self.interrupted(dropped_samples, now_s)

    def connection_lost(self) -> bool:
        """The reply in flight will not be finished by a new connection: what came of it is all.

        Words that had run ahead of the sound are never heard. An answer that has not begun is still
        to come. Says whether something is missing of the last one.
        """
        self._discarding_since_s = None
        if not self._replies or self._replies[-1].turn_complete:
            return False
        self._replies[-1].turn_complete = True
        self._awaiting = False
        return not (self._replies[-1].content_complete or self._replies[-1].interrupted)

    def said_again(self, now_s: float) -> Iterator[talk.TalkEvent]:
        """Speech that was not answered goes up anew, and so its words will come anew."""
        if self._user.is_answered:
            yield from self._settle_user(now_s)
        elif self._user.take():
            self._awaiting = False
            yield talk.Transcript(now_s, "user", "", final=False, heard="")

    def tick(self, now_s: float, position: int) -> Iterator[talk.TalkEvent]:
        """Follow the playback, which has been heard up to `position`."""
        if self._user.due(now_s):
            yield from self._settle_user(now_s)
        while self._replies and self._over(self._replies[0], position):
            yield from self._end(self._replies[0], now_s, position)
        if self._replies and not self._replies[0].interrupted:
            heard = self._replies[0].heard_text(position)
            if heard != self._heard_text:
                self._heard_text = heard
                yield self._model_transcript(self._replies[0], now_s, heard=heard)

    def ended(self, now_s: float, position: int) -> Iterator[talk.TalkEvent]:
        """The conversation is over: the words that were not settled yet, as far as heard."""
        if self._user.is_answered:
            yield from self._settle_user(now_s)
        for reply in self._replies:
            if reply.text and not reply.interrupted:
                heard = reply.settled_text(position)
                yield self._model_transcript(reply, now_s, heard=heard, final=True)
        yield from self._settle_user(now_s)

    def enter_state(
        self, now_s: float, position: int, outside: talk.State | None
    ) -> Iterator[talk.TalkEvent]:
        """The change of state, if there is one; `outside` is a state that the connection gives."""
        state = outside or self._inner_state(position)
        if state is not self._state:
            self._state = state
            yield talk.StateChanged(now_s, state)

    def _inner_state(self, position: int) -> talk.State:
        if any(position < reply.end and not reply.interrupted for reply in self._replies):
            return talk.State.SPEAKING
        if self._awaiting or self.waits_for_tools:
            return talk.State.THINKING
        return talk.State.LISTENING

    def _cut_short(self) -> bool:
        """Whether words that come now are stragglers of a reply that was cut off."""
        return bool(self._replies) and self._replies[-1].interrupted

    def _current(self, now_s: float) -> Reply:
        """The reply that arrives now; one that is over or was cut off gets no more."""
        last = self._replies[-1] if self._replies else None
        if last is None or last.turn_complete:
            return self._begin(now_s)
        if last.interrupted:
            last.turn_complete = True
            return self._begin(now_s)
        return last

    def _begin(self, now_s: float) -> Reply:
        self._user.answered(now_s)
        self._begun += 1
        reply = Reply(self._begun, self._stream_samples, self._pace)
        self._replies.append(reply)
        if len(self._replies) == 1:
            self._heard_text = ""
        return reply

    def _over(self, reply: Reply, position: int) -> bool:
        return reply.turn_complete and (reply.interrupted or position >= reply.end)

    def _end(self, reply: Reply, now_s: float, position: int) -> Iterator[talk.TalkEvent]:
        if not reply.interrupted:
            yield from self._settle_user(now_s)
        self._replies.popleft()
        self._heard_text = ""
        if reply.text and not reply.interrupted:
            heard = reply.settled_text(position)
            yield self._model_transcript(reply, now_s, heard=heard, final=True)
        heard_s = reply.heard_s(position if not reply.interrupted else reply.end)
        yield talk.TurnEnded(now_s, reply.number, reply.interrupted, heard_s)

    def _settle_user(self, now_s: float) -> Iterator[talk.TalkEvent]:
        text = self._user.take()
        if text:
            yield talk.Transcript(now_s, "user", text, final=True, heard=text)

    def _model_transcript(
        self, reply: Reply, now_s: float, *, heard: str, final: bool = False
    ) -> talk.Transcript:
        return talk.Transcript(now_s, "model", reply.text, final=final, heard=heard)
