"""What the screen is made of: words, calls, code, pages, remarks; and how a call goes on. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from voicecli.live.events import Source
from voicecli.talk import events as talk

# A timer that reports each second for an hour; the details show how it went lately.
KEPT_RESULTS = 20


@dataclass(frozen=True, slots=True)
class Words:
    """One side's turn; `final` once settled, `cut` if the user interrupted it."""

    role: talk.Role
    text: str
    heard: str
    final: bool
    cut: bool = False


@dataclass(frozen=True, slots=True)
class ToolRun:
    """A call, with its end once there is one; `left` if the conversation was over before.

    `results` are the latest that it gave while it went on, `given` is how many these were in all.
    """

    call_id: str
    name: str
    args: Mapping[str, object]
    started_s: float
    background: bool = False
    asked: talk.ToolAsked | None = None
    decided: talk.ToolDecided | None = None
    results: tuple[object, ...] = ()
    given: int = 0
    end: talk.ToolFinished | None = None
    left: bool = False

    @property
    def waits(self) -> bool:
        """Whether it waits for the user's word."""
        return self.asked is not None and self.decided is None and self.at_work

    @property
    def denied(self) -> bool:
        """Whether it was not allowed."""
        return self.decided is not None and not self.decided.allowed

    @property
    def at_work(self) -> bool:
        """Whether it has not ended."""
        return self.end is None and not self.left


@dataclass(frozen=True, slots=True)
class CodeRun:
    """Code of the model, with what its run came to once that is known."""

    language: str
    code: str
    ran: talk.CodeRan | None = None
    left: bool = False

    @property
    def at_work(self) -> bool:
        """Whether its run has not ended."""
        return self.ran is None and not self.left


@dataclass(frozen=True, slots=True)
class Cited:
    """The pages that an answer rests on, and what was searched for."""

    sources: tuple[Source, ...]
    queries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """A line about the conversation, not of it."""

    kind: Literal["session", "note", "warning", "error", "end"]
    text: str
    hint: str = ""


Item = Words | ToolRun | CodeRun | Cited
Block = Item | Remark
CallEvent = (
    talk.ToolCalled | talk.ToolAsked | talk.ToolDecided | talk.ToolProgress | talk.ToolFinished
)
CodeEvent = talk.CodeWritten | talk.CodeRan
T = TypeVar("T")


def with_call(items: tuple[T, ...], event: CallEvent) -> tuple[T | ToolRun, ...]:
    """`items` after `event`; what comes of a call that nobody has seen begin shows all the same."""
    if isinstance(event, talk.ToolCalled):
        begun = ToolRun(event.call_id, event.name, event.args, event.t_s, event.background)
        return (*items, begun)
    for at, item in enumerate(items):
        if isinstance(item, ToolRun) and item.call_id == event.call_id and item.at_work:
            return (*items[:at], _gone_on(item, event), *items[at + 1 :])
    if isinstance(event, talk.ToolProgress | talk.ToolDecided):
        return items
    args = event.args if isinstance(event, talk.ToolAsked) else {}
    took_s = event.duration_s if isinstance(event, talk.ToolFinished) else 0.0
    return (*items, _gone_on(ToolRun(event.call_id, event.name, args, event.t_s - took_s), event))


def with_code(items: tuple[T, ...], event: CodeEvent) -> tuple[T | CodeRun, ...]:
    """`items` after `event`; a result belongs to the code before it."""
    if isinstance(event, talk.CodeWritten):
        return (*items, CodeRun(event.language, event.code))
    for at in reversed(range(len(items))):
        item = items[at]
        if isinstance(item, CodeRun) and item.at_work:
            return (*items[:at], replace(item, ran=event), *items[at + 1 :])
    return (*items, CodeRun("", "", event))


def _gone_on(run: ToolRun, event: CallEvent) -> ToolRun:
    match event:
        case talk.ToolAsked():
            return replace(run, asked=event)
        case talk.ToolDecided():
            return replace(run, decided=event)
        case talk.ToolProgress():
            results = (*run.results, event.result)[-KEPT_RESULTS:]
            return replace(run, results=results, given=run.given + 1)
        case talk.ToolFinished():
            return replace(run, end=event)
        case talk.ToolCalled():
            return run
