"""Answers to function calls come late, in pieces, out of order, twice, or for calls long gone."""

from __future__ import annotations

from voicecli.local.client_frames import ToolAnswer
from voicecli.local.script import Call, Reply
from voicecli.local.tool_calls import (
    INTERRUPT,
    SILENT,
    WHEN_IDLE,
    BackgroundCalls,
    CallGroup,
)

SAY = Reply(say="{user}: {result.time} in {result.city}")


def group(*call_ids: str) -> CallGroup:
    return CallGroup([(i, Call(f"name_{i}", {})) for i in call_ids], SAY, "when")


def answer(call_id: str, scheduling: str = "", *, goes_on: bool = False) -> ToolAnswer:
    return ToolAnswer(call_id, "", {"time": "10:00"}, scheduling, will_continue=goes_on)


def test_a_group_waits_for_all_of_its_answers_in_any_order() -> None:
    calls = group("a", "b")
    assert list(calls.missing) == ["a", "b"]
    assert calls.take(answer("b"))
    assert list(calls.missing) == ["a"]
    assert list(calls.missing_names) == ["name_a"]
    assert calls.take(ToolAnswer("a", "", {"city": "Oslo"}))
    assert not calls.missing
    assert calls.spoken() == "when: 10:00 in Oslo"


def test_answers_to_other_calls_and_second_answers_are_not_taken() -> None:
    calls = group("a")
    assert not calls.take(answer("other"))
    assert calls.take(answer("a"))
    assert not calls.take(answer("a"))


def test_an_answer_that_goes_on_is_not_the_last() -> None:
    calls = group("a")
    assert calls.take(answer("a", goes_on=True))
    assert list(calls.missing) == ["a"]
    assert calls.take(answer("a"))
    assert not calls.missing


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


def test_background_results_are_spoken_of_once_each_in_the_order_of_their_answers() -> None:
    background = BackgroundCalls(schedules=True)
    first, second = group("a"), group("b")
    background.add(first)
    background.add(second)
    assert background.any
    assert background.next_answered() is None
    assert background.take(answer("b")) == WHEN_IDLE
    assert background.take(answer("a", INTERRUPT)) == INTERRUPT
    assert background.next_answered() is second
    assert background.next_answered() is first
    assert background.next_answered() is None
    assert not background.any


def test_an_answer_to_none_of_them_is_somebody_elses() -> None:
    assert BackgroundCalls(schedules=True).take(answer("a")) is None


def test_nothing_is_said_while_answers_of_the_group_are_missing() -> None:
    background = BackgroundCalls(schedules=True)
    background.add(group("a", "b"))
    assert background.take(answer("a", INTERRUPT)) == SILENT
    assert background.next_answered() is None
    assert background.take(answer("b")) == INTERRUPT


def test_a_silent_result_is_never_spoken_of() -> None:
    background = BackgroundCalls(schedules=True)
    background.add(group("a"))
    assert background.take(answer("a", SILENT)) == SILENT
    assert background.next_answered() is None
    assert not background.any


def test_a_model_without_scheduling_speaks_of_every_result_in_a_pause() -> None:
    background = BackgroundCalls(schedules=False)
    for call_id, scheduling in (("a", SILENT), ("b", INTERRUPT)):
        background.add(group(call_id))
        assert background.take(answer(call_id, scheduling)) == WHEN_IDLE
        assert background.next_answered() is not None


def test_a_copy_is_the_calls_as_they_were() -> None:
    background = BackgroundCalls(schedules=True)
    background.add(group("a", "b"))
    background.add(group("c"))
    background.take(answer("a"))
    background.take(answer("c"))
    copy = background.copy()
    for calls in (background, copy):
        assert calls.next_answered() is not None
        assert calls.next_answered() is None
        assert calls.take(answer("a")) is None
        assert calls.take(answer("b")) == WHEN_IDLE
    spoken = [calls.next_answered() for calls in (background, copy)]
    assert [one.spoken() for one in spoken if one] == ["when: 10:00 in unknown"] * 2


def test_cancelled_calls_are_those_without_an_answer_and_are_not_spoken_of() -> None:
    background = BackgroundCalls(schedules=True)
    background.add(group("a", "b"))
    background.add(group("c"))
    background.take(answer("a"))
    background.take(answer("c"))
    assert background.cancel() == ("b",)
    assert background.cancel() == ()
    assert background.take(answer("b")) is None
    assert background.next_answered() is not None, "an answer that is there is spoken of"
    assert not background.any
