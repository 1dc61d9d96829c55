"""The search that lays words beside their sound, held against sound whose words are known."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spelt_speech import hum, silence, spelt

from voicecli.audio.speech_trace import FRAME_SAMPLES, SpeechTrace, Stretch
from voicecli.talk.alignment import align
from voicecli.talk.spelling import Word, words

PACE = 6.7
TEXT = "She sells fresh fish by the sea. It is cheap, so I stop there and pick a piece."


def stretch_of(pcm: bytes) -> Stretch:
    trace = SpeechTrace()
    trace.feed(pcm)
    return trace.stretch(0, len(trace))


def ends_s(text: str, pcm: bytes, *, whole: bool = True, pace: float = PACE) -> list[float]:
    """When each word that was found ends."""
    stretch = stretch_of(pcm)
    found = align(words(text), stretch, pace, whole=whole).ends
    return [stretch.end_of(joint) / 100 for _, joint in found]


def true_ends_s(text: str, **how: float) -> list[float]:
    return [end / FRAME_SAMPLES / 100 for _, end in spelt(text, **how).ends]  # type: ignore[arg-type]


def test_words_are_found_where_they_are() -> None:
    assert ends_s(TEXT, spelt(TEXT).pcm) == pytest.approx(true_ends_s(TEXT), abs=0.03)


@pytest.mark.parametrize("seed", range(5))
def test_letters_may_be_longer_and_shorter_than_they_should_be(seed: int) -> None:
    found = np.array(ends_s(TEXT, spelt(TEXT, seed=seed).pcm))
    errors = np.abs(found - true_ends_s(TEXT, seed=seed))
    assert np.median(errors) <= 0.03
    assert errors.max() <= 0.15


def test_sentences_snap_to_the_pauses_between_them() -> None:
    for first_s in (0.5, 0.7, 1.0):
        pcm = hum(first_s) + silence(0.3) + hum(0.4)
        assert ends_s("La la la la. La la.", pcm)[3] == pytest.approx(first_s, abs=0.01)


def test_a_pause_falls_between_words_even_where_no_punctuation_marks_it() -> None:
    pcm = hum(0.6) + silence(0.4) + hum(0.4)
    assert ends_s("la la la", pcm)[1] == pytest.approx(0.6, abs=0.01)


def test_a_hiss_is_found_in_the_word_that_has_it() -> None:
    found = ends_s("la sssss la", spelt("la sssss lalalalala").pcm)
    assert found[1] == pytest.approx(true_ends_s("la sssss la")[1], abs=0.03)


def test_a_number_may_take_as_long_as_it_likes() -> None:
    before, after = spelt("She sells").pcm, spelt("fish to the chef").pcm
    for number_s in (0.5, 1.5, 3.5):
        found = ends_s("She sells 1,234 fish to the chef", before + hum(number_s) + after)
        expected = len(before) / 48_000 + number_s
        assert found[2] == pytest.approx(expected, abs=0.1), number_s


def test_words_that_the_sound_does_not_reach_are_not_found() -> None:
    pcm = spelt(TEXT).pcm
    half = pcm[: len(pcm) // 4 * 2]
    found = ends_s(TEXT, half, whole=False)
    true = [end_s for end_s in true_ends_s(TEXT) if end_s <= len(half) / 48_000]
    assert abs(len(found) - len(true)) <= 1
    assert found[: len(true)] == pytest.approx(true[: len(found)], abs=0.05)


def test_sound_whose_words_have_not_come_yet_is_left_over() -> None:
    pcm = spelt(TEXT).pcm
    found = ends_s("She sells fresh fish by the sea.", pcm, whole=False)
    assert found == pytest.approx(true_ends_s(TEXT)[:7], abs=0.05)


def test_the_pace_that_fits_costs_least() -> None:
    stretch = stretch_of(spelt(TEXT, frames_per_letter=10).pcm)
    paces = (5.0, 7.0, 10.0, 14.0)
    costs = [align(words(TEXT), stretch, pace, whole=True).cost for pace in paces]
    assert min(costs) == costs[paces.index(10.0)]


@pytest.mark.parametrize("text", ["", "word", "many words that nobody says"])
@pytest.mark.parametrize("pcm", [b"", hum(0.01), silence(0.5), hum(20.0)])
@pytest.mark.parametrize("whole", [True, False])
def test_text_and_sound_that_do_not_fit_do_no_harm(text: str, pcm: bytes, whole: bool) -> None:
    found = ends_s(text, pcm, whole=whole)
    assert len(found) <= len(text.split())
    assert all(0 < end_s <= len(pcm) / 48_000 for end_s in found)


@given(
    st.text("ast1. ,你", max_size=30),
    st.lists(st.tuples(st.sampled_from([hum, silence]), st.integers(1, 40)), max_size=6),
    st.booleans(),
    st.floats(1.0, 30.0),
)
def test_words_end_in_order_and_within_the_sound(
    text: str, runs: list[tuple[type, int]], whole: bool, pace: float
) -> None:
    stretch = stretch_of(b"".join(make(frames / 100) for make, frames in runs))
    found = align(words(text), stretch, pace, whole=whole).ends
    joints = [0, *(joint for _, joint in found), len(stretch.frames) + 1]
    assert all(earlier < later for earlier, later in pairwise(joints))
    assert [word for word, _ in found] == list(words(text))[: len(found)]


def test_only_as_many_words_are_taken_as_the_sound_may_hold() -> None:
    taken = 0

    def counted() -> Iterator[Word]:
        nonlocal taken
        for word in words("word " * 10_000):
            taken += 1
            yield word

    align(counted(), stretch_of(hum(1.0)), PACE, whole=False)
    assert taken < 30
