"""What the user says on its way to the service: in order, and kept until it is answered. Pure.

A resumption handle stands for the conversation as it was when it was given out, and resuming in
the middle of a reply loses what came after (google-genai, LiveServerSessionResumptionUpdate). So
what the service has not begun to answer is said again on the next connection, and only that.
"""

from __future__ import annotations

from collections.abc import Iterable

from voicecli.audio.pcm import MIC_RATE_HZ, byte_count
from voicecli.live.item_queue import ItemQueue, is_silence, size_of
from voicecli.live.items import Item, Offer, Signal, Sound, ToolResult

# Who was cut off for longer says the beginning again, and is told so.
KEPT_SOUND_BYTES = byte_count(30_000, MIC_RATE_HZ)
# The service finds the beginning of speech by what is before it.
LEAD_IN_BYTES = byte_count(1_000, MIC_RATE_HZ)
# The longest silence that ends a turn is two seconds (voicecli.live.patience): more tells nothing,
# and would push out what was said before it.
SILENCE_BYTES = byte_count(3_000, MIC_RATE_HZ)
# No service takes a shorter silence for the end of a turn: what follows one is not answered yet.
PAUSE_BYTES = byte_count(200, MIC_RATE_HZ)
# A reply begins about a second after what it answers; where it is never quiet, no more is kept.
TAIL_BYTES = byte_count(2_000, MIC_RATE_HZ)
# Of results after which their calls go on. The newest matter; no service is told of more at once.
MOST_PARTIAL_RESULTS = 100
# What waits goes up in messages that others can be put between.
MESSAGE_BYTES = byte_count(200, MIC_RATE_HZ)


