"""What is on offer changes while both talk, and a service that takes neither way gets what held."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.live import events as ev
from voicecli.live.models import DEFAULT_MODEL
from voicecli.live.patience import Patience
from voicecli.live.setup import FunctionDeclaration, Setup
from voicecli.live.setups import Setups

NOW = FunctionDeclaration("now", "tells the time", {"type": "object"})
TIMER = FunctionDeclaration("timer", "waits", {"type": "object"}, background=True)
SETUP = Setup(DEFAULT_MODEL, functions=(NOW,))
HIGH = replace(SETUP, patience=Patience.HIGH)
FLASH_31 = "gemini-3.1-flash-live-preview"
END = ev.TurnComplete()


def standing(setup: Setup = SETUP) -> Setups:
    """The setups of a session whose first connection stands."""
    setups = Setups(setup)
    setups.dialling()
    return setups


def takes_turn(setups: Setups) -> None:
    setups.hear(ev.ModelSpeech("hi"), begins=True)
    setups.hear(END, begins=False)


def test_what_is_offered_before_the_first_connection_is_in_its_setup() -> None:
    for model in (DEFAULT_MODEL, FLASH_31):
        setups = Setups(Setup(model))
        assert setups.offer((NOW, TIMER))
        assert not setups.tells_tools
        setups.dialling()
        assert setups.current.functions == (NOW, TIMER)


def test_a_model_that_takes_an_update_is_told_and_the_next_connection_has_it_in_its_setup() -> None:
    setups = standing()
    assert setups.offer((TIMER,))
    assert setups.tells_tools
    setups.tools_told()
    assert not setups.tells_tools
    assert setups.current == replace(SETUP, functions=(TIMER,))
    setups.offer((NOW,))
    setups.dialling()
    assert not setups.tells_tools, "it is told by its setup"


def test_the_same_offer_again_is_no_news() -> None:
    setups = standing()
    assert setups.offer((NOW,))
    assert not setups.tells_tools


def test_a_model_that_takes_none_has_to_be_moved_and_any_move_does() -> None:
    setups = standing(Setup(FLASH_31, functions=(NOW,)))
    assert not setups.offer((TIMER,))
    assert setups.current.functions == (NOW,)
    wanted = Setup(FLASH_31, functions=(TIMER,))
    assert not setups.has(wanted, moving=False), "nothing moves yet"
    assert setups.has(wanted, moving=True)
    assert not setups.offer((TIMER,)), "it still has to"
    setups.dialling()
    assert setups.current == wanted
    assert setups.has(wanted, moving=False)


def test_an_offer_that_is_taken_back_needs_no_move() -> None:
    setups = standing(Setup(FLASH_31, functions=(NOW,)))
    assert not setups.offer((TIMER,))
    assert setups.offer((NOW,))
    setups.dialling()
    assert setups.current.functions == (NOW,)


def test_an_offer_joins_a_change_that_is_under_way() -> None:
    for model in (DEFAULT_MODEL, FLASH_31):
        setups = standing(replace(SETUP, model=model))
        setups.want(replace(HIGH, model=model))
        setups.offer((TIMER,))
        setups.dialling()
        assert setups.current == replace(HIGH, model=model, functions=(TIMER,))


def test_a_refused_update_is_moved_for_once_and_no_other_is_sent() -> None:
    setups = standing()
    assert not setups.update_refused(), "there was none"
    setups.offer((TIMER,))
    setups.tools_told()
    assert setups.update_refused()
    setups.dialling()
    assert setups.current.functions == (TIMER,)
    assert not setups.update_refused(), "its setup has no part in an update"
    assert not setups.offer((NOW,)), "from now on it is moved"


@pytest.mark.parametrize("told", [True, False])
def test_tools_that_are_refused_both_ways_are_taken_back(told: bool) -> None:
    setups = standing()
    setups.offer((TIMER,))
    if told:
        setups.tools_told()
    setups.hear(END, begins=False)  # of a turn before the update
    assert setups.update_refused()
    setups.dialling()
    assert setups.refused()
    assert setups.current == SETUP
    assert not setups.refused(), "there is nothing else to go back to"


def test_an_update_that_has_held_a_turn_is_not_taken_back() -> None:
    setups = standing()
    setups.offer((TIMER,))
    setups.tools_told()
    takes_turn(setups)
    assert not setups.update_refused()
    assert not setups.refused()


def test_a_second_update_is_to_prove_itself_too() -> None:
    setups = standing()
    setups.offer((TIMER,))
    setups.tools_told()
    setups.hear(ev.ModelSpeech("hi"), begins=True)
    setups.offer((TIMER, NOW))
    setups.hear(END, begins=False)
    assert setups.update_refused()
    assert setups.refused()
    assert setups.current == SETUP


def test_a_change_goes_back_to_what_has_held_a_turn() -> None:
    setups = standing()
    setups.offer((TIMER,))
    setups.want(replace(HIGH, functions=(TIMER,)))
    setups.dialling()
    assert setups.refused()
    assert setups.current == SETUP


def test_a_setup_that_has_held_a_turn_stays() -> None:
    setups = standing()
    setups.want(HIGH)
    setups.dialling()
    setups.hear(END, begins=False)
    assert not setups.refused()
    assert setups.current == HIGH


def test_a_function_runs_as_it_was_declared_also_after_it_was_withdrawn() -> None:
    setups = standing(replace(SETUP, functions=(TIMER,)))
    setups.offer(())
    assert setups.runs_in_background("timer")
    assert not setups.runs_in_background("now")
    extended = standing(Setup("gemini-3.8-live-extended-thinking"))
    assert extended.runs_in_background("any")
    moved = standing(Setup(FLASH_31))
    moved.offer((TIMER,))
    assert not moved.runs_in_background("timer")


OFFERS = st.sampled_from([(), (NOW,), (TIMER,), (NOW, TIMER)])
STEPS = st.lists(
    st.one_of(OFFERS, st.sampled_from(["told", "turn", "end", "dial", "refused", "bad setup"]))
)


@given(st.sampled_from([DEFAULT_MODEL, FLASH_31]), STEPS)
def test_whatever_happens_the_newest_offer_is_what_the_next_connection_gets(
    model: str, steps: list[object]
) -> None:
    setups, newest = standing(replace(SETUP, model=model)), SETUP.functions
    updates = 0
    for step in steps:
        match step:
            case tuple():
                setups.offer(step)
                newest = step
            case "told":
                setups.tools_told()
            case "turn":
                takes_turn(setups)
            case "end":
                setups.hear(END, begins=False)
            case "dial":
                setups.dialling()
            case "refused":
                updates += setups.update_refused()
                setups.dialling()
            case _:
                setups.dialling()
                newest = newest if not setups.refused() else setups.current.functions
    setups.dialling()
    assert setups.current == replace(SETUP, model=model, functions=newest)
    assert updates <= 1 if model == DEFAULT_MODEL else updates == 0
