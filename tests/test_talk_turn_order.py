"""Turns come out in the order in which they began, each once, whatever settles first."""

from __future__ import annotations

from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from voicecli.live.patience import Patience
from voicecli.talk import events as talk
from voicecli.talk.turn_order import TurnOrder

END = talk.Ended(9, "", 0, 0)
SESSION = talk.SessionStarted(5, "m", None, True, None, None, None, False, Patience.NORMAL)


def said(role: talk.Role, text: str, *, final: bool = True) -> talk.Transcript:
    return talk.Transcript(0, role, text, final, text)


def taken(*events: talk.TalkEvent) -> list[str]:
    order = TurnOrder()
    return [words.text for event in events for words in order.take(event)]


def test_settled_turns_come_at_once() -> None:
    assert taken(said("user", "a"), said("model", "b")) == ["a", "b"]


def test_words_that_interrupt_a_reply_come_after_it() -> None:
    began, settled = said("model", "the", final=False), said("model", "the sea")
    assert taken(began, said("user", "stop"), said("user", "please")) == []
    assert taken(began, said("user", "stop"), settled) == ["the sea", "stop"]


def test_a_turn_that_began_first_is_waited_for() -> None:
    began = said("user", "Hel", final=False)
    events = began, said("model", "Hi"), said("user", "Hello")
    assert taken(*events) == ["Hello", "Hi"]


def test_the_end_and_a_new_session_settle_what_nothing_else_has() -> None:
    for over in (END, SESSION):
        assert taken(said("user", "and then", final=False), over) == ["and then"]


def test_other_events_let_nothing_go() -> None:
    assert taken(said("user", "a", final=False), talk.Noted(1, "x")) == []


@given(st.lists(st.tuples(st.sampled_from(["user", "model"]), st.booleans()), max_size=30))
def test_every_turn_comes_out_once(steps: list[tuple[Literal["user", "model"], bool]]) -> None:
    numbers = {"user": 0, "model": 0}
    events: list[talk.TalkEvent] = []
    for role, final in steps:
        events.append(said(role, f"{role} {numbers[role]}", final=final))
        numbers[role] += final
    begun = dict.fromkeys(event.text for event in events if isinstance(event, talk.Transcript))
    assert taken(*events, END) == list(begun)
