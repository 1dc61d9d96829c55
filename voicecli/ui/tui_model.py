"""What the screen knows: the current words, calls and state, and what has just been finished.

Pure: `reduce` takes a model and an event, and gives the next model and the blocks that are
finished and scroll away, in the order in which they began. So a reply waits for the words that
it answers, though their recognition may settle later.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from voicecli.talk import events as talk
from voicecli.talk.usage import UsageTotals
from voicecli.ui import amounts, describe
from voicecli.ui.blocks import (
    Block,
    Cited,
    CodeRun,
    Item,
    Remark,
    ToolRun,
    Words,
    with_call,
    with_code,
)
from voicecli.ui.escape import one_line
from voicecli.ui.journal import Journal, noted


@dataclass(frozen=True, slots=True)
class ScreenModel:
    """All that the live region shows; `items` are in the order in which they began.

    `cited` waits for the answer that it belongs to, of which no words have left yet unless
    `answered`. `recorded` if it is a conversation of the past.
    """

    state: talk.State = talk.State.CONNECTING
    muted: bool = False
    ducked: bool = False
    push_to_talk: bool = False
    talking: bool = False
    thought: str = ""
    items: tuple[Item, ...] = ()
    cited: tuple[Cited, ...] = ()
    answered: bool = False
    journal: Journal = field(default_factory=Journal)
    turns: int = 0
    used: UsageTotals = field(default_factory=UsageTotals)
    ended: bool = False
    recorded: bool = False

    @property
    def calls(self) -> tuple[ToolRun | CodeRun, ...]:
        """What is at work for the model, the oldest first."""
        runs = (item for item in self.items if isinstance(item, ToolRun | CodeRun))
        return tuple(run for run in runs if run.at_work)

    @property
    def questions(self) -> tuple[ToolRun, ...]:
        """The calls that wait for the user's word, in the order in which they asked."""
        if self.recorded:
            return ()
        waiting = [item for item in self.items if isinstance(item, ToolRun) and item.waits]
        return tuple(sorted(waiting, key=lambda run: run.asked.t_s if run.asked else 0.0))


Reduced = tuple[ScreenModel, tuple[Block, ...]]


def reduce(model: ScreenModel, event: talk.TalkEvent) -> Reduced:
    """The model after `event`, and the blocks that it finished."""
    journal = noted(model.journal, event)
    if journal is not model.journal:
        model = replace(model, journal=journal)
    flagged = _flagged(model, event)
    return _told(model, event) if flagged is model else (flagged, ())


def _flagged(model: ScreenModel, event: talk.TalkEvent) -> ScreenModel:
    """`model` with what only replaces what was known before; the same one for other events."""
    match event:
        case talk.StateChanged():
            return replace(model, state=event.state)
        case talk.MuteChanged():
            return replace(model, muted=event.muted)
        case talk.TalkingChanged():
            return replace(model, talking=event.talking)
        case talk.Ducked():
            return replace(model, ducked=event.ducked)
        case talk.Thinking():
            return replace(model, thought=describe.heading(event.text))
        case talk.UsageReported():
            return replace(model, used=event.so_far)
        case _:
            return model


def _told(model: ScreenModel, event: talk.TalkEvent) -> Reduced:
    match event:
        case talk.Transcript():
            return _released(replace(model, items=_with_words(model.items, event)))
        case (
            talk.ToolCalled()
            | talk.ToolAsked()
            | talk.ToolDecided()
            | talk.ToolProgress()
            | talk.ToolFinished()
        ):
            return _released(replace(model, items=with_call(model.items, event)))
        case talk.CodeWritten() | talk.CodeRan():
            return _released(replace(model, items=with_code(model.items, event)))
        case talk.SourcesCited() if event.sources:
            return _cited(model, Cited(event.sources, event.queries))
        case talk.Interrupted():
            return replace(model, items=tuple(_cut(item) for item in model.items)), ()
        case talk.TurnEnded():
            return _turn_ended(model, event)
        case talk.SessionStarted():
            return replace(model, push_to_talk=event.push_to_talk), (_session(event),)
        case talk.Ended():
            left, blocks = release_all(replace(model, ended=True))
            return left, (*blocks, *_end(event))
        case _:
            return model, _remarks(event)


def release_all(model: ScreenModel) -> Reduced:
    """Everything out, finished or not: what a person has read must not vanish at the end."""
    left, blocks = _leaving(model, (), tuple(_settled(item) for item in model.items))
    return replace(left, cited=()), (*blocks, *left.cited)


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


def _cited(model: ScreenModel, cited: Cited) -> Reduced:
    """Pages stand under their answer: they wait for it, unless its words have left already."""
    if model.answered and not any(_answers(item) for item in model.items):
        return model, (cited,)
    return replace(model, cited=(*model.cited, cited)), ()


def _answers(block: Block) -> bool:
    return isinstance(block, Words) and block.role == "model"


def _leaving(model: ScreenModel, kept: tuple[Item, ...], blocks: tuple[Item, ...]) -> Reduced:
    """`blocks` leave, and with the answer the pages that it rests on."""
    answers = [at for at, block in enumerate(blocks) if _answers(block)]
    if not answers:
        return replace(model, items=kept), blocks
    after = answers[-1] + 1
    left = replace(model, items=kept, cited=(), answered=True)
    return left, (*blocks[:after], *model.cited, *blocks[after:])


def _cut(item: Item) -> Item:
    if isinstance(item, Words) and item.role == "model" and not item.final:
        return replace(item, cut=True)
    return item


def _settled(item: Item) -> Item:
    match item:
        case Words():
            return replace(item, final=True)
        case ToolRun() | CodeRun() if item.at_work:
            return replace(item, left=True)
        case _:
            return item


def _done(item: Item) -> bool:
    match item:
        case Words():
            return item.final
        case ToolRun() | CodeRun():
            return not item.at_work
        case Cited():
            return True


def _released(model: ScreenModel) -> Reduced:
    """Done items leave, but not ahead of words that began earlier; a call holds nothing up."""
    blocks: list[Item] = []
    kept: list[Item] = []
    held = False
    for item in model.items:
        if _done(item) and not held:
            blocks.append(item)
        else:
            kept.append(item)
            held = held or isinstance(item, Words)
    return _leaving(model, tuple(kept), tuple(blocks))


def _turn_ended(model: ScreenModel, event: talk.TurnEnded) -> Reduced:
    """The model's words are settled now; whatever is done leaves, whoever still speaks."""
    cut = tuple(_cut(item) for item in model.items) if event.interrupted else model.items
    settled = tuple(
        _settled(item) if _answers(item) or isinstance(item, CodeRun) else item for item in cut
    )
    blocks = tuple(item for item in settled if _done(item))
    kept = tuple(item for item in settled if not _done(item))
    left, finished = _leaving(model, kept, blocks)
    over = replace(left, thought="", turns=event.number, cited=(), answered=False)
    return over, (*finished, *left.cited)
