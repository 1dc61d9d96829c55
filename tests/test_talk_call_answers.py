"""What the model is told of a call: each result once, as it can take it, and again on demand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.live.events import FunctionCall
from voicecli.live.history import call_text
from voicecli.live.items import Item, ToolResult
from voicecli.talk.call_answers import KEPT_RESULTS, CallAnswers, OpenCall
from voicecli.tools.runner import Outcome
from voicecli.tools.tool import Scheduling

CALL = FunctionCall("f1", "timer", {"minutes": 3})
OVER = ToolResult("f1", "timer", {}, Scheduling.SILENT)


class Line:
    """What is sent, and what is said in words, in order."""

    def __init__(self) -> None:
        self.told: list[Item | str] = []
        self.answers = CallAnswers(self, self.told.append)

    def queue(self, item: Item) -> None:
        self.told.append(item)

    def again(self, call_id: str = "f1") -> list[Item | str]:
        """What is told when the service asks again."""
        self.told.clear()
        self.answers.repeat(call_id)
        return self.told


def in_background(scheduling: Scheduling | None = None) -> OpenCall:
    return OpenCall(CALL, background=True, scheduling=scheduling)


def result(value: object, **changes: object) -> ToolResult:
    return replace(ToolResult("f1", "timer", {"result": value}), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("background", [False, True])
def test_a_function_with_one_result_has_one_answer(background: bool) -> None:
    line = Line()
    line.answers.end(OpenCall(CALL, background), Outcome("noon"))
    assert line.told == [result("noon")]
    assert line.again() == [result("noon")]


@pytest.mark.parametrize("background", [False, True])
def test_an_error_is_an_answer_too(background: bool) -> None:
    line = Line()
    line.answers.end(OpenCall(CALL, background), Outcome(error="no clock"))
    assert line.told == [ToolResult("f1", "timer", {"error": "no clock"})]


@pytest.mark.parametrize("scheduling", [None, *Scheduling])
def test_in_the_background_the_model_is_told_when_to_speak_of_it(
    scheduling: Scheduling | None,
) -> None:
    line = Line()
    line.answers.end(in_background(scheduling), Outcome("noon"))
    assert line.told == [result("noon", scheduling=scheduling)]


def test_a_model_that_waits_is_not_told_when_to_speak() -> None:
    line = Line()
    line.answers.end(OpenCall(CALL, scheduling=Scheduling.WHEN_IDLE), Outcome("noon"))
    assert line.told == [result("noon")]


def test_in_the_background_results_go_out_as_they_come_and_the_end_says_nothing() -> None:
    line, at_work = Line(), in_background(Scheduling.INTERRUPT)
    line.answers.partial(at_work, "set")
    line.answers.partial(at_work, "over")
    line.answers.end(at_work, Outcome(over=True))
    goes_on = {"continues": True, "scheduling": Scheduling.INTERRUPT}
    assert line.told == [result("set", **goes_on), result("over", **goes_on), OVER]


def test_in_the_background_a_failure_after_results_is_told_as_the_end() -> None:
    line, at_work = Line(), in_background()
    line.answers.partial(at_work, "set")
    line.answers.end(at_work, Outcome(error="broke"))
    assert line.told[1:] == [ToolResult("f1", "timer", {"error": "broke"})]


def test_a_model_that_waits_has_the_first_result_as_its_answer_and_later_ones_in_words() -> None:
    line, at_work = Line(), OpenCall(CALL)
    line.answers.partial(at_work, "set")
    line.answers.partial(at_work, "over")
    line.answers.end(at_work, Outcome(over=True))
    assert line.told == [result("set"), call_text("timer", {"minutes": 3}, "over")]


def test_a_model_that_waits_is_told_in_words_of_a_failure_after_its_answer() -> None:
    line, at_work = Line(), OpenCall(CALL)
    line.answers.partial(at_work, "set")
    line.answers.end(at_work, Outcome(error="broke"))
    assert line.told[1:] == [call_text("timer", {"minutes": 3}, {"error": "broke"})]


def test_a_function_that_goes_on_and_gives_nothing_is_answered_all_the_same() -> None:
    line = Line()
    line.answers.end(OpenCall(CALL), Outcome(over=True))
    assert line.told == [result(None)]
    line.told.clear()
    line.answers.end(in_background(Scheduling.INTERRUPT), Outcome(over=True))
    assert line.told == [OVER]


def test_who_asks_again_while_it_goes_on_gets_the_latest_result_and_that_it_goes_on() -> None:
    line, at_work = Line(), in_background()
    assert line.again() == []
    line.answers.partial(at_work, "set")
    line.answers.partial(at_work, "half")
    assert line.again() == [result("half", continues=True)]


def test_who_asks_again_after_the_end_gets_the_last_result_as_the_answer() -> None:
    line, at_work = Line(), in_background(Scheduling.WHEN_IDLE)
    line.answers.partial(at_work, "over")
    line.answers.end(at_work, Outcome(over=True))
    assert line.again() == [result("over", scheduling=Scheduling.WHEN_IDLE)]


def test_who_asks_again_for_what_was_told_in_words_gets_it_as_the_answer() -> None:
    line, at_work = Line(), OpenCall(CALL)
    line.answers.partial(at_work, "set")
    line.answers.partial(at_work, "over")
    assert line.again() == [result("over")]


def test_only_the_latest_results_are_kept() -> None:
    line = Line()
    for number in range(KEPT_RESULTS + 1):
        line.answers.end(OpenCall(FunctionCall(str(number), "f", {})), Outcome(number))
    assert line.again("0") == []
    assert line.again("1") == [ToolResult("1", "f", {"result": 1})]


RESULTS = st.lists(st.integers() | st.none() | st.text(), max_size=8)
ENDS = st.sampled_from([Outcome(over=True), Outcome(error="broke")])


@given(st.booleans(), RESULTS, ENDS)
def test_every_call_gets_exactly_one_last_answer_and_every_result_is_told_once(
    background: bool, results: list[object], end: Outcome
) -> None:
    line, at_work = Line(), OpenCall(CALL, background)
    for value in results:
        line.answers.partial(at_work, value)
    line.answers.end(at_work, end)
    answers = [told for told in line.told if isinstance(told, ToolResult)]
    assert [answer.continues for answer in answers].count(False) == 1
    assert not background or not answers[-1].continues
    told = [
        one if isinstance(one, str) else one.response["result"]
        for one in line.told
        if isinstance(one, str) or (isinstance(one, ToolResult) and "result" in one.response)
    ]
    expected: list[object] = list(results)
    if not background:
        expected[1:] = [call_text("timer", {"minutes": 3}, value) for value in results[1:]]
        if results and end.error is not None:
            expected.append(call_text("timer", {"minutes": 3}, {"error": "broke"}))
        if not results and end.over:
            expected.append(None)
    assert told == expected
