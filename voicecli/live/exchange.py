"""Who has the word, as far as the service's messages tell, and whether it has gone silent. Pure."""

from __future__ import annotations

from voicecli.live import events as ev

# Longer than any model was seen to think; shorter than a user waits before giving up.
SILENT_SERVICE_S = 30.0
# A service may leave a remark unanswered for good: it is asked twice, not for ever.
MOST_ALARMS = 2

# A click is shorter, a word is not; and inside of a turn there are shorter silences.
SPEECH_MS = 200.0
AFTER_SPEECH_MS = 500.0
# The longest silence that ends no turn (voicecli.live.patience), and what it takes to say so.
SAME_TURN_S = 3.0

_CONTENT = (ev.AudioChunk, ev.ModelSpeech, ev.ModelText, ev.FunctionCall)


class Exchange:
    """Follows one question and its answer after the other, over all connections.

    With `transcribes` the words of the user are the service's answer.
    """

    def __init__(self, *, transcribes: bool = False) -> None:
        self._transcribes = transcribes
        self._open = False  # a reply is coming, and further content belongs to it
        self._has_content = False  # the turn that will end next has said something
        self._cut = False  # it was interrupted, and its end is still to come
        self._generating = False
        self._owed = False  # an answer to a line, a tap or a result
        self._owed_s: float | None = None  # since when one to speech, if it is one
        self._content_s = 0.0
        self._alarms = 0
        self._last_message_s = 0.0
        self._loud_ms = self._quiet_ms = 0.0

    def begins_reply(self, event: ev.LiveEvent, now_s: float) -> bool:
        """Take note of `event`; whether with it an answer to all that was sent begins."""
        self._last_message_s = now_s
        match event:
            case ev.FunctionCall():
                begins, self._open = not self._open, False  # what comes next answers the result
                self._has_content, self._generating = True, False
                return self._answered() if begins else False
            case ev.ModelSpeech() | ev.ModelText() if self._cut:
                return False  # stragglers of the reply that was cut off
            case _ if isinstance(event, _CONTENT):
                begins, self._open = not self._open, True
                self._has_content = self._generating = True
                self._content_s = now_s
                return self._answered() if begins else False
            case ev.TurnComplete(waiting=waiting):
                empty = not (self._has_content or self._cut or waiting)
                self._ends()
                return self._answered() if empty else False
            case ev.UserSpeech(interim=False) if self._transcribes:
                return self._answered()
            case _:
                self._goes_on(event, now_s)
                return False

    def user_acts(self) -> None:
        """The user says something new: the service gets its chances again."""
        self._alarms = 0

    @property
    def owes(self) -> bool:
        """Whether the user has said something, or is saying it, that is to be answered."""
        return self._owed or self._owed_s is not None or self._loud_ms > 0

    def said(self, now_s: float) -> None:
        """A line was sent, or the like, that is to be answered."""
        self._wait_from(now_s)
        self._owed = True

    def result_sent(self, now_s: float) -> None:
        """A function's result was sent; in the middle of a reply it may be part of that."""
        if self._open:
            self._spoken(now_s)
        else:
            self.said(now_s)

    def _spoken(self, now_s: float) -> None:
        self._wait_from(now_s)
        self._owed_s = now_s

    def _wait_from(self, now_s: float) -> None:
        """The service has its time from now on, unless it has let the user wait already."""
        if not self._owed and self._owed_s is None:
            self._last_message_s = now_s

    def sound_sent(self, sound_ms: float, loud: bool | None, now_s: float) -> None:
        """A piece of the user's sound was sent: speech and silence after it are the user's turn.

        A service that is silent says nothing of having heard it.
        """
        if loud:
            self._loud_ms += sound_ms
            self._quiet_ms = 0.0
            if self._owed_s is not None and now_s - self._owed_s < SAME_TURN_S:
                self._owed_s = None  # the turn was not over
            return
        self._quiet_ms += sound_ms
        if self._quiet_ms >= AFTER_SPEECH_MS:
            if self._loud_ms >= SPEECH_MS:
                self._spoken(now_s)
            self._loud_ms = 0.0

    def connection_lost(self) -> None:
        """The reply in flight will not go on."""
        self._ends()

    def connected(self, now_s: float) -> None:
        """A connection stands."""
        self._last_message_s = now_s

    def silent(self, now_s: float, *, calls_open: bool) -> bool:
        """Whether the service has said nothing for too long, though it has the word.

        It has not while it waits for functions.
        """
        waits = self._owed or self._owed_s is not None or self._generating
        late = now_s - self._last_message_s >= SILENT_SERVICE_S
        return waits and not calls_open and late and self._alarms < MOST_ALARMS

    def unheeded(self, now_s: float) -> bool:
        """Whether the service has had every chance to answer what it heard, and did not."""
        since_s = self._owed_s
        out_of_time = (
            since_s is not None and now_s - since_s >= (MOST_ALARMS + 1) * SILENT_SERVICE_S
        )
        if out_of_time:
            self._owed_s = None
        return out_of_time

    def alarm(self) -> None:
        """The silence was acted on."""
        self._alarms += 1

    def _answered(self) -> bool:
        self._owed, self._owed_s, self._alarms = False, None, 0
        return True

    def _ends(self) -> None:
        """The turn is over: what was heard before its last content it has not heeded."""
        if self._owed_s is not None and self._owed_s <= self._content_s:
            self._owed_s = None
        self._open = self._has_content = self._cut = self._generating = False

    def _goes_on(self, event: ev.LiveEvent, now_s: float) -> None:
        match event:
            case ev.Interrupted():
                self._open, self._cut, self._generating = False, True, False
            case ev.GenerationComplete():
                self._generating = False
            case ev.VoiceActivity(speaking=True):
                self._owed_s = None
            case ev.VoiceActivity():
                self._spoken(now_s)
            case _:
                pass
