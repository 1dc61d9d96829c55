"""What a script expects of an answer is held against what came, and told by its path."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.local.answer_check import MAX_CHARACTERS, brief, difference, misuses
from voicecli.local.client_frames import ToolAnswer
from voicecli.local.script import Call
from voicecli.local.tool_calls import MadeCall

Json = dict[str, object]


def told(expect: Json | None, response: Json, *, expect_error: bool = False) -> str | None:
    call = Call("clock", {}, expect=expect, expect_error=expect_error)
    return difference(MadeCall("a", call), response)


def misused(made: MadeCall, answer: ToolAnswer, *, schedules: bool = True) -> list[str]:
    return list(misuses(made, answer, schedules=schedules))


BLOCKING = MadeCall("a", Call("clock", {}))
BACKGROUND = MadeCall("a", Call("clock", {}), background=True)


def test_without_expectations_anything_is_an_answer() -> None:
    assert told(None, {}) is None
    assert told(None, {"error": "no"}) is None


def test_the_keys_and_values_that_are_expected_have_to_be_there_and_others_may() -> None:
    expect: Json = {"result": {"time": "10:00", "parts": [10, 0]}, "ok": True}
    response: Json = {"result": {"time": "10:00", "parts": [10, 0.0], "zone": "UTC"}, "ok": True}
    assert told(expect, {**response, "more": 1}) is None
    assert told({}, response) is None


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({}, "without 'time', which the script expects"),
        ({"time": "10:05"}, "with 'time' as '10:05', where the script expects '10:00'"),
        ({"time": 10}, "with 'time' as 10, where the script expects '10:00'"),
        ({"time": None}, "with 'time' as None, where the script expects '10:00'"),
        ({"time": {"time": "10:00"}}, "with 'time' as {'time': '10:00'}, where the script exp"),
        ({"error": "no clock"}, "with the error 'no clock', where the script expects none"),
    ],
)
def test_what_differs_is_named(response: Json, expected: str) -> None:
    assert (told({"time": "10:00"}, response) or "").startswith(expected)


def test_what_differs_further_in_is_named_with_its_path() -> None:
    expect: Json = {"result": {"a": {"b": 1}}}
    assert told(expect, {"result": {"a": {"b": 2}}}) == (
        "with 'result.a.b' as 2, where the script expects 1"
    )
    assert told(expect, {"result": {"a": {}}}) == "without 'result.a.b', which the script expects"
    assert told(expect, {"result": [1]}) == (
        "with 'result' as [1], where the script expects {'a': {'b': 1}}"
    )


@pytest.mark.parametrize(
    ("expected", "found"),
    [(1, True), (0, False), (True, 1), (1, "1"), ([1], [1, 1]), ([1], [True]), ([{"a": 1}], [{}])],
)
def test_values_that_are_not_the_same(expected: object, found: object) -> None:
    assert told({"x": expected}, {"x": found}) is not None


@pytest.mark.parametrize(
    ("sent", "came"), [("time_zone", "timeZone"), ("timeZone", "time_zone"), ("Zone", "zone")]
)
def test_keys_that_were_changed_in_case_are_recognised(sent: str, came: str) -> None:
    text = told({"result": {sent: 1}}, {"result": {came: 1}})
    assert text == f"with '{came}' for 'result.{sent}': the case of keys is the user's"


def test_an_error_can_be_expected() -> None:
    assert told(None, {"error": "no"}, expect_error=True) is None
    assert told({"error": "no"}, {"error": "no"}, expect_error=True) is None
    assert told({"error": "no"}, {"error": "no"}) is None
    assert told({"error": "no"}, {"error": "other"}, expect_error=True) is not None
    without = told(None, {"result": 1}, expect_error=True)
    assert without == "without an error, where the script expects one"


def test_what_only_background_calls_take_is_told_of_others() -> None:
    plain = ToolAnswer("a", "clock", {})
    goes_on = ToolAnswer("a", "clock", {}, will_continue=True)
    scheduled = ToolAnswer("a", "clock", {}, "WHEN_IDLE")
    assert misused(BLOCKING, plain) == []
    assert misused(BLOCKING, goes_on) == ["with will_continue, which only NON_BLOCKING calls take"]
    assert misused(BLOCKING, scheduled) == ["with a scheduling, which only NON_BLOCKING calls take"]
    for answer in (plain, goes_on, scheduled):
        assert misused(BACKGROUND, answer) == []


def test_a_scheduling_for_a_model_that_takes_none_is_told() -> None:
    scheduled = ToolAnswer("a", "clock", {}, "SILENT", will_continue=True)
    (text,) = misused(BACKGROUND, scheduled, schedules=False)
    assert text == "with a scheduling, which the model does not take"


def test_an_answer_under_another_name_is_told_and_one_without_a_name_is_not() -> None:
    assert misused(BLOCKING, ToolAnswer("a", "", {})) == []
    assert misused(BLOCKING, ToolAnswer("a", "Clock", {})) == ["of clock under the name 'Clock'"]


def test_what_a_client_sent_cannot_move_the_cursor_or_fill_the_screen() -> None:
    values: list[object] = ["\x1b[2J\x7f\u202e" * 999, ["\x9b" * 999] * 999, {"é" * 999: [[[[]]]]}]
    for value in values:
        text = brief(value)
        assert text.isascii()
        assert text.isprintable()
        assert len(text) < 20 * MAX_CHARACTERS


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)
OBJECTS = st.dictionaries(st.text(max_size=5).filter(lambda key: key != "error"), JSON, max_size=4)


@given(OBJECTS, OBJECTS)
def test_a_response_fulfils_what_is_a_part_of_it(expect: Json, more: Json) -> None:
    came = json.loads(json.dumps({**more, **expect}))
    assert told(expect, came) is None


@given(OBJECTS, OBJECTS)
def test_a_difference_is_always_told_as_one_printable_line(expect: Json, response: Json) -> None:
    text = told(expect, response)
    if text is None:
        assert expect.keys() <= response.keys()
    else:
        assert text.isprintable()
