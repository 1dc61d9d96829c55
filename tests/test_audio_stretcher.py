"""How often a period is repeated or left out: never so often that a listener notices."""

from __future__ import annotations

from sound_pieces import samples_of, sine, voice

from voicecli.audio.piece import Piece
from voicecli.audio.sample_queue import SampleQueue
from voicecli.audio.stretcher import MOST_PAUSE_STRETCH, MOST_STRETCH, STEP_SAMPLES, Stretcher
from voicecli.audio.time_stretch import (
    HISTORY,
    LENGTHEN_NEEDS,
    LONGEST_PERIOD,
    SHORTEN_NEEDS,
    SHORTEST_PERIOD,
)

SECOND = 24_000


def queue_of(pcm: bytes) -> SampleQueue:
    queue = SampleQueue()
    queue.push(pcm)
    return queue


def played(pcm: bytes, stretcher: Stretcher, *, longer: bool) -> bytes:
    """All of `pcm`, stretched as often as the stretcher will."""
    queue, out = queue_of(pcm), b""
    while len(queue):
        history = (bytes(2 * HISTORY) + out)[-2 * HISTORY :]
        piece = stretcher.lengthened(history, queue) if longer else stretcher.shortened(queue)
        if piece is None:
            plain = queue.take(STEP_SAMPLES)
            stretcher.played(len(plain) // 2)
            piece = Piece(plain, len(plain) // 2)
        out += piece.pcm
    return out


def growth(pcm: bytes, stretcher: Stretcher, *, longer: bool = True) -> float:
    return len(played(pcm, stretcher, longer=longer)) / len(pcm) - 1


def test_a_voice_is_slowed_down_by_as_much_as_is_allowed_and_no_more() -> None:
    slower = growth(voice(5 * SECOND), Stretcher())
    assert 0.7 * MOST_STRETCH < slower <= MOST_STRETCH + LONGEST_PERIOD / (5 * SECOND)


def test_a_voice_is_sped_up_by_as_much_as_is_allowed_and_no_more() -> None:
    faster = -growth(voice(5 * SECOND), Stretcher(), longer=False)
    assert 0.7 * MOST_STRETCH < faster <= MOST_STRETCH + LONGEST_PERIOD / (5 * SECOND)


def test_the_pitch_stays() -> None:
    tone = sine(5 * SECOND, frequency_hz=200)
    for longer in (True, False):
        out = samples_of(played(tone, Stretcher(), longer=longer))
        crossings = ((out[:-1] < 0) & (out[1:] >= 0)).sum()
        assert abs(crossings / (len(out) / SECOND) - 200) < 1


def test_a_pause_between_words_is_lengthened_more() -> None:
    stretcher = Stretcher()
    growth(voice(SECOND), stretcher)
    pause = growth(sine(SECOND, peak=20), stretcher)
    assert MOST_STRETCH < pause <= MOST_PAUSE_STRETCH


def test_what_comes_before_the_first_word_is_not_delayed() -> None:
    quiet = sine(SECOND, peak=20)
    assert played(quiet, Stretcher(), longer=True) == quiet


def test_a_new_reply_has_no_first_word_yet() -> None:
    stretcher = Stretcher()
    growth(voice(SECOND), stretcher)
    stretcher.begin()
    quiet = sine(SECOND, peak=20)
    assert played(quiet, stretcher, longer=True) == quiet


def test_each_repetition_is_paid_for_before_the_next() -> None:
    stretcher, queue = Stretcher(), queue_of(voice(SECOND, seed=1))
    history = voice(HISTORY)
    first = stretcher.lengthened(history, queue)
    assert first is not None
    period = first.samples - first.content_left
    assert stretcher.lengthened(history, queue) is None
    stretcher.played(int(period / MOST_STRETCH) - 1)
    assert stretcher.lengthened(history, queue) is None
    stretcher.played(2)
    assert stretcher.lengthened(history, queue) is not None


def test_a_piece_stands_for_what_was_taken_for_it() -> None:
    queue = queue_of(voice(SECOND))
    longer = Stretcher().lengthened(voice(HISTORY), queue)
    assert longer is not None
    assert longer.content_left == LENGTHEN_NEEDS == SECOND - len(queue)
    assert longer.samples >= LENGTHEN_NEEDS + SHORTEST_PERIOD
    held = len(queue)
    shorter = Stretcher().shortened(queue)
    assert shorter is not None
    assert shorter.content_left == held - len(queue)
    assert shorter.samples <= shorter.content_left - SHORTEST_PERIOD


def test_too_little_sound_is_left_alone() -> None:
    few = queue_of(voice(LENGTHEN_NEEDS - 1))
    assert Stretcher().lengthened(voice(HISTORY), few) is None
    some = queue_of(voice(SHORTEN_NEEDS - 1))
    assert Stretcher().shortened(some) is None
    assert len(few) == LENGTHEN_NEEDS - 1
    assert len(some) == SHORTEN_NEEDS - 1
