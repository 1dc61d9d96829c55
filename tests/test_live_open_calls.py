"""A result goes to whoever asked for it, or is told in words: never to a service that forgot."""

from __future__ import annotations

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
