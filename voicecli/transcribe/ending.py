"""When the last words have come: a service says neither how many there are nor which are last."""

from __future__ import annotations

from voicecli.live import events as ev

# Words were seen 1.2 s after their sound and replies after 2.9 s; twice that is quiet for good.
SETTLE_S = 5.0
# A reply that is whole follows the words that it answers; the rest is for words out of order.
ANSWERED_S = 1.0
# The service said that it hears speech or works on it: only a stuck one keeps quiet that long.
STUCK_S = 20.0
# A model that answers for ever must not hold the transcript.
LIMIT_S = 120.0


class Ending:
    """Decides when to stop listening; the owner passes in what comes and the time.

    A reply may be whole while a later utterance is still on its way: one counts only if it came
    after the end of the sound and was not interrupted, and anything that is heard takes it back.
    """

    def __init__(self) -> None:
        self._ended_s: float | None = None
        self._latest_s = 0.0
        self._speaking = False
        self._wordless = 0  # stretches of speech whose words have not come
        self._waiting = False  # a guess without words, or a service that says it is at work
        self._answering = False
        self._interrupted = False
        self._answered = False
        self.words_since_end = False

    def hear(self, event: ev.LiveEvent, now_s: float) -> None:
        """Take in one event; usage, handles and the like say nothing about the end."""
        match event:
            case ev.VoiceActivity():
                self._voice(event.speaking, now_s)
            case ev.UserSpeech():
                self._words(now_s, guessed=event.interim)
            case ev.Interrupted():
                self._interrupted = True
                self._speech_came(now_s)
            case ev.AudioChunk() | ev.ModelSpeech() | ev.ModelText() | ev.Thought():
                self._answering = self._ended_s is not None
                self._latest_s = now_s
            case ev.GenerationComplete() | ev.TurnComplete():
                self._reply_over(event, now_s)
            case _:
                pass

    def sound_ended(self, now_s: float) -> None:
        """All of the recording and the end of the stream are sent."""
        self._ended_s = now_s

    def wait_s(self, now_s: float) -> float:
        """How long to go on listening if nothing more comes; 0 when it is enough."""
        assert self._ended_s is not None, "asked before the end of the sound"
        at_work = self._speaking or self._wordless or self._waiting
        patience_s = STUCK_S if at_work else ANSWERED_S if self._answered else SETTLE_S
        until_s = max(self._ended_s, self._latest_s) + patience_s
        return max(0.0, min(until_s, self._ended_s + LIMIT_S) - now_s)

    def _voice(self, speaking: bool, now_s: float) -> None:
        self._speaking = speaking
        if speaking:
            self._wordless += 1
            self._speech_came(now_s)
        self._latest_s = now_s

    def _words(self, now_s: float, *, guessed: bool) -> None:
        self._waiting = guessed
        if not guessed:
            self._wordless = max(0, self._wordless - 1)
            self.words_since_end = self._ended_s is not None
        self._speech_came(now_s)

    def _speech_came(self, now_s: float) -> None:
        self._answering = self._answered = False
        self._latest_s = now_s

    def _reply_over(self, event: ev.GenerationComplete | ev.TurnComplete, now_s: float) -> None:
        if isinstance(event, ev.TurnComplete) and event.waiting:
            self._waiting = True
            self._latest_s = now_s
            return
        if self._answered:
            # The turn's end is held back for the playback of a reply that was whole before.
            return
        self._latest_s = now_s
        # A turn's end alone may be that of a reply which was whole before the end of the sound.
        whole = self._answering or isinstance(event, ev.GenerationComplete)
        if whole and self._ended_s is not None and not self._interrupted and not self._speaking:
            self._answered = True
            self._wordless = 0
            self._waiting = False
        if isinstance(event, ev.TurnComplete):
            self._interrupted = self._answering = False
