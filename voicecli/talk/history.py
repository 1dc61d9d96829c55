"""What was said in a conversation, from its events."""

from __future__ import annotations

from voicecli.live.history import Said
from voicecli.talk import events as talk
from voicecli.talk.turn_order import TurnOrder


class History:
    """Collects the settled words of both sides."""

    def __init__(self) -> None:
        self._order = TurnOrder()
        self._said: list[Said] = []

    def take(self, event: talk.TalkEvent) -> None:
        """Take in one event."""
        self._said += [Said(words.role, words.heard) for words in self._order.take(event)]

    def all(self) -> tuple[Said, ...]:
        """All that was said so far."""
        return tuple(self._said)
