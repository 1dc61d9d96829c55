"""Which turn a question gets, by the script and by the functions on offer."""

from __future__ import annotations

import pytest
from local_partner import SCRIPT

from voicecli.local.answers import Answers
from voicecli.local.script import Call, Reply, Script, Turn
from voicecli.local.tool_calls import MadeCall

ANSWERS = Answers(SCRIPT, lambda: "id")


def test_a_reply_without_calls_is_said() -> None:
    plan = ANSWERS.plan("hello", {})
    assert (plan.text, plan.awaited, plan.announced) == ("Hi.", None, None)
    assert ANSWERS.plan("something else", {}).text == "You said: something else"


@pytest.mark.parametrize(("behavior", "waits"), [("BLOCKING", True), ("NON_BLOCKING", False)])
def test_calls_are_awaited_unless_they_do_not_block(behavior: str, waits: bool) -> None:
    plan = ANSWERS.plan("what time is it", {"clock": behavior})
    calls, other = plan.awaited, plan.announced
    if not waits:
        calls, other = other, calls
    assert calls is not None
    assert other is None
    assert calls.calls == (MadeCall("id", Call("clock", {"tz": "UTC"}), background=not waits),)


def test_calls_that_were_not_offered_are_not_made() -> None:
    assert ANSWERS.plan("what time is it", {}).text == "I have no clock."


def test_one_blocking_call_makes_all_of_them_awaited() -> None:
    reply = Reply(say="x", calls=(Call("a", {}), Call("b", {})))
    answers = Answers(Script((Turn(("both",), reply),)), lambda: "id")
    plan = answers.plan("both", {"a": "NON_BLOCKING", "b": "BLOCKING"})
    assert plan.awaited is not None
