"""A model that is told of an earlier conversation is told its latest part, as much as it holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicecli.live.history import (
    MOST_CALL_CHARACTERS,
    NoPast,
    Resume,
    Role,
    Said,
    call_text,
    latest,
)

ROLES: st.SearchStrategy[Role] = st.sampled_from(["user", "model"])
TURNS = st.lists(st.builds(Said, ROLES, st.text(min_size=1)))


@given(TURNS, st.integers(1, 200))
def test_the_last_turns_that_fit_are_told(turns: list[Said], room: int) -> None:
    told = latest(turns, room)
    assert sum(len(said.text) for said in told) <= room
    whole = [said for said in told if said in turns]
    if len(whole) == len(told):
        assert list(told) == turns[len(turns) - len(told) :]
    assert bool(told) == bool(turns)


def test_of_a_turn_that_is_too_long_by_itself_the_end_is_told() -> None:
    assert latest([Said("user", "a" * 10), Said("model", "b" * 20 + "c")], 5) == (
        Said("model", "bbbbc"),
    )


def test_a_call_is_told_with_its_arguments_and_what_came_of_it() -> None:
    text = call_text("get_weather", {"city": "Köln"}, {"result": {"temp_c": 12}})
    assert (
        text == '[The function get_weather({"city": "Köln"}) returned: {"result": {"temp_c": 12}}]'
    )


def test_what_a_function_returned_is_cut_and_need_not_be_json() -> None:
    assert len(call_text("read", {}, "x" * 100_000)) == MOST_CALL_CHARACTERS
    assert "object" in call_text("make", {}, object())


def test_a_handle_shows_in_no_traceback() -> None:
    assert "s3cret" not in repr(Resume("s3cret", ()))


def test_who_has_no_past_tells_nothing() -> None:
    past = NoPast()
    past.answered()
    assert past.since(past.mark(), open_calls=frozenset(), speech_again=False) == ()
