"""Letters stand for sounds only roughly, but no text may be lost or split in the wrong place."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.talk.spelling import DRAWN_OUT, Break, Sound, Word, words

S, P, V, U, N = Sound.SIBILANT, Sound.PLOSIVE, Sound.VOICED, Sound.UNKNOWN, Sound.NUMBER


def texts(text: str) -> list[str]:
    ends = [0, *(word.end for word in words(text))]
    return [text[start:end].strip() for start, end in pairwise(ends)]


def only(text: str) -> Word:
    (word,) = words(text)
    return word


def sounds(text: str) -> list[Sound]:
    return [part.sound for part in only(text).parts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  \n ", []),
        (" Hello there,  my\nfriend. ", ["Hello", "there,", "my", "friend."]),
        ("well-known don't 14:05", ["well-known", "don't", "14:05"]),
        ("wait – no", ["wait", "–", "no"]),
        ("你好。早上好！", ["你", "好。", "早", "上", "好！"]),
        ("ok你好ok", ["ok", "你", "好", "ok"]),
        ("สวัสดี", ["ส", "วั", "ส", "ดี"]),
        ("नमस्ते दुनिया।", ["नमस्ते", "दुनिया।"]),
    ],
)
def test_words_are_found_with_their_punctuation(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_a_start_leaves_out_what_comes_before_it() -> None:
    assert [word.end for word in words("one two three", 3)] == [7, 13]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sea", [S, V]),
        ("fish", [P, V, S]),
        ("Kitchen", [P, V, S, V]),
        ("city", [S, V, P, V]),
        ("cat", [P, V, P]),
        ("station", [S, P, V, S, V]),
        ("Straße", [S, P, V, S, V]),
        ("école", [V, P, V]),
        ("Москва", [V, S, P, V]),
        ("σοφία", [S, V, P, V]),
        ("हिन्दी", [U]),
        ("你", [U]),
        ("1,234.50", [N]),
        ("–", [U]),
        ("🙂", [U]),
    ],
)
def test_letters_stand_for_sounds(text: str, expected: list[Sound]) -> None:
    assert sounds(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", Break.NONE),
        ("now,", Break.SHORT),
        ("now;", Break.SHORT),
        ("now.", Break.LONG),
        ("now?”", Break.LONG),
        ("(now!)", Break.LONG),
        ("好。", Break.LONG),
        ("3.5", Break.NONE),
    ],
)
def test_punctuation_says_where_a_speaker_pauses(text: str, expected: Break) -> None:
    assert list(words(text))[-1].pause is expected


def test_the_end_before_a_pause_is_drawn_out() -> None:
    assert only("now.").length == pytest.approx(only("now").length + DRAWN_OUT)


def test_what_is_long_to_say_is_long() -> None:
    in_order = ["–", "a", "the", "time", "little", "photosynthesis", "1,234.50"]
    lengths = [only(text).length for text in in_order]
    assert lengths == sorted(lengths)
    assert only("make").length < only("maker").length


def test_signs_between_digits_are_read_out_and_others_are_not() -> None:
    assert only("14:05").length > only("1405").length
    assert only("(14)").length == only("14").length


@given(st.text())
def test_any_text_is_cut_into_words_that_hold_all_of_it(text: str) -> None:
    found = list(words(text))
    ends = [word.end for word in found]
    assert ends == sorted(set(ends))
    assert "".join(texts(text)).split() == "".join(text.split()).split()
    assert text[ends[-1] if ends else 0 :].strip() == ""
    assert all(word.parts and all(part.length > 0 for part in word.parts) for word in found)


@given(st.text(), st.text())
def test_words_before_the_last_stay_as_more_text_arrives(before: str, after: str) -> None:
    settled = [word.end for word in words(before)][:-1]
    assert [word.end for word in words(before + after)][: len(settled)] == settled
