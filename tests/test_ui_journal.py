"""The details remember what has scrolled away, but not without an end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from ui_events import SAMPLES

from voicecli.live.events import Source
from voicecli.talk import events as talk
from voicecli.ui.blocks import Cited, CodeRun, ToolRun
from voicecli.ui.journal import KEPT_CALLS, KEPT_OTHERS, KEPT_TURNS, Journal, Thought, noted


def journal(*events: talk.TalkEvent) -> Journal:
    made = Journal()
    for event in events:
        made = noted(made, event)
    return made


def turn_ended(number: int) -> talk.TurnEnded:
    return talk.TurnEnded(0, number, interrupted=False, heard_s=1.0)


def call(at: int, *, over: bool = True) -> tuple[talk.TalkEvent, ...]:
    called = talk.ToolCalled(at, str(at), "f", {})
    return (called, talk.ToolFinished(at, str(at), "f", 1.0)) if over else (called,)


def test_calls_code_pages_and_thoughts_in_the_order_in_which_they_began() -> None:
    in_one_turn = [event for event in SAMPLES if not isinstance(event, talk.TurnEnded)]
    entries = journal(*in_one_turn).entries
    kinds = [type(entry).__name__ for entry in entries]
    assert kinds == ["Thought", "ToolRun", "ToolRun", "CodeRun", "Cited"]
    assert isinstance(entries[1], ToolRun)
    assert entries[1].end is not None
    assert isinstance(entries[3], CodeRun)
    assert entries[3].ran is not None
    assert isinstance(entries[4], Cited)
    assert entries[4].queries == ("weather london",)


def test_the_last_calls_are_kept_and_those_at_work() -> None:
    events = [*call(-1, over=False), *(event for at in range(KEPT_CALLS + 5) for event in call(at))]
    entries = journal(*events).entries
    assert len(entries) == KEPT_CALLS + 1
    assert isinstance(entries[0], ToolRun)
    assert entries[0].call_id == "-1"
    assert isinstance(entries[-1], ToolRun)
    assert entries[-1].call_id == str(KEPT_CALLS + 4)


def test_thoughts_of_this_turn_and_the_last_are_kept() -> None:
    thought = talk.Thinking(0, "hm")
    made = journal(thought, turn_ended(1), thought, thought, turn_ended(2), thought)
    assert made.entries == (Thought(2, "hm"), Thought(2, "hm"), Thought(3, "hm"))


def test_what_is_not_for_the_details_changes_nothing() -> None:
    made = journal(*SAMPLES)
    assert noted(made, talk.Noted(0, "x")) is made
    assert noted(made, talk.AudioReceived(0, 960, 0.02)) is made
    assert noted(made, talk.SourcesCited(0, ("q",), ())) is made


events = st.sampled_from(
    [
        *SAMPLES[:-1],
        *call(1),
        *call(2),
        talk.Thinking(0, "a"),
        talk.SourcesCited(0, (), (Source("u", "t"),)),
    ]
)


@given(st.lists(events | st.integers(1, 5).map(turn_ended), max_size=300))
def test_it_never_grows_without_end(several: list[talk.TalkEvent]) -> None:
    made = journal(*several)
    over = [entry for entry in made.entries if isinstance(entry, ToolRun) and not entry.at_work]
    others = [entry for entry in made.entries if not isinstance(entry, ToolRun)]
    assert len(over) <= KEPT_CALLS
    assert len(others) <= KEPT_OTHERS
    for entry in others:
        assert not isinstance(entry, Thought) or entry.turn > made.turn - KEPT_TURNS
