"""Models send whole utterances or bits of words; what a user reads must not show the seams."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.live import events as ev
from voicecli.transcribe.transcript import Transcript, Utterance, clean, last_words

PAUSES = (ev.TurnComplete(), ev.Interrupted(), ev.VoiceActivity(speaking=True, offset_s=9.0))


def heard(*events: ev.LiveEvent | str) -> Transcript:
    """A transcript that heard these; a string stands for a piece of the user's speech."""
    transcript = Transcript()
    for event in events:
        transcript.hear(ev.UserSpeech(event) if isinstance(event, str) else event)
    return transcript


def lines(*events: ev.LiveEvent | str) -> list[str]:
    return [utterance.text for utterance in heard(*events).utterances]


def start(offset_s: float) -> ev.VoiceActivity:
    return ev.VoiceActivity(speaking=True, offset_s=offset_s)


def end(offset_s: float) -> ev.VoiceActivity:
    return ev.VoiceActivity(speaking=False, offset_s=offset_s)


def test_nothing_heard_is_no_utterance() -> None:
    assert lines() == []


def test_fragments_with_leading_spaces_make_one_line() -> None:
    assert lines(" Hel", "lo", " wor", "ld", ".") == ["Hello world."]


def test_fragments_with_trailing_spaces_make_one_line() -> None:
    assert lines("Hello ", "wor", "ld.") == ["Hello world."]


def test_whole_utterances_are_lines_of_their_own() -> None:
    assert lines("Hello, my name is Ada.", "How are you?") == [
        "Hello, my name is Ada.",
        "How are you?",
    ]


def test_whole_utterances_without_punctuation_are_lines_too() -> None:
    assert lines("hello my name is ada", "how are you") == ["hello my name is ada", "how are you"]


def test_a_sentence_is_not_glued_to_the_one_before() -> None:
    assert lines(" Hello.", "How", " are you?") == ["Hello. How are you?"]


@pytest.mark.parametrize("pause", PAUSES)
def test_a_pause_begins_a_new_line(pause: ev.LiveEvent) -> None:
    assert lines(" Hello", " there.", pause, " How", " are you?") == [
        "Hello there.",
        "How are you?",
    ]


@pytest.mark.parametrize("pause", PAUSES)
def test_the_rest_of_a_word_that_comes_after_the_pause_still_belongs_to_it(
    pause: ev.LiveEvent,
) -> None:
    assert lines(" Hello the", pause, "re", ".", " How") == ["Hello there. How"]


def test_whole_utterances_in_lower_case_are_parted_by_a_pause() -> None:
    assert lines("hello", ev.TurnComplete(), "how are you") == ["hello", "how are you"]


def test_scripts_without_spaces_are_joined_without_spaces() -> None:
    assert lines("こんにち", "は世界", "。") == ["こんにちは世界。"]


def test_spaces_inside_are_single() -> None:
    assert lines(" a ", "  b\n", " c") == ["a b c"]


def test_pieces_of_spaces_only_are_no_utterance() -> None:
    assert lines(" ", "", "\n") == []


def test_what_the_model_says_is_not_in_the_transcript() -> None:
    reply = (
        ev.ModelSpeech("I am fine."),
        ev.ModelText("fine"),
        ev.Thought("hm"),
        ev.AudioChunk(b"\0\0", 24_000),
        ev.GenerationComplete(),
    )
    assert lines("How are you?", *reply) == ["How are you?"]


def test_a_guess_shows_until_the_words_replace_it() -> None:
    transcript = heard(ev.UserSpeech("hello word", interim=True))
    assert (transcript.guess, transcript.utterances) == ("hello word", ())
    transcript.hear(ev.UserSpeech("hello world"))
    assert (transcript.guess, transcript.utterances) == ("", (Utterance("hello world"),))


def test_a_later_guess_replaces_the_earlier_one() -> None:
    guesses = [ev.UserSpeech(text, interim=True) for text in ("he", "hello")]
    assert heard(*guesses).guess == "hello"


def test_a_guess_that_no_words_will_replace_is_kept_once() -> None:
    transcript = heard(ev.UserSpeech("Hello there."), ev.UserSpeech("and the", interim=True))
    transcript.keep_guess()
    transcript.keep_guess()
    assert [one.text for one in transcript.utterances] == ["Hello there.", "and the"]
    assert transcript.guess == ""


