"""Recognition comes in fragments, guesses and late pieces; a reader wants one sentence."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicecli.talk.user_words import LATE_WORDS_S, UserWords, join_pieces


def words_of(*pieces: str) -> UserWords:
    words = UserWords()
    for piece in pieces:
        words.add(piece, 0.0, interim=False)
    return words


def test_fragments_are_joined_as_they_come() -> None:
    assert words_of(" Hel", "lo", " there").text == "Hello there"


def test_whole_sentences_without_a_leading_space_are_kept_apart() -> None:
    assert words_of("My name is Ada.", "And yours?").text == "My name is Ada. And yours?"


def test_a_guess_is_replaced_by_the_next_guess_and_by_the_words() -> None:
    words = words_of("I said")
    words.add(" no", 0.0, interim=True)
    words.add(" now", 0.0, interim=True)
    assert words.text == "I said now"
    words.add(" nothing", 0.0, interim=False)
    assert words.text == "I said nothing"


def test_words_that_trail_the_first_sound_still_belong_to_the_turn() -> None:
    words = words_of("Hello")
    words.answered(5.0)
    assert not words.due(5.0 + LATE_WORDS_S / 2)
    assert words.due(5.0 + LATE_WORDS_S)
    words.answered(9.0)
    assert words.due(5.0 + LATE_WORDS_S), "the first answer counts"


def test_an_unanswered_turn_is_never_due_and_an_empty_one_neither() -> None:
    assert not words_of("Hello").due(1e9)
    words = UserWords()
    words.answered(0.0)
    assert not words.due(1e9)


def test_words_long_after_the_answer_began_open_a_turn_that_waits_for_its_own_answer() -> None:
    words = UserWords()
    words.answered(0.0)
    words.add("stop", 2 * LATE_WORDS_S, interim=False)
    assert not words.due(1e9)


def test_late_words_just_after_the_answer_began_are_due_soon() -> None:
    words = UserWords()
    words.answered(0.0)
    words.add("Hello", LATE_WORDS_S / 2, interim=False)
    assert words.due(LATE_WORDS_S)


def test_taking_the_words_starts_the_next_turn() -> None:
    words = words_of(" Hello ")
    words.answered(0.0)
    assert words.take() == "Hello"
    assert words.text == ""
    words.add("Again", 0.0, interim=False)
    assert not words.due(1e9)


@given(st.lists(st.text(min_size=1)))
def test_no_character_is_lost_in_joining(pieces: list[str]) -> None:
    text = ""
    for piece in pieces:
        text = join_pieces(text, piece)
    assert text.replace(" ", "") == "".join(pieces).replace(" ", "")
