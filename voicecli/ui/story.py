"""A conversation in the order in which it is written down: each answer, then its pages. Pure."""

from __future__ import annotations

from voicecli.talk import events as talk
from voicecli.talk.turn_order import TurnOrder


class Story:
    """Holds words back until they are settled, and pages until their answer is written."""

    def __init__(self) -> None:
        self._order = TurnOrder()
        self._pages: list[talk.TalkEvent] = []
        self._speaking = False

    def take(self, event: talk.TalkEvent) -> list[talk.TalkEvent]:
        """What is written after `event`: settled words, pages, and `event` if it is neither."""
        if isinstance(event, talk.Transcript) and event.role == "model":
            self._speaking = True
        told: list[talk.TalkEvent] = []
        for words in self._order.take(event):
            told.append(words)
            if words.role == "model":
                self._speaking = False
                told += self._released()
        match event:
            case talk.Transcript():
                pass
            case talk.SourcesCited():
                self._pages.append(event)
            case talk.TurnEnded() if self._speaking:
                told.append(event)
            case talk.TurnEnded() | talk.SessionStarted() | talk.Ended():
                told += [*self._released(), event]
            case _:
                told.append(event)
        return told

    def _released(self) -> list[talk.TalkEvent]:
        pages, self._pages = self._pages, []
        return pages
