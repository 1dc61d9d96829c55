"""What the details show: the calls, code, pages and thoughts of a conversation so far. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from voicecli.talk import events as talk
from voicecli.ui.blocks import Cited, CodeRun, ToolRun, with_call, with_code

# What a person scrolls through; the record has all.
KEPT_CALLS = 50
KEPT_OTHERS = 50
# The thoughts of the turn that goes on, and of the one before it.
KEPT_TURNS = 2


@dataclass(frozen=True, slots=True)
class Thought:
    """A thought of the model in its turn number `turn`."""

    turn: int
    text: str


Entry = ToolRun | CodeRun | Cited | Thought


@dataclass(frozen=True, slots=True)
class Journal:
    """`entries` in the order in which they began; `turn` is the number of the one that goes on."""

    entries: tuple[Entry, ...] = ()
    turn: int = 1


def noted(journal: Journal, event: talk.TalkEvent) -> Journal:
    """The journal after `event`; the same one if that adds nothing."""
    match event:
        case (
            talk.ToolCalled()
            | talk.ToolAsked()
            | talk.ToolDecided()
            | talk.ToolProgress()
            | talk.ToolFinished()
        ):
            return _with(journal, with_call(journal.entries, event))
        case talk.CodeWritten() | talk.CodeRan():
            return _with(journal, with_code(journal.entries, event))
        case talk.SourcesCited() if event.sources:
            return _with(journal, (*journal.entries, Cited(event.sources, event.queries)))
        case talk.Thinking():
            return _with(journal, (*journal.entries, Thought(journal.turn, event.text)))
        case talk.TurnEnded():
            return _with(replace(journal, turn=event.number + 1), journal.entries)
        case _:
            return journal


def _with(journal: Journal, entries: tuple[Entry, ...]) -> Journal:
    """`journal` with the newest of `entries`; a call that is at work stays."""
    calls = others = 0
    kept: list[Entry] = []
    for entry in reversed(entries):
        if isinstance(entry, ToolRun):
            calls += 1
            stays = calls <= KEPT_CALLS or entry.at_work
        else:
            old = isinstance(entry, Thought) and entry.turn <= journal.turn - KEPT_TURNS
            others += not old
            stays = not old and others <= KEPT_OTHERS
        if stays:
            kept.append(entry)
    return replace(journal, entries=tuple(reversed(kept)))
