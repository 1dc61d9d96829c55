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
        self._owed = False
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
            case _ if isinstance(event, _CONTENT):
                begins, self._open = not self._open, True
                self._has_content = self._generating = True
                return self._answered() if begins else False
            case ev.TurnComplete(waiting=waiting):
                empty = not (self._has_content or self._cut or waiting)
                self._ends()
                return self._answered() if empty else False
            case ev.UserSpeech(interim=False) if self._transcribes:
                return self._answered()
            case _:
                self._goes_on(event)
                return False

    def user_acts(self) -> None:
        """The user says something new: the service gets its chances again."""
        self._alarms = 0

    def said(self, now_s: float) -> None:
        """Something was sent that is to be answered."""
        self._owed = True
        self._last_message_s = now_s

    def sound_sent(self, sound_ms: float, loud: bool | None, now_s: float) -> None:
        """A piece of the user's sound was sent: speech and silence after it are the user's turn.

        A service that is silent says nothing of having heard it.
        """
        if loud:
            self._loud_ms += sound_ms
            self._quiet_ms = 0.0
            return
        self._quiet_ms += sound_ms
        if self._quiet_ms >= AFTER_SPEECH_MS:
            if self._loud_ms >= SPEECH_MS:
                self.said(now_s)
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
        waits = (self._owed or self._generating) and not calls_open
        late = now_s - self._last_message_s >= SILENT_SERVICE_S
        return waits and late and self._alarms < MOST_ALARMS

    def alarm(self) -> None:
        """The silence was acted on."""
        self._alarms += 1

    def _answered(self) -> bool:
        self._owed, self._alarms = False, 0
        return True

    def _ends(self) -> None:
        self._open = self._has_content = self._cut = self._generating = False

    def _goes_on(self, event: ev.LiveEvent) -> None:
        match event:
            case ev.Interrupted():
                self._open, self._cut, self._generating = False, True, False
            case ev.GenerationComplete():
                self._generating = False
            case ev.VoiceActivity(speaking=speaking):
                self._owed = not speaking
            case ev.UserSpeech(interim=False) if not self._open:
                self._owed = True
            case _:
                pass
