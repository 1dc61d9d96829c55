"""What words are found by: a hiss taken for a vowel, or a pause missed, would misplace them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from spelt_speech import hiss, hum, hush, silence

from voicecli.audio.speech_trace import FRAME_SAMPLES, HISS, HUSH, TONE, SpeechTrace, Stretch


def trace_of(*pieces: bytes) -> SpeechTrace:
    trace = SpeechTrace()
    for piece in pieces:
        trace.feed(piece)
    return trace


def whole(trace: SpeechTrace) -> Stretch:
    return trace.stretch(0, len(trace))


def test_vowels_sibilants_and_closures_are_told_apart() -> None:
    stretch = whole(trace_of(hum(0.1), hiss(0.1), hush(0.1)))
    assert list(stretch.kinds) == [TONE] * 10 + [HISS] * 10 + [HUSH] * 10


def test_a_pause_is_left_out_and_its_length_is_kept_at_the_joint() -> None:
    stretch = whole(trace_of(hum(0.1), silence(0.2), hum(0.1)))
    assert list(stretch.frames) == [*range(10), *range(30, 40)]
    assert list(np.flatnonzero(stretch.pauses)) == [10]
    assert stretch.pauses[10] == 20
    assert (stretch.end_of(10), stretch.end_of(11)) == (10, 31)


def test_silence_before_and_after_the_words_is_a_pause_too() -> None:
    stretch = whole(trace_of(silence(0.1), hum(0.1), silence(0.3)))
    assert (stretch.pauses[0], stretch.pauses[-1]) == (10, 30)
    assert len(stretch.frames) == 10


def test_the_closure_of_a_stop_is_no_pause() -> None:
    stretch = whole(trace_of(hum(0.1), silence(0.04), hum(0.1)))
    assert not stretch.pauses.any()
    assert list(stretch.kinds[10:14]) == [HUSH] * 4


def test_noise_far_below_the_voice_is_silence() -> None:
    noise = np.random.default_rng(2).normal(0, 30, FRAME_SAMPLES * 20).astype("<i2").tobytes()
    assert whole(trace_of(hum(0.1), noise, hum(0.1))).pauses[10] == 20


def test_a_quiet_voice_looks_like_a_loud_one() -> None:
    pieces = (hum(0.1), hiss(0.1), silence(0.1), hum(0.1))
    quiet = b"".join((np.frombuffer(piece, "<i2") // 8).astype("<i2").tobytes() for piece in pieces)
    loud = whole(trace_of(*pieces))
    soft = whole(trace_of(quiet))
    assert list(soft.kinds) == list(loud.kinds)
    assert list(soft.pauses) == list(loud.pauses)


def test_a_click_does_not_make_the_voice_quiet() -> None:
    click = b"\xff\x7f" * FRAME_SAMPLES
    stretch = whole(trace_of(hum(0.5), click, hum(0.5)))
    assert len(stretch.frames) == 101
    assert (stretch.kinds == TONE).all()


def test_a_part_of_the_trace_keeps_its_place() -> None:
    trace = trace_of(hum(0.1), silence(0.1), hiss(0.2))
    part = trace.stretch(12, 30)
    assert list(part.frames) == list(range(20, 30))
    assert (part.kinds == HISS).all()
    assert part.pauses[0] == 8


def test_nothing_is_an_empty_stretch() -> None:
    for trace in (SpeechTrace(), trace_of(b"", b"\x01")):
        assert len(trace) == 0
        stretch = trace.stretch(0, 100)
        assert (len(stretch.frames), len(stretch.kinds), list(stretch.pauses)) == (0, 0, [0])


def test_digital_silence_alone_has_no_loudest_and_is_taken_for_sound() -> None:
    stretch = whole(trace_of(silence(0.3)))
    assert len(stretch.frames) == 30


@given(st.binary(max_size=6_000), st.lists(st.integers(0, 2_000), max_size=8))
def test_pieces_of_any_length_give_what_one_piece_gives(pcm: bytes, cuts: list[int]) -> None:
    edges = sorted({0, len(pcm), *(min(cut, len(pcm)) for cut in cuts)})
    pieces = [pcm[start:end] for start, end in pairwise(edges)]
    one, many = whole(trace_of(pcm)), whole(trace_of(*pieces))
    assert len(trace_of(*pieces)) == len(pcm) // 2 // FRAME_SAMPLES
    for at_once, in_pieces in zip(
        (one.frames, one.kinds, one.pauses), (many.frames, many.kinds, many.pauses), strict=True
    ):
        assert list(at_once) == list(in_pieces)


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 12)), max_size=10))
def test_speech_and_pauses_make_up_the_whole_sound(runs: list[tuple[bool, int]]) -> None:
    pieces = [(hum if loud else silence)(count / 100) for loud, count in runs]
    stretch = whole(trace_of(*pieces))
    assert len(stretch.frames) + stretch.pauses.sum() == sum(count for _, count in runs)
    assert len(stretch.pauses) == len(stretch.frames) + 1
