"""Who has the word, as far as the service's messages tell, and whether it has gone silent. Pure."""

from __future__ import annotations

from voicecli.live import events as ev

# Longer than any model was seen to think; shorter than a user waits before giving up.
SILENT_SERVICE_S = 30.0
# The service's code may run for thirty seconds before it goes on (ai.google.dev, code execution).
CODE_RUNS_S = 30.0
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
        self._owed_in_pause = False  # one to a result, once nobody has the word
        self._user_speaks = False
        self._runs_code = False
        self._content_s = 0.0
        self._alarms = 0
        self._last_message_s = 0.0
        self._loud_ms = self._quiet_ms = 0.0

    def begins_reply(self, event: ev.LiveEvent, now_s: float, *, background: bool = False) -> bool:
        """Take note of `event`; whether with it an answer to all that was sent begins.

        After a call in the `background` the reply goes on.
        """
        self._last_message_s = now_s
        self._runs_code = isinstance(event, ev.CodeWritten)
        match event:
            case ev.FunctionCall():
                # What comes after a call that is waited for answers its result.
                begins, self._open = not self._open, background
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

    def result_sent_for_pause(self, now_s: float) -> None:
        """A result was sent that the service speaks of once nobody has the word."""
        self._wait_from(now_s)
        self._owed_in_pause = True

    def _spoken(self, now_s: float) -> None:
        self._wait_from(now_s)
        self._owed_s = now_s

    def _wait_from(self, now_s: float) -> None:
        """The service has its time from now on, unless it has let the user wait already."""
        if not (self._owed or self._owed_in_pause) and self._owed_s is None:
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
        self._user_speaks = self._runs_code = False

    def connected(self, now_s: float) -> None:
        """A connection stands."""
        self._last_message_s = now_s

    def silent(self, now_s: float, *, calls_open: bool, talking: bool = False) -> bool:
        """Whether the service has said nothing for too long, though it has the word.

        It has not while it waits for functions; nor, to speak of a result of its own accord, while
        the user is `talking` by the tap.
        """
        waits = self._owed or self._owed_s is not None or self._generating
        if self._owed_in_pause and not talking:
            waits = waits or self._nobody_has_the_word()
        most_s = SILENT_SERVICE_S + (CODE_RUNS_S if self._runs_code else 0.0)
        late = now_s - self._last_message_s >= most_s
        return waits and not calls_open and late and self._alarms < MOST_ALARMS

    def _nobody_has_the_word(self) -> bool:
        """A turn lasts until its end is told, which may be long after the last of its sound."""
        return not (self._has_content or self._cut or self._user_speaks or self._loud_ms > 0)

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
        self._owed = self._owed_in_pause = False
        self._owed_s, self._alarms = None, 0
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
                self._owed_s, self._user_speaks = None, True
            case ev.VoiceActivity():
                self._user_speaks = False
                self._spoken(now_s)
            case _:
                pass
