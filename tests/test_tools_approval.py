"""What may be called without a question: by the function's risk, the user's word and answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tool_of import tool_of

from voicecli.tools.approval import Answer, Approval
from voicecli.tools.tool import Risk, Tool
from voicecli.tools.toolbox import Toolbox

RISKS = st.sampled_from(list(Risk))
ANSWERS = st.sampled_from(list(Answer))


def tool(risk: Risk = Risk.ASK, *, always_asks: bool = False, origin: str = "a test") -> Tool:
    return tool_of(lambda: 1, risk=risk, always_asks=always_asks, origin=origin)


def test_yes_is_for_one_call() -> None:
    asking = tool()
    approval = Approval(Toolbox([asking]))
    assert approval.answered(asking, Answer.YES)
    assert approval.risk(asking) is Risk.ASK


def test_no_is_for_one_call() -> None:
    asking = tool()
    approval = Approval(Toolbox([asking]))
    assert not approval.answered(asking, Answer.NO)
    assert approval.risk(asking) is Risk.ASK


def test_always_is_for_the_conversation() -> None:
    asking = tool()
    toolbox = Toolbox([asking])
    approval = Approval(toolbox)
    assert approval.answered(asking, Answer.ALWAYS)
    assert approval.risk(asking) is Risk.SAFE
    assert Approval(toolbox).risk(asking) is Risk.ASK


def test_no_answer_takes_back_what_was_always_allowed() -> None:
    asking = tool()
    approval = Approval(Toolbox([asking]))
    approval.answered(asking, Answer.ALWAYS)
    assert not approval.answered(asking, Answer.NO)
    assert approval.risk(asking) is Risk.SAFE


def test_always_is_for_one_function() -> None:
    first, second = tool_of(lambda: 1, "a", risk=Risk.ASK), tool_of(lambda: 1, "b", risk=Risk.ASK)
    approval = Approval(Toolbox([first, second]))
    approval.answered(first, Answer.ALWAYS)
    assert approval.risk(second) is Risk.ASK


def test_a_function_that_takes_the_name_of_one_that_is_gone_is_another() -> None:
    toolbox = Toolbox()
    approval = Approval(toolbox)
    trusted, other = tool(origin="server a"), tool(origin="server b")
    toolbox.put("server a", [trusted])
    approval.answered(trusted, Answer.ALWAYS)
    toolbox.put("server a", [])
    toolbox.put("server b", [other])
    assert approval.risk(other) is Risk.ASK
    toolbox.put("server b", [])
    toolbox.put("server a", [trusted])
    assert approval.risk(trusted) is Risk.SAFE


def test_a_function_that_always_asks_may_be_called_once_by_always() -> None:
    shell = tool(Risk.SAFE, always_asks=True)
    approval = Approval(Toolbox([shell], {"f": Risk.SAFE}))
    assert approval.answered(shell, Answer.ALWAYS)
    assert approval.risk(shell) is Risk.ASK


@given(own=RISKS, word=st.none() | RISKS, always_asks=st.booleans(), answers=st.lists(ANSWERS))
def test_without_a_question_only_what_is_safe_or_always_allowed(
    own: Risk, word: Risk | None, always_asks: bool, answers: list[Answer]
) -> None:
    function = tool(own, always_asks=always_asks)
    approval = Approval(Toolbox([function], {} if word is None else {"f": word}))
    for answer in answers:
        assert approval.answered(function, answer) is (answer is not Answer.NO)

    risk = word or own
    if risk is Risk.DENY:
        assert approval.risk(function) is Risk.DENY
    elif always_asks:
        assert approval.risk(function) is Risk.ASK
    elif Answer.ALWAYS in answers:
        assert approval.risk(function) is Risk.SAFE
    else:
        assert approval.risk(function) is risk


@pytest.mark.parametrize("answer", list(Answer))
def test_no_answer_allows_what_is_denied(answer: Answer) -> None:
    function = tool(Risk.DENY)
    approval = Approval(Toolbox([function]))
    approval.answered(function, answer)
    assert approval.risk(function) is Risk.DENY
