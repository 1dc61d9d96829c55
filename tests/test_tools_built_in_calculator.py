"""The model gets the value, or what is wrong with its expression."""

from __future__ import annotations

import asyncio

from voicecli.tools.built_in.arithmetic_functions import CONSTANTS, FUNCTIONS
from voicecli.tools.built_in.calculator import calculator
from voicecli.tools.runner import Outcome, run
from voicecli.tools.tool import Risk


def outcome_of(expression: str) -> Outcome:
    return asyncio.run(run(calculator, {"expression": expression}, lambda result: None))


def test_the_value_comes_as_text_so_that_no_digit_is_lost_on_the_way() -> None:
    assert outcome_of("2**100").response == {"result": "1267650600228229401496703205376"}


def test_what_is_wrong_goes_back_to_the_model() -> None:
    assert outcome_of("1/0").response == {"error": "that divides by zero"}


def test_it_may_be_called_without_a_question() -> None:
    assert calculator.risk is Risk.SAFE


def test_the_model_is_told_of_everything_that_it_knows() -> None:
    told = str(calculator.parameters)
    assert [name for name in {*FUNCTIONS, *CONSTANTS} if name not in told] == []
