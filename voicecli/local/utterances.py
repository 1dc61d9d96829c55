"""The user's utterances, and what the client sent behind them while their words are to come."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from voicecli.local.client_frames import ClientMessage


class Utterances:
    """Those that ended against those whose words came; messages behind one wait for its words."""

    def __init__(self) -> None:
        self._ended = self._recognised = 0
        self._later: deque[tuple[int, ClientMessage]] = deque()  # each behind so many utterances

    @property
    def pending(self) -> bool:
        """Whether words are still to come."""
        return self._recognised < self._ended

    def end(self) -> None:
        """One is over."""
        self._ended += 1

    def recognise(self) -> None:
        """The words of the oldest one are there."""
        self._recognised += 1

    def put_off(self, message: ClientMessage) -> None:
        """Keep a message until the words of all utterances before it are there."""
        self._later.append((self._ended, message))

    def due(self) -> Iterator[ClientMessage]:
        """The messages whose turn it is now, each once."""
        while self._later and self._later[0][0] <= self._recognised:
            yield self._later.popleft()[1]
