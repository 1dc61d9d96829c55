"""Nothing but a yes that was meant counts: not one too soon, pasted, held, or to what is hidden."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.tools.approval import Answer
from voicecli.ui.action import Decide
from voicecli.ui.keys import Key
from voicecli.ui.question import ALONE_S, READING_S, STALLED_S, Asker, Shown

SHOWN = Shown("f1", always=True, whole=True)
LATER_S = READING_S + 0.01
Y, N, A, ESC = Key("char", "y"), Key("char", "n"), Key("char", "a"), Key("esc")


def asker(shown: Shown | None = SHOWN) -> Asker:
    """A question that is on the screen since 0 s."""
    made = Asker()
    made.drawn(shown, 0.0)
    return made


def said(key: Key, at_s: float = LATER_S, shown: Shown | None = SHOWN) -> Answer | None:
    decision = asker(shown).answer(key, at_s, alone=True)
    assert decision is None or decision.call_id == "f1"
    return None if decision is None else decision.answer


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        (Y, Answer.YES),
        (Key("char", "Y"), Answer.YES),
        (N, Answer.NO),
        (Key("char", "N"), Answer.NO),
        (ESC, Answer.NO),
        (A, Answer.ALWAYS),
        (Key("char", "A"), Answer.ALWAYS),
        (Key("enter"), None),
        (Key("char", " "), None),
        (Key("char", "q"), None),
        (Key("paste", "y"), None),
        (Key("char", "ý"), None),
    ],
)
def test_what_each_key_says(key: Key, answer: Answer | None) -> None:
    assert said(key) == answer


def test_always_counts_only_where_it_may_be_said() -> None:
    assert said(A, shown=replace(SHOWN, always=False)) is None


@pytest.mark.parametrize("key", [Y, N, A, ESC])
def test_before_the_question_could_be_read_nothing_counts(key: Key) -> None:
    assert said(key, -0.1) is None
    assert said(key, READING_S - 0.01) is None
    assert said(key, shown=None) is None


def test_what_is_not_shown_whole_can_only_be_refused() -> None:
    part = replace(SHOWN, whole=False)
    assert [said(key, shown=part) for key in (Y, A, N)] == [None, None, Answer.NO]


def test_once_the_details_showed_all_yes_counts_for_this_question_only() -> None:
    part = replace(SHOWN, whole=False)
    made = asker(part)
    made.details_opened()
    assert made.read == "f1"
    assert made.answer(Y, LATER_S, alone=True) == Decide("f1", Answer.YES)
    made.drawn(replace(part, call_id="f2"), LATER_S)
    assert made.read != "f2"
    assert made.answer(Y, 2 * LATER_S, alone=True) is None


def test_details_without_a_question_read_nothing() -> None:
    made = asker(None)
    made.details_opened()
    assert made.read is None


def test_the_next_question_has_a_time_of_its_own() -> None:
    made = asker()
    assert made.answer(Y, 1.0, alone=True) == Decide("f1", Answer.YES)
    made.drawn(replace(SHOWN, call_id="f2"), 1.1)
    assert made.answer(Y, 1.3, alone=True) is None
    assert made.answer(Y, 1.7, alone=True) == Decide("f2", Answer.YES)


def test_a_question_is_answered_once() -> None:
    made = asker()
    assert made.answer(Y, 1.0, alone=True) is not None
    assert made.answer(N, 2.0, alone=True) is None


def test_a_question_that_goes_on_showing_keeps_its_time() -> None:
    made = asker()
    made.drawn(replace(SHOWN, whole=False), 0.4)
    made.drawn(SHOWN, 0.45)
    assert made.answer(Y, LATER_S, alone=True) is not None


@pytest.mark.parametrize("hide", [Asker.hidden, lambda made: made.drawn(None, 0.7)])
def test_a_question_that_was_hidden_begins_anew(hide: object) -> None:
    made = asker()
    assert callable(hide)
    hide(made)
    assert made.answer(Y, 0.8, alone=True) is None
    made.drawn(SHOWN, 1.0)
    assert made.answer(Y, 1.4, alone=True) is None
    assert made.answer(Y, 1.6, alone=True) is not None


def test_a_held_key_and_a_paste_without_marks_count_for_nothing() -> None:
    made = asker()
    assert made.answer(Y, 1.0, alone=False) is None
    assert made.answer(Y, 1.0 + ALONE_S / 2, alone=True) is None
    assert made.answer(Key("char", "x"), 1.0 + ALONE_S, alone=True) is None
    assert made.answer(Y, 1.0 + 1.5 * ALONE_S, alone=True) is None
    assert made.answer(Y, 1.0 + 3 * ALONE_S, alone=True) is not None


def test_after_a_standstill_nobody_knows_when_a_key_was_pressed() -> None:
    made = asker()
    made.looked(0.9)
    made.looked(1.0 + STALLED_S)
    assert made.answer(Y, 1.0 + STALLED_S, alone=True) is None
    made.looked(1.3 + STALLED_S)
    made.looked(1.6 + STALLED_S)
    assert made.answer(Y, 1.6 + STALLED_S, alone=True) is not None


keys = st.sampled_from([Y, N, A, ESC, Key("enter"), Key("char", "q"), Key("paste", "yyy")])
questions = st.builds(Shown, st.sampled_from("ab"), st.booleans(), st.booleans())
steps = st.tuples(st.floats(0, 1), keys, st.booleans(), st.none() | questions)


@given(st.lists(steps, max_size=30))
def test_a_yes_is_always_to_what_was_on_the_screen_whole_and_long_enough(
    taken: list[tuple[float, Key, bool, Shown | None]],
) -> None:
    made, now_s, on_screen, since_s = Asker(), 0.0, None, 0.0
    for gap_s, key, alone, shown in taken:
        now_s += gap_s
        decision = made.answer(key, now_s, alone=alone)
        if decision is not None:
            assert alone
            assert on_screen is not None
            assert decision.call_id == on_screen.call_id
            assert now_s - since_s >= READING_S
            if decision.answer is not Answer.NO:
                assert on_screen.whole
                assert key in (Y, A)
                assert decision.answer is Answer.YES or on_screen.always
        made.drawn(shown, now_s)
        if shown is None or on_screen is None or shown.call_id != on_screen.call_id:
            since_s = now_s
        on_screen = shown
