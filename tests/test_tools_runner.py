"""Whatever a function does, the model gets an answer that it can act on, and the talk goes on."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.tools.clock import CURRENT_TIME, current_time
from voicecli.tools.runner import LARGEST_RESULT_CHARACTERS, Outcome, ToolRunner
from voicecli.tools.tool import Tool

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city"],
}


def outcome_of(function: Any, args: dict[str, object], schema: Any = None) -> Outcome:
    tool = Tool("f", "does", schema or {"type": "object", "properties": {}}, function)
    return asyncio.run(ToolRunner([tool]).run("f", args))


def test_a_result_goes_back_as_a_result() -> None:
    outcome = outcome_of(lambda city: {"sky": city}, {"city": "Bonn"}, SCHEMA)
    assert outcome.response == {"result": {"sky": "Bonn"}}


def test_a_function_that_fails_answers_with_its_message() -> None:
    def fails() -> None:
        raise RuntimeError("no such city")

    assert outcome_of(fails, {}).response == {"error": "RuntimeError: no such city"}


def test_a_function_that_was_never_offered_is_answered_with_those_that_are() -> None:
    outcome = asyncio.run(ToolRunner([CURRENT_TIME]).run("rm", {}))
    assert outcome.error == "there is no function rm; those on offer: current_time"
    assert asyncio.run(ToolRunner([]).run("rm", {})).error == (
        "there is no function rm; those on offer: none"
    )


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({}, "missing arguments: city"),
        ({"city": "x", "zip": 1}, "unknown arguments: zip; f takes city, days"),
    ],
)
def test_wrong_arguments_are_told_before_the_call(args: dict[str, object], error: str) -> None:
    def never(**_: object) -> None:
        raise AssertionError("called")

    assert outcome_of(never, args, SCHEMA).error == error


def test_a_function_without_parameters_takes_none() -> None:
    assert outcome_of(lambda: 1, {"a": 1}, {"type": "object"}).error == (
        "unknown arguments: a; f takes no arguments"
    )


def test_a_function_that_takes_too_long_is_given_up() -> None:
    async def main() -> Outcome:
        release = threading.Event()
        tool = Tool("f", "waits", {"type": "object"}, lambda: release.wait(10))
        outcome = await ToolRunner([tool], timeout_s=0.01).run("f", {})
        release.set()
        return outcome

    assert asyncio.run(main()).error == "f took longer than 0.01 s"


def test_a_result_that_is_too_long_is_cut_with_a_note() -> None:
    result = outcome_of(lambda: "x" * 50_000, {}).result
    assert isinstance(result, str)
    assert len(result) < LARGEST_RESULT_CHARACTERS + 100
    assert "cut: 50002 characters" in result


@given(st.dictionaries(st.text(), st.one_of(st.integers(), st.text(), st.binary(), st.none())))
def test_any_result_becomes_plain_json(value: dict[str, object]) -> None:
    json.dumps(outcome_of(lambda: value, {}).response)


def test_a_result_that_json_cannot_say_is_an_error_for_the_model() -> None:
    circular: list[object] = []
    circular.append(circular)
    assert "ValueError" in (outcome_of(lambda: circular, {}).error or "")


def test_the_clock_tells_time_date_and_zone() -> None:
    now = current_time()
    assert re.fullmatch(r"\d\d:\d\d", now["time"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", now["date"])
    assert now["zone"]
    outcome = asyncio.run(ToolRunner([CURRENT_TIME]).run("current_time", {}))
    assert outcome.error is None


def test_an_infinite_number_is_no_json_either() -> None:
    assert "ValueError" in (outcome_of(lambda: float("inf"), {}).error or "")


def test_a_time_out_inside_the_function_is_its_own() -> None:
    def fails() -> None:
        raise TimeoutError("no answer from the lamp")

    assert outcome_of(fails, {}).error == "TimeoutError: no answer from the lamp"


def test_an_error_that_is_too_long_is_cut_with_a_note() -> None:
    def fails() -> None:
        raise RuntimeError("x" * 50_000)

    error = outcome_of(fails, {}).error or ""
    assert len(error) < LARGEST_RESULT_CHARACTERS + 100
    assert "(cut: " in error


def test_half_of_a_surrogate_pair_cannot_be_sent() -> None:
    assert outcome_of(lambda: {"a": "x\ud800"}, {}).result == {"a": "x\ufffd"}
