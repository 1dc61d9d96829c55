"""Settled turns in the order in which they began. Pure."""

from __future__ import annotations

from voicecli.talk import events as talk


class TurnOrder:
    """Holds turns back until they are settled, and those that began after them too.

    Words that interrupt a reply are settled before it is, and come after it all the same.
    """

    def __init__(self) -> None:
        self._turns: list[talk.Transcript] = []

    def take(self, event: talk.TalkEvent) -> list[talk.Transcript]:
        """The turns that `event` lets go; at the end, and when another session begins, all."""
        if isinstance(event, talk.Transcript):
            same = (at for at, turn in enumerate(self._turns) if _continues(event, turn))
            at = next(same, len(self._turns))
            self._turns[at : at + 1] = [event]
        over = isinstance(event, talk.Ended | talk.SessionStarted)
        settled = []
        while self._turns and (self._turns[0].final or over):
            settled.append(self._turns.pop(0))
        return settled


def _continues(words: talk.Transcript, turn: talk.Transcript) -> bool:
    return turn.role == words.role and not turn.final
