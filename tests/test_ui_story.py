"""What is written down comes in the order in which one would read it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from ui_events import SAMPLES

from voicecli.live.events import Source
from voicecli.talk import events as talk
from voicecli.ui.story import Story

PAGES = talk.SourcesCited(0, (), (Source("https://a.example", "A"),))
OVER = talk.TurnEnded(0, 1, interrupted=False, heard_s=1.0)
END = talk.Ended(0, "", 0, 0)


def said(role: talk.Role, text: str, *, final: bool = True) -> talk.Transcript:
    return talk.Transcript(0, role, text, final, text)


def told(*events: talk.TalkEvent) -> list[talk.TalkEvent]:
    story = Story()
    return [written for event in events for written in story.take(event)]


def test_pages_follow_the_answer_whenever_they_came() -> None:
    growing, answer = said("model", "The", final=False), said("model", "The sea")
    assert told(PAGES, growing, answer, OVER) == [answer, PAGES, OVER]
    assert told(growing, PAGES, answer, OVER) == [answer, PAGES, OVER]
    assert told(growing, answer, PAGES, OVER) == [answer, PAGES, OVER]


def test_pages_wait_for_an_answer_that_waits_for_the_users_words() -> None:
    question, answer = said("user", "Why"), said("model", "So")
    growing = said("user", "Wh", final=False)
    assert told(growing, PAGES, answer, OVER, question) == [OVER, question, answer, PAGES]


def test_pages_without_an_answer_are_not_lost() -> None:
    assert told(PAGES, OVER) == [PAGES, OVER]
    assert told(PAGES, END) == [PAGES, END]
    assert told(said("model", "So", final=False), PAGES, OVER, END)[-2:] == [PAGES, END]


def test_all_else_comes_at_once() -> None:
    note = talk.Noted(0, "reconnected")
    assert told(said("model", "So", final=False), note) == [note]


@given(st.lists(st.sampled_from([*SAMPLES[:-1], PAGES, OVER, said("model", "m", final=False)])))
def test_nothing_but_unsettled_words_is_lost_or_told_twice(events: list[talk.TalkEvent]) -> None:
    written = told(*events, END)
    for event in (PAGES, OVER, *SAMPLES[:-1]):
        if not isinstance(event, talk.Transcript):
            assert written.count(event) == events.count(event)
