"""What the screen knows: the current words, calls and state, and what has just been finished.

Pure: `reduce` takes a model and an event, and gives the next model and the blocks that are
finished and scroll away, in the order in which they began. So a reply waits for the words that
it answers, though their recognition may settle later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from voicecli.live.events import Source
from voicecli.talk import events as talk
from voicecli.talk.usage import UsageTotals
from voicecli.ui import amounts, describe
from voicecli.ui.escape import one_line


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
    """A call, with its end once there is one."""

    call_id: str
    name: str
    args: Mapping[str, object]
    started_s: float
    end: talk.ToolFinished | None = None


@dataclass(frozen=True, slots=True)
class Cited:
    """The pages that an answer rests on."""

    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """A line about the conversation, not of it."""

    kind: Literal["session", "note", "warning", "error", "end"]
    text: str
    hint: str = ""


Item = Words | ToolRun | Cited
Block = Item | Remark


@dataclass(frozen=True, slots=True)
class ScreenModel:
    """All that the live region shows; `items` are in the order in which they began.

    `recorded` if it is a conversation of the past.
    """

    state: talk.State = talk.State.CONNECTING
    muted: bool = False
    ducked: bool = False
    push_to_talk: bool = False
    talking: bool = False
    thought: str = ""
    items: tuple[Item, ...] = ()
    turns: int = 0
    used: UsageTotals = field(default_factory=UsageTotals)
    ended: bool = False
    recorded: bool = False


Reduced = tuple[ScreenModel, tuple[Block, ...]]


def reduce(model: ScreenModel, event: talk.TalkEvent) -> Reduced:
    """The model after `event`, and the blocks that it finished."""
    match event:
        case talk.StateChanged():
            return replace(model, state=event.state), ()
        case talk.MuteChanged():
            return replace(model, muted=event.muted), ()
        case talk.TalkingChanged():
            return replace(model, talking=event.talking), ()
        case talk.Ducked():
            return replace(model, ducked=event.ducked), ()
        case talk.Thinking():
            return replace(model, thought=one_line(event.text.replace("**", ""))), ()
        case talk.Transcript():
            return _released(replace(model, items=_with_words(model.items, event)))
        case talk.ToolCalled():
            run = ToolRun(event.call_id, event.name, event.args, event.t_s)
            return replace(model, items=(*model.items, run)), ()
        case talk.ToolFinished():
            return _released(replace(model, items=_with_tool_end(model.items, event)))
        case talk.SourcesCited() if event.sources:
            return _released(replace(model, items=(*model.items, Cited(event.sources))))
        case talk.Interrupted():
            return replace(model, items=tuple(_cut(item) for item in model.items)), ()
        case talk.TurnEnded():
            return _turn_ended(model, event)
        case talk.UsageReported():
            return replace(model, used=event.so_far), ()
        case talk.SessionStarted():
            return replace(model, push_to_talk=event.push_to_talk), (_session(event),)
        case talk.Ended():
            left, blocks = release_all(replace(model, ended=True))
            return left, (*blocks, *_end(event))
        case _:
            return model, _remarks(event)


def release_all(model: ScreenModel) -> Reduced:
    """Everything out, finished or not: what a person has read must not vanish at the end."""
    return replace(model, items=()), tuple(_settled(item) for item in model.items)


def _session(event: talk.SessionStarted) -> Remark:
    hint = "space begins to talk, and again sends what you said" if event.push_to_talk else ""
    return Remark("session", describe.session(event), hint)


def _end(event: talk.Ended) -> tuple[Block, ...]:
    return tuple(Remark("end", text) for text in (describe.ended(event), *amounts.spent(event)))


def _remarks(event: talk.TalkEvent) -> tuple[Block, ...]:
    match event:
        case talk.PatienceChanged():
            return (Remark("note", describe.patience(event)),)
        case talk.DeviceChanged():
            return tuple(Remark("note", text) for text in describe.device(event))
        case talk.DevicesListed(devices=()):
            return (Remark("note", "there is no sound device to pick"),)
        case talk.Noted():
            return (Remark("note", one_line(event.message)),)
        case talk.Warned():
            return (Remark("warning", one_line(event.message), one_line(event.hint)),)
        case talk.Failed():
            return (Remark("error", describe.failure(event), one_line(event.hint)),)
        case _:
            return ()


def _with_words(items: tuple[Item, ...], event: talk.Transcript) -> tuple[Item, ...]:
    words = Words(event.role, event.text.strip(), event.heard.lstrip(), event.final)
    new = (words,) if words.text else ()
    for at in reversed(range(len(items))):
        item = items[at]
        if isinstance(item, Words) and item.role == event.role and not item.final:
            kept = tuple(replace(one, cut=item.cut) for one in new)
            return items[:at] + kept + items[at + 1 :]
    return items + new


def _with_tool_end(items: tuple[Item, ...], event: talk.ToolFinished) -> tuple[Item, ...]:
    for at, item in enumerate(items):
        if isinstance(item, ToolRun) and item.call_id == event.call_id and item.end is None:
            return (*items[:at], replace(item, end=event), *items[at + 1 :])
    unseen = ToolRun(event.call_id, event.name, {}, event.t_s - event.duration_s, event)
    return (*items, unseen)


def _cut(item: Item) -> Item:
    if isinstance(item, Words) and item.role == "model" and not item.final:
        return replace(item, cut=True)
    return item


def _settled(item: Item) -> Item:
    return replace(item, final=True) if isinstance(item, Words) else item


def _done(item: Item) -> bool:
    match item:
        case Words():
            return item.final
        case ToolRun():
            return item.end is not None
        case Cited():
            return True


def _released(model: ScreenModel) -> Reduced:
    """Done items leave, but not ahead of words that began earlier; a call holds nothing up."""
    blocks: list[Block] = []
    kept: list[Item] = []
    held = False
    for item in model.items:
        if _done(item) and not held:
            blocks.append(item)
        else:
            kept.append(item)
            held = held or isinstance(item, Words)
    return replace(model, items=tuple(kept)), tuple(blocks)


def _turn_ended(model: ScreenModel, event: talk.TurnEnded) -> Reduced:
    """The model's words are settled now; whatever is done leaves, whoever still speaks."""
    cut = tuple(_cut(item) for item in model.items) if event.interrupted else model.items
    settled = tuple(
        _settled(item) if isinstance(item, Words) and item.role == "model" else item for item in cut
    )
    blocks = tuple(item for item in settled if _done(item))
    kept = tuple(item for item in settled if not _done(item))
    return replace(model, items=kept, thought="", turns=event.number), blocks