class Outbox:
    """What waits to be sent, and what was sent and not answered: of sound the last 30 s.

    Whoever takes items out says what became of them: `passed`, or `put_back`.
    """

    def __init__(self) -> None:
        self._sent = ItemQueue()
        self._in_hand: list[Item] = []
        self._waiting = ItemQueue()
        self._lost_bytes = 0
        self._faded_bytes = 0  # of what was sent: lost only if it has to be said again
        self._talking = False

    def __bool__(self) -> bool:
        """Whether something waits to be sent."""
        return bool(self._waiting)

    @property
    def talking(self) -> bool:
        """Whether the user is in the middle of an activity, by the signals that have passed."""
        return self._talking

    def add(self, item: Item) -> None:
        """Put `item` behind the others; an activity in which nothing was said is none."""
        last = self._waiting[-1] if self._waiting else None
        if item is Signal.ACTIVITY_END and last is Signal.ACTIVITY_START:
            self._waiting.remove(len(self._waiting) - 1)
            return
        if isinstance(item, Offer):
            self.withdraw_offers()
        self._waiting.append(item, SILENCE_BYTES)
        self._keep_the_latest()
        if isinstance(item, ToolResult) and item.continues:
            self._keep_the_latest_results()

    def withdraw_offers(self) -> None:
        """Who is told of the tools in another way need not be told of what has changed in them."""
        for at in reversed(range(len(self._waiting))):
            if isinstance(self._waiting[at], Offer):
                self._waiting.remove(at)

    def take(self) -> list[Item]:
        """The next items to send, as one message: one, or several of sound; empty if none wait."""
        assert not self._in_hand
        size = 0
        while self._waiting:
            item = self._waiting[0]
            if self._in_hand and (not isinstance(item, Sound) or size >= MESSAGE_BYTES):
                break
            self._in_hand.append(self._waiting.remove(0))
            if not isinstance(item, Sound):
                break
            size += len(item.pcm)
        return list(self._in_hand)

    def put_back(self) -> None:
        """What was taken last could not be sent."""
        self._waiting.prepend(self._in_hand)
        self._in_hand.clear()

    def passed(self) -> None:
        """What was taken last was sent."""
        for item in self._in_hand:
            self._note_sent(item)
        self._in_hand.clear()

    def answered(self, in_handle: frozenset[str] = frozenset()) -> None:
        """A reply to what was sent begins: it need not be said again.

        The results of calls `in_handle` are kept: a resumed session would wait for them anew.
        """
        for at in reversed(range(len(self._sent) - self._begun_since())):
            item = self._sent[at]
            if not (isinstance(item, ToolResult) and item.call_id in in_handle):
                self._sent.remove(at)
        self._faded_bytes = 0

    def forget_sound(self) -> None:
        """What was heard is not going to be answered; of sound that was not judged nobody knows."""
        for at in reversed(range(len(self._sent))):
            item = self._sent[at]
            if isinstance(item, Sound) and item.loud is not None:
                self._sent.remove(at)
        self._faded_bytes = 0

    def let_fade(self) -> None:
        """Nobody misses the sound that was sent and fell over the limit."""
        self._faded_bytes = 0

    def results_known(self) -> None:
        """The service has given a handle for a state in which it knows the results that were sent.

        Its answer may be long in coming: a result may have to wait for a pause.
        """
        self._forget(self._sent, self.unanswered_results)

    def forget_results(self, call_ids: Iterable[str]) -> None:
        """Nobody wants the results of these calls any more."""
        for items in (self._sent, self._waiting):
            self._forget(items, frozenset(call_ids))

    @property
    def unanswered_results(self) -> frozenset[str]:
        """The calls whose results wait, or were sent and not answered."""
        items = (*self._sent, *self._in_hand, *self._waiting)
        return frozenset(item.call_id for item in items if isinstance(item, ToolResult))

    def rewind(self) -> bool:
        """The connection is gone: what was not answered waits again, before what waited.

        Whether speech is among it, whose words will be recognised anew.
        """
        again = [*self._sent, *self._in_hand]
        self._waiting.prepend(again)
        self._sent = ItemQueue()
        self._in_hand.clear()
        self._lost_bytes += self._faded_bytes
        self._faded_bytes = 0
        self._talking = False
        return any(isinstance(item, Sound) and not item.quiet for item in again)

    def take_lost_s(self) -> float:
        """How much speech could not be kept since the last call, in seconds."""
        lost_bytes, self._lost_bytes = self._lost_bytes, 0
        return lost_bytes / byte_count(1_000, MIC_RATE_HZ)

    def _note_sent(self, item: Item) -> None:
        if item in (Signal.ACTIVITY_START, Signal.ACTIVITY_END):
            self._talking = item is Signal.ACTIVITY_START
        if item is Signal.AUDIO_STREAM_END and not self._sent.worth:
            return  # it ends nothing that would have to be said again
        if isinstance(item, Offer):
            return  # the next connection has it in its setup
        self._sent.append(item, SILENCE_BYTES if self._sent.worth else LEAD_IN_BYTES)

    def _begun_since(self) -> int:
        """How many of the last sent items belong to what the user has only begun to say."""
        if self._talking:
            backwards = reversed(self._sent)
            starts = (n for n, item in enumerate(backwards, 1) if item is Signal.ACTIVITY_START)
            return next(starts, 0)
        quiet_bytes = kept_bytes = count = 0
        for item in reversed(self._sent):
            if not isinstance(item, Sound) or item.loud is None or kept_bytes > TAIL_BYTES:
                break
            quiet_bytes = quiet_bytes + len(item.pcm) if item.quiet else 0
            if quiet_bytes >= PAUSE_BYTES:
                break
            kept_bytes += len(item.pcm)
            count += 1
        return count

    def _keep_the_latest(self) -> None:
        while self._sent.sound_bytes + self._waiting.sound_bytes > KEPT_SOUND_BYTES:
            at = self._sent.first_sound()
            if at is not None:
                self._faded_bytes += _speech_bytes(self._sent.remove(at))
                continue
            at = self._waiting.first_sound()
            assert at is not None
            self._lost_bytes += _speech_bytes(self._waiting.remove(at))

    def _keep_the_latest_results(self) -> None:
        places = [
            (items, at)
            for items in (self._sent, self._waiting)
            for at, item in enumerate(items)
            if isinstance(item, ToolResult) and item.continues
        ]
        for items, at in reversed(places[:-MOST_PARTIAL_RESULTS]):
            items.remove(at)

    def _forget(self, items: ItemQueue, call_ids: frozenset[str]) -> None:
        for at in reversed(range(len(items))):
            item = items[at]
            if isinstance(item, ToolResult) and item.call_id in call_ids:
                items.remove(at)


def _speech_bytes(item: Item) -> int:
    return 0 if is_silence(item) else size_of(item)