def test_a_guess_outlives_the_connection_that_it_came_by() -> None:
    lost = heard(ev.UserSpeech("and the", interim=True), ev.Reconnecting("gone", 1, 0.1))
    assert [one.text for one in lost.utterances] == ["and the"]


def test_the_newest_words_are_the_guess_or_the_last_line() -> None:
    assert last_words((), "") == ""
    assert last_words((Utterance("a"), Utterance("b")), "") == "b"
    assert last_words((Utterance("a"),), "guess") == "guess"


# --- times -----------------------------------------------------------------------------------


def test_the_end_is_known_when_it_follows_the_words() -> None:
    assert heard(start(1.0), "hello", end(2.5)).utterances == (Utterance("hello", 2.5),)


def test_the_end_is_known_when_it_comes_before_the_words() -> None:
    assert heard(start(1.0), end(2.5), "hello").utterances == (Utterance("hello", 2.5),)


def test_the_end_of_noise_is_not_taken_for_the_end_of_later_words() -> None:
    noise = (start(0.1), end(0.2))
    assert heard(*noise, start(1.0), "hello").utterances == (Utterance("hello", None),)


def test_no_end_is_guessed_when_words_come_behind_the_next_speech() -> None:
    late = (start(1.0), end(2.0), start(3.0), "hello", end(4.0), "and you")
    assert heard(*late).utterances == (Utterance("hello"), Utterance("and you"))


def test_an_end_without_a_beginning_is_nobodys() -> None:
    assert heard("hello", end(2.5)).utterances == (Utterance("hello"),)


def test_each_line_has_its_own_end() -> None:
    first, second = (start(1.0), " hello", " you", end(2.0)), (start(3.0), " and", " you", end(4.0))
    assert heard(*first, *second).utterances == (
        Utterance("hello you", 2.0),
        Utterance("and you", 4.0),
    )


def test_no_end_is_told_when_it_is_not_known() -> None:
    assert heard("hello").utterances == (Utterance("hello", None),)


def test_after_a_lost_connection_times_are_not_known_and_a_line_begins() -> None:
    lost = (ev.Reconnecting("gone", 1, 0.1), ev.Connected(resumed=True))
    assert heard(
        start(1.0), " hello", end(2.0), *lost, start(0.1), " the", " rest", end(0.9)
    ).utterances == (Utterance("hello", 2.0), Utterance("the rest", None))


def test_a_lost_connection_takes_its_guess_along() -> None:
    guess = ev.UserSpeech("hel", interim=True)
    assert heard(guess, ev.Reconnecting("gone", 1, 0.1)).guess == ""


# --- untrusted text --------------------------------------------------------------------------


def test_control_and_direction_characters_do_not_reach_the_terminal() -> None:
    assert clean("a\x1b[31mb\x07c\u202ed\u2066e\x9bf\ud800g") == "a [31mb c" + "de fg"


def test_joiners_stay_for_they_are_part_of_words() -> None:
    text = "می\u200cخواهم 👩\u200d🚀"
    assert clean(text) == text


@given(st.lists(st.text(st.characters(), max_size=20), max_size=20))
def test_any_pieces_give_clean_lines_that_lose_no_letter(pieces: list[str]) -> None:
    utterances = heard(*pieces).utterances
    shown = "".join(utterance.text for utterance in utterances)
    assert all(unicodedata.category(character) not in ("Cc", "Cs") for character in shown)
    assert all(one.text and one.text == one.text.strip() for one in utterances)
    wanted = "".join(clean("".join(pieces)).split())
    assert "".join(shown.split()) == wanted


@given(st.lists(st.text("abcDEF", min_size=1, max_size=8), min_size=1, max_size=20), st.data())
def test_words_cut_anywhere_come_back_whole(words: list[str], data: st.DataObject) -> None:
    spoken = " " + " ".join(words)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(spoken) - 1), max_size=10)))
    bounds = [0, *cuts, len(spoken)]
    pieces = [spoken[a:b] for a, b in itertools.pairwise(bounds)]
    assert lines(*pieces) == [" ".join(words)]


def test_a_guess_whose_sound_goes_up_anew_is_dropped_and_another_one_is_kept() -> None:
    guess = ev.UserSpeech("hello my na", interim=True)
    lost = ev.Reconnecting("lost", 1, 0.1)
    assert lines(guess, ev.SaidAgain(), lost, "Hello, my name is Bob.") == [
        "Hello, my name is Bob."
    ]
    assert lines(guess, lost) == ["hello my na"]
