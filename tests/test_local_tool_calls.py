"""Answers to function calls come late, in pieces, out of order, twice, or for calls long gone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.local.client_frames import ToolAnswer
from voicecli.local.script import Call, Reply
from voicecli.local.tool_calls import (
    INTERRUPT,
    SILENT,
    WHEN_IDLE,
    BackgroundCalls,
    CallGroup,
    MadeCall,
)

SAY = Reply(say="{user}: {result.time} in {result.city}")


def group(
    *call_ids: str, background: bool = True, cancel_after_s: float | None = None
) -> CallGroup:
    calls = [MadeCall(one, Call(f"name_{one}", {}, cancel_after_s), background) for one in call_ids]
    return CallGroup(calls, SAY, "when")


def answer(
    call_id: str, scheduling: str = "", *, goes_on: bool = False, time: str = "10:00"
) -> ToolAnswer:
    return ToolAnswer(call_id, "", {"time": time}, scheduling, will_continue=goes_on)


def last(call_id: str, scheduling: str = "") -> ToolAnswer:
    """The empty answer that ends a call after partial ones."""
    return ToolAnswer(call_id, "", {}, scheduling)


def running(*groups: CallGroup, schedules: bool = True) -> BackgroundCalls:
    background = BackgroundCalls(schedules=schedules)
    for calls in groups:
        background.add(calls)
    return background


def news(background: BackgroundCalls) -> list[str]:
    """All that is to be spoken of now."""
    spoken = []
    while (calls := background.next_news()) is not None:
        spoken.append(calls.spoken())
    return spoken


def test_a_group_waits_for_all_of_its_answers_in_any_order() -> None:
    calls = group("a", "b")
    assert list(calls.missing) == ["a", "b"]
    assert calls.take(answer("b")) == SILENT
    assert list(calls.missing) == ["a"]
    assert calls.unanswered_names == ("name_a",)
    assert calls.take(ToolAnswer("a", "", {"city": "Oslo"})) == WHEN_IDLE
    assert not calls.missing
    assert not calls.unanswered_names
    assert calls.spoken() == "when: 10:00 in Oslo"


def test_answers_to_other_calls_and_second_answers_are_not_taken() -> None:
    calls = group("a")
    assert calls.take(answer("other")) is None
    assert calls.take(answer("a")) is not None
    assert calls.take(answer("a", time="11:00")) is None
    assert calls.spoken() == "when: 10:00 in unknown"


def test_a_result_that_others_follow_leaves_the_call_open() -> None:
    calls = group("a")
    assert calls.take(answer("a", goes_on=True)) == WHEN_IDLE
    assert calls.missing == ("a",)
    assert calls.take(answer("a")) == WHEN_IDLE
    assert not calls.missing


def test_of_a_blocking_call_the_first_answer_is_the_last() -> None:
    calls = group("a", background=False)
    calls.take(answer("a", goes_on=True))
    assert not calls.missing
    assert calls.take(answer("a")) is None


@pytest.mark.parametrize(
    ("partial", "scheduling"),
    [("", WHEN_IDLE), (WHEN_IDLE, WHEN_IDLE), (INTERRUPT, INTERRUPT), (SILENT, SILENT)],
)
def test_each_partial_result_is_spoken_of_by_its_own_scheduling(
    partial: str, scheduling: str
) -> None:
    calls = group("a")
    for final in (SILENT, INTERRUPT, WHEN_IDLE):
        one = calls.copy()
        assert one.take(answer("a", partial, goes_on=True)) == scheduling
        assert one.take(answer("a", final)) == final, "what came before has no part in it"


def test_an_empty_last_answer_ends_the_call_and_says_nothing_new() -> None:
    calls = group("a")
    calls.take(answer("a", goes_on=True))
    assert calls.take(last("a", INTERRUPT)) == SILENT
    assert not calls.missing


def test_an_empty_answer_alone_is_a_result_like_any_other() -> None:
    assert group("a").take(last("a")) == WHEN_IDLE


def test_an_empty_partial_result_is_none() -> None:
    assert group("a").take(replace(last("a", INTERRUPT), will_continue=True)) == SILENT


def test_partial_results_are_remembered_for_what_is_said_later() -> None:
    calls = group("a")
    calls.take(ToolAnswer("a", "", {"city": "Oslo"}, SILENT, will_continue=True))
    calls.take(answer("a"))
    assert calls.spoken() == "when: 10:00 in Oslo"


def test_the_most_urgent_scheduling_of_a_group_counts() -> None:
    for schedulings, expected in (
        (["", ""], WHEN_IDLE),
        ([SILENT, SILENT], SILENT),
        ([SILENT, WHEN_IDLE], WHEN_IDLE),
        ([SILENT, INTERRUPT], INTERRUPT),
    ):
        calls = group("a", "b")
        for call_id, scheduling in zip("ab", schedulings, strict=True):
            calls.take(answer(call_id, scheduling))
        assert calls.scheduling == expected


def test_calls_are_cancelled_when_their_time_is_over_and_only_then() -> None:
    calls = CallGroup(
        [MadeCall("a", Call("x", {}, cancel_after_s=2.0)), MadeCall("b", Call("y", {}))], SAY, ""
    )
    calls.start(10.0)
    assert calls.due_s == 12.0
    assert calls.cancel_due(11.9) == ()
    assert calls.cancel_due(12.0) == ("a",)
    assert calls.cancel_due(12.0) == ()
    assert (calls.missing, calls.unanswered_names) == (("b",), ("x", "y"))
    assert calls.due_s == float("inf")
    assert calls.take(answer("a")) is None


def test_an_answer_in_time_keeps_its_call() -> None:
    calls = group("a", cancel_after_s=2.0)
    calls.start(0.0)
    calls.take(answer("a"))
    assert calls.due_s == float("inf")
    assert calls.cancel_due(9.0) == ()


def test_a_call_that_goes_on_is_cancelled_in_the_middle() -> None:
    calls = group("a", cancel_after_s=2.0)
    calls.start(0.0)
    calls.take(answer("a", goes_on=True))
    assert calls.cancel_due(2.0) == ("a",)


def test_background_results_are_spoken_of_once_each_and_urgent_ones_first() -> None:
    first, second, third = group("a"), group("b"), group("c")
    background = running(first, second, third)
    assert background.any
    assert background.next_news() is None
    assert background.take(answer("b")) == WHEN_IDLE
    assert background.take(answer("c")) == WHEN_IDLE
    assert background.take(answer("a", INTERRUPT)) == INTERRUPT
    assert [background.next_news() for _ in range(4)] == [first, second, third, None]
    assert not background.any


def test_an_answer_to_none_of_them_is_somebody_elses() -> None:
    assert running().take(answer("a")) is None
    assert running(group("b")).take(answer("a")) is None


def test_nothing_is_said_while_last_answers_of_the_group_are_missing() -> None:
    background = running(group("a", "b"))
    assert background.take(answer("a", INTERRUPT)) == SILENT
    assert background.next_news() is None
    assert background.take(answer("b")) == INTERRUPT


def test_a_silent_result_is_never_spoken_of() -> None:
    background = running(group("a"))
    assert background.take(answer("a", SILENT)) == SILENT
    assert background.next_news() is None
    assert not background.any


def test_partial_results_come_one_after_the_other() -> None:
    background = running(group("a"))
    assert background.take(answer("a", goes_on=True, time="1")) == WHEN_IDLE
    assert news(background) == ["when: 1 in unknown"]
    assert background.take(answer("a", SILENT, goes_on=True, time="2")) == SILENT
    assert news(background) == []
    assert background.take(answer("a", INTERRUPT, goes_on=True, time="3")) == INTERRUPT
    assert news(background) == ["when: 3 in unknown"]
    assert background.any
    assert background.take(last("a")) == SILENT
    assert not background.any


def test_what_waits_for_a_pause_is_spoken_of_once_as_it_stands_then() -> None:
    background = running(group("a"), group("b"))
    background.take(answer("a", goes_on=True, time="1"))
    background.take(answer("b"))
    background.take(answer("a", goes_on=True, time="2"))
    assert news(background) == ["when: 2 in unknown", "when: 10:00 in unknown"]


def test_a_result_that_becomes_urgent_overtakes() -> None:
    background = running(group("a"), group("b"))
    background.take(answer("a"))
    background.take(answer("b", goes_on=True))
    background.take(answer("b", INTERRUPT, time="2"))
    assert news(background) == ["when: 2 in unknown", "when: 10:00 in unknown"]


def test_a_model_without_scheduling_speaks_of_every_result_in_a_pause() -> None:
    background = running(group("a"), group("b"), schedules=False)
    for call_id, scheduling in (("a", SILENT), ("b", INTERRUPT)):
        assert background.take(answer(call_id, scheduling, goes_on=True)) == WHEN_IDLE
        assert len(news(background)) == 1
        assert background.take(last(call_id, scheduling)) == SILENT
    assert not background.any


def test_a_copy_is_the_calls_as_they_were() -> None:
    background = running(group("a", "b"), group("c"))
    background.take(answer("a"))
    background.take(answer("c"))
    copy = background.copy()
    for calls in (background, copy):
        assert calls.next_news() is not None
        assert calls.next_news() is None
        assert calls.take(answer("a")) is None
        assert calls.take(answer("b")) == WHEN_IDLE
    spoken = [calls.next_news() for calls in (background, copy)]
    assert [one.spoken() for one in spoken if one] == ["when: 10:00 in unknown"] * 2


def test_a_call_that_is_open_and_to_be_spoken_of_is_one_in_a_copy_too() -> None:
    background = running(group("a"))
    background.take(answer("a", goes_on=True, time="1"))
    copy = background.copy()
    copy.take(answer("a", time="2"))
    assert news(copy) == ["when: 2 in unknown"]
    assert news(background) == ["when: 1 in unknown"]


def test_cancelled_calls_are_those_without_a_last_answer_and_are_not_spoken_of() -> None:
    background = running(group("a", "b"), group("c"))
    background.take(answer("a"))
    background.take(answer("c"))
    assert background.cancel() == ("b",)
    assert background.cancel() == ()
    assert background.take(answer("b")) is None
    assert background.next_news() is not None, "an answer that is there is spoken of"
    assert not background.any


def test_background_calls_end_by_themselves() -> None:
    first, second = group("a", cancel_after_s=3.0), group("b", cancel_after_s=1.0)
    for calls in (first, second):
        calls.start(0.0)
    background = running(first, second, group("c"))
    assert background.due_s == 1.0
    assert background.copy().due_s == 1.0
    assert background.cancel_due(0.9) == ()
    assert background.cancel_due(3.0) == ("a", "b")
    assert background.due_s is None
    assert background.any, "c is still at work"
    assert news(background) == []


def test_what_was_answered_is_spoken_of_when_the_rest_of_its_group_is_cancelled() -> None:
    calls = CallGroup(
        [
            MadeCall("a", Call("x", {}, cancel_after_s=1.0), background=True),
            MadeCall("b", Call("y", {}), background=True),
        ],
        SAY,
        "when",
    )
    calls.start(0.0)
    background = running(calls)
    background.take(answer("b"))
    assert background.cancel_due(1.0) == ("a",)
    assert news(background) == ["when: 10:00 in unknown"]
    assert not background.any


ANSWERS = st.lists(
    st.builds(
        answer,
        st.sampled_from("abc"),
        st.sampled_from(["", SILENT, WHEN_IDLE, INTERRUPT]),
        goes_on=st.booleans(),
    ),
    max_size=12,
)


@given(ANSWERS, st.booleans(), st.booleans())
def test_after_its_last_answer_no_call_is_open_whatever_came_before(
    answers: list[ToolAnswer], schedules: bool, pauses: bool
) -> None:
    background = running(group("a", "b"), group("c"), schedules=schedules)
    wanted = False
    for one in answers:
        scheduling = background.take(one)
        assert scheduling in (None, SILENT, WHEN_IDLE, INTERRUPT)
        assert schedules or scheduling != INTERRUPT
        wanted = wanted or scheduling in (WHEN_IDLE, INTERRUPT)
        if pauses:
            assert (len(news(background)) == 1) == (scheduling in (WHEN_IDLE, INTERRUPT))
    for call_id in "abc":
        background.take(last(call_id, SILENT))
        assert background.take(answer(call_id)) is None
    told = news(background)
    assert len(told) <= 2, "each reply at most once in a pause"
    assert pauses or not wanted or told
    assert not background.any
