"""What a session remembers, cheap to keep as it was at any moment."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from voicecli.local.client_frames import Said
from voicecli.local.tool_calls import BackgroundCalls
from voicecli.local.tool_check import Tools

# The models' context of 128k tokens, at four characters each.
MAX_CHARACTERS = 512_000
# The fallback repeats what the user said; a book is not voiced.
MAX_REPEATED_CHARACTERS = 4_000


class Log:
    """What was said, and how often something was (`end`); the oldest is forgotten first."""

    def __init__(self, said: Iterable[Said] = (), end: int = 0) -> None:
        self._said = deque(said)
        self.end = end
        self.characters = sum(len(one.text) for one in self._said)

    def add(self, said: Said) -> None:
        self._said.append(said)
        self.end += 1
        self.characters += len(said.text)
        while self.characters > MAX_CHARACTERS:
            self.characters -= len(self._said.popleft().text)

    def until(self, end: int) -> Log:
        """The log as it was at `end`: itself, or a copy if it has gone on since."""
        if end == self.end:
            return self
        kept = max(0, len(self._said) - (self.end - end))
        return Log(islice(self._said, kept), end)

    def said(self) -> tuple[Said, ...]:
        return tuple(self._said)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A conversation as it was at `end` of a log that may have gone on, with its running calls."""

    log: Log
    end: int
    background: BackgroundCalls


class Memory:
    """The conversation so far, both sides, and the calls whose results are still to be spoken of.

    It shares its log with the snapshots of it, until one of them goes on in another way. `tools` is
    what is on offer; it belongs to the connection, since each setup brings its own.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._log = snapshot.log
        self._end = snapshot.end
        self.background = snapshot.background.copy()
        self.tools = Tools()

    @property
    def said(self) -> tuple[Said, ...]:
        return self._own().said()

    @property
    def characters(self) -> int:
        return self._own().characters

    def remember(self, role: str, text: str) -> None:
        if not text:
            return
        log = self._own()
        log.add(Said(role, text[-MAX_CHARACTERS:]))
        self._end = log.end

    def question(self) -> str:
        """What the user said since the model last spoke; empty if the model spoke last."""
        words: list[str] = []
        for said in reversed(self.said):
            if said.role != "user":
                break
            words.append(said.text)
        return " ".join(reversed(words))

    def snapshot(self) -> Snapshot:
        return Snapshot(self._log, self._end, self.background.copy())

    def _own(self) -> Log:
        """The log, apart from what others have added to it."""
        self._log = self._log.until(self._end)
        return self._log


def empty_memory(*, schedules: bool) -> Memory:
    """The memory of a new session; `schedules` is for `BackgroundCalls`."""
    return Memory(Snapshot(Log(), 0, BackgroundCalls(schedules=schedules)))


class Unanswered:
    """What the user said since the last answer; of a book only the beginning."""

    def __init__(self) -> None:
        self._text: str | None = None

    def __bool__(self) -> bool:
        """Whether there is something to answer, which may be a text without a word."""
        return self._text is not None

    def add(self, text: str) -> None:
        joined = text if self._text is None else f"{self._text} {text}"
        self._text = joined[:MAX_REPEATED_CHARACTERS]

    def take(self) -> str:
        """All of it, once."""
        text, self._text = self._text or "", None
        return text
