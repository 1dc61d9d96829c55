"""Client content: turns for the record, and what of them is to be answered."""

from __future__ import annotations

from voicecli.local.client_frames import ClientContent
from voicecli.local.memory import Memory, Unanswered


class ContentReader:
    """Remembers content with its roles; with `awaits_history` the first complete turn is old."""

    def __init__(self, memory: Memory, *, awaits_history: bool) -> None:
        self._memory = memory
        self._awaits_history = awaits_history
        self._asked = Unanswered()  # the user's part that no turn_complete has followed yet

    def take(self, content: ClientContent, *, busy: bool) -> str | None:
        """What is to be answered now; None for nothing.

        A complete turn without content asks for an answer to what the user said last, unless the
        model is `busy` with that already, or spoke last.
        """
        for said in content.turns:
            self._memory.remember(said.role, said.text)
            if said.role == "user":
                self._asked.add(said.text)
            else:
                self._asked.take()
        if not content.turn_complete:
            return None
        if self._awaits_history:
            self._awaits_history = False
            self._asked.take()
            return None
        if self._asked:
            return self._asked.take()
        return None if busy else self._memory.question() or None
