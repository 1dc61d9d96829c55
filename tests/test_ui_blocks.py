"""A call gathers what comes of it, by its id, whatever the order in which that comes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicecli.talk import events as talk
from voicecli.ui.blocks import KEPT_RESULTS, CallEvent, CodeRun, ToolRun, with_call, with_code

CALLED = talk.ToolCalled(1, "f1", "timer", {"minutes": 3}, background=True)
ASKED = talk.ToolAsked(2, "f1", "timer", {"minutes": 3}, always=False)
YES = talk.ToolDecided(3, "f1", "timer", allowed=True, by="user")
NO = talk.ToolDecided(3, "f1", "timer", allowed=False, by="user")
PART = talk.ToolProgress(4, "f1", "timer", "a")
END = talk.ToolFinished(5, "f1", "timer", 4)


def runs(*events: CallEvent) -> tuple[ToolRun, ...]:
    items: tuple[ToolRun, ...] = ()
    for event in events:
        items = with_call(items, event)
    return items


def test_a_call_from_its_beginning_to_its_end() -> None:
    (run,) = runs(CALLED, ASKED, YES, PART, END)
    begun = ToolRun("f1", "timer", {"minutes": 3}, 1, background=True)
    assert begun.at_work
    assert run == ToolRun(
        *("f1", "timer", {"minutes": 3}, 1, True),
        asked=ASKED,
        decided=YES,
        results=("a",),
        given=1,
        end=END,
    )


def test_it_waits_from_the_question_to_the_decision_or_the_end() -> None:
    assert [runs(*events)[0].waits for events in ((CALLED,), (CALLED, ASKED))] == [False, True]
    for after in (YES, NO, END):
        assert not runs(CALLED, ASKED, after)[0].waits
    assert runs(CALLED, ASKED, NO)[0].denied
    assert not runs(CALLED, ASKED, YES)[0].denied


def test_only_the_latest_results_are_kept_and_all_are_counted() -> None:
    (run,) = runs(CALLED, *[PART] * (KEPT_RESULTS + 5))
    assert len(run.results) == KEPT_RESULTS
    assert run.given == KEPT_RESULTS + 5


def test_a_second_call_of_the_same_id_is_another() -> None:
    first, second = runs(CALLED, END, CALLED)
    assert not first.at_work
    assert second.at_work


def test_what_nobody_saw_begin() -> None:
    assert runs(END) == (ToolRun("f1", "timer", {}, 1, end=END),)
    assert runs(ASKED) == (ToolRun("f1", "timer", {"minutes": 3}, 2, asked=ASKED),)
    assert runs(PART) == runs(NO) == ()


def test_a_result_belongs_to_the_code_before_it() -> None:
    written, ran = talk.CodeWritten(1, "PYTHON", "1"), talk.CodeRan(2, ok=True, output="1")
    items = with_code(with_code((), written), ran)
    assert items == (CodeRun("PYTHON", "1", ran),)
    assert not items[0].at_work
    assert with_code((), ran) == (CodeRun("", "", ran),)


@given(st.lists(st.sampled_from([CALLED, ASKED, YES, NO, PART, END])))
def test_every_call_and_every_end_shows(events: list[CallEvent]) -> None:
    made = runs(*events)
    assert len(made) >= events.count(CALLED)
    assert sum(run.end is not None for run in made) == events.count(END)
