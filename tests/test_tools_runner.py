"""Whatever a function does, the model gets an answer that it can act on, and the talk goes on."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tool_of import tool_of

from voicecli.tools.runner import Outcome, run
from voicecli.tools.tool import LARGEST_RESULT_CHARACTERS


def outcome_of(function: Callable[..., object], args: dict[str, object], **changes: Any) -> Outcome:
    tool = tool_of(function, **changes)
    return asyncio.run(run(tool, args, lambda result: None))


def test_a_result_goes_back_as_a_result() -> None:
    outcome = outcome_of(lambda city: {"sky": city}, {"city": "Bonn"})
    assert outcome.response == {"result": {"sky": "Bonn"}}


def test_a_function_that_fails_answers_with_its_message() -> None:
    def fails() -> None:
        raise RuntimeError("no such city")

    assert outcome_of(fails, {}).response == {"error": "RuntimeError: no such city"}


def test_a_function_that_takes_too_long_is_given_up() -> None:
    release = threading.Event()

    async def main() -> Outcome:
        try:
            tool = tool_of(lambda: release.wait(10), timeout_s=0.01)
            return await run(tool, {}, lambda result: None)
        finally:
            release.set()

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
