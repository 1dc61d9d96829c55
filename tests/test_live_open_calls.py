"""A result goes to whoever asked for it, or is told in words: never to a service that forgot."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicecli.live.events import FunctionCall
from voicecli.live.items import ToolResult
from voicecli.live.open_calls import OpenCalls

CALL = FunctionCall("f1", "get_weather", {"city": "London"})
RESULT = ToolResult("f1", "get_weather", {"result": "rain"})


def asked() -> OpenCalls:
    calls = OpenCalls()
    calls.called(CALL)
    return calls


def test_a_result_goes_to_the_connection_that_asked() -> None:
    calls = asked()
    assert calls.at_work == {"f1"}
    calls.finished("f1")
    assert calls.at_work == frozenset()
    assert calls.in_words(RESULT) is None


def test_a_new_connection_has_forgotten_a_call_that_no_handle_stands_for() -> None:
    for resumed in (True, False):
        calls = asked()
        calls.moved(resumed=resumed)
        words = calls.in_words(RESULT)
        assert words is not None
        assert 'get_weather({"city": "London"})' in words
        assert "rain" in words


def test_a_handle_that_was_given_out_after_the_call_stands_for_it() -> None:
    calls = asked()
    calls.handle_given()
    calls.moved(resumed=True)
    assert calls.in_words(RESULT) is None
    calls.moved(resumed=False)
    assert calls.in_words(RESULT) is not None, "a new session knows of nothing"


def test_a_service_that_asks_again_wants_it_still() -> None:
    calls = asked()
    calls.moved(resumed=True)
    calls.called(CALL)
    assert calls.in_words(RESULT) is None


def test_a_cancelled_call_is_none() -> None:
    calls = asked()
    calls.cancelled(["f1", "f9"])
    assert calls.at_work == frozenset()
    calls.moved(resumed=False)
    assert calls.in_words(RESULT) is None


def test_results_that_reached_the_service_are_done_with() -> None:
    calls = asked()
    calls.called(FunctionCall("f2", "now", {}))
    calls.called(FunctionCall("f3", "now", {}))
    calls.finished("f1")
    calls.finished("f2")
    calls.settle(frozenset({"f2"}))
    calls.moved(resumed=False)
    assert calls.in_words(RESULT) is None
    assert calls.in_words(ToolResult("f2", "now", {})) is not None
    assert calls.at_work == {"f3"}


def test_a_call_that_goes_on_is_at_work_until_its_last_result() -> None:
    calls = asked()
    calls.settle(frozenset())
    assert calls.at_work == {"f1"}
    calls.finished("f1")
    assert not calls.at_work


def test_the_service_waits_for_no_call_in_the_background_and_for_none_that_it_forgot() -> None:
    calls = OpenCalls()
    calls.called(CALL, background=True)
    assert calls.in_background("f1")
    assert calls.at_work == {"f1"}
    assert not calls.waited_for
    calls.called(FunctionCall("f2", "now", {}))
    assert not calls.in_background("f2")
    assert calls.waited_for == {"f2"}
    calls.moved(resumed=False)
    assert not calls.waited_for
    assert calls.at_work == {"f1", "f2"}


def test_a_handle_of_a_session_that_forgot_a_call_does_not_stand_for_it() -> None:
    calls = asked()
    calls.handle_given()
    assert calls.in_handle == {"f1"}
    calls.moved(resumed=False)
    assert calls.in_handle == frozenset()
    calls.called(FunctionCall("f2", "now", {}))
    calls.handle_given()
    assert calls.in_handle == {"f2"}
    calls.moved(resumed=True)
    assert calls.in_words(RESULT) is not None
    assert calls.in_words(ToolResult("f2", "now", {})) is None


def test_an_open_call_stands_in_every_handle_of_an_hour() -> None:
    calls = OpenCalls()
    calls.called(CALL, background=True)
    for _ in range(360):
        calls.handle_given()
        calls.settle(frozenset())
        calls.moved(resumed=True)
        assert calls.in_words(RESULT) is None
        assert calls.in_background("f1")
    calls.finished("f1")
    calls.settle(frozenset())
    assert calls.in_handle == frozenset()
    assert not calls.in_background("f1")


STEPS = st.lists(
    st.sampled_from(["call", "handle", "resume", "begin anew", "finish", "settle", "cancel"])
)


@given(STEPS)
def test_a_result_goes_as_one_only_to_a_service_that_knows_of_the_call(steps: list[str]) -> None:
    calls, known, in_handle, number = OpenCalls(), set[str](), set[str](), 0
    open_calls: set[str] = set()
    for step in steps:
        match step:
            case "call":
                number += 1
                calls.called(FunctionCall(f"f{number}", "now", {}))
                known.add(f"f{number}")
                open_calls.add(f"f{number}")
            case "handle":
                calls.handle_given()
                in_handle = set(known)
            case "resume":
                calls.moved(resumed=True)
                known = set(in_handle)
            case "begin anew":
                calls.moved(resumed=False)
                known, in_handle = set(), set()
            case "finish":
                calls.finished(f"f{number}")
            case "settle":
                calls.settle(frozenset())
                open_calls = set(calls.at_work)
            case _:
                calls.cancelled([f"f{number}"])
                open_calls.discard(f"f{number}")
    for call_id in open_calls:
        words = calls.in_words(ToolResult(call_id, "now", {}))
        assert (words is None) == (call_id in known)
    assert calls.in_handle == in_handle & open_calls


def test_calls_of_one_message_wait_for_each_other() -> None:
    calls = asked()
    calls.called(FunctionCall("f2", "timer", {}), background=True, together=True)
    calls.called(FunctionCall("f3", "now", {}))
    assert calls.awaits_others("f1")
    assert not calls.awaits_others("f3")
    assert not calls.awaits_others("f9")
    calls.finished("f2")
    assert not calls.awaits_others("f1")
