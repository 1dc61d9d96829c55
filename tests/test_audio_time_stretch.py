"""A voice that is slowed down has to stay the voice that it was: its pitch, and no clicks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sound_pieces import sine, voice

from voicecli.audio.samples import Samples, decoded
from voicecli.audio.time_stretch import (
    FADE,
    HISTORY,
    LENGTHEN_NEEDS,
    LONGEST_PERIOD,
    SHORTEN_NEEDS,
    SHORTEST_PERIOD,
    best_match,
    lengthened,
    period_before,
    shortened,
)

PITCHES_HZ = [75.0, 100.0, 140.0, 180.0, 260.0, 400.0]


def cut(pcm: bytes) -> tuple[Samples, Samples]:
    """What comes before and after a place in the middle of a sound."""
    samples = decoded(pcm)
    return samples[:HISTORY], samples[HISTORY:]


def steepest(samples: Samples) -> float:
    return float(np.abs(np.diff(samples)).max(initial=0))


def test_a_piece_is_found_where_it_is_whatever_is_louder_elsewhere() -> None:
    signal = decoded(voice(2000))
    piece = signal[700:940] * np.float32(0.25)
    louder = decoded(voice(1000, pitch_hz=97, seed=1)) * np.float32(3)
    loud: Samples = np.concatenate((signal, louder))
    assert best_match(piece, loud) == 700


def test_in_silence_the_first_place_is_as_good_as_any() -> None:
    assert best_match(np.zeros(240, np.float32), np.zeros(480, np.float32)) == 0


@pytest.mark.parametrize("pitch_hz", PITCHES_HZ)
def test_the_period_of_a_tone_is_found(pitch_hz: float) -> None:
    period = 24_000 / pitch_hz
    found = period_before(decoded(sine(HISTORY, frequency_hz=pitch_hz)))
    assert SHORTEST_PERIOD <= found <= LONGEST_PERIOD
    assert abs(found / period - round(found / period)) * period <= 2


@pytest.mark.parametrize("pitch_hz", PITCHES_HZ)
def test_a_lengthened_tone_is_the_same_tone_for_longer(pitch_hz: float) -> None:
    before, after = cut(sine(HISTORY + LENGTHEN_NEEDS, frequency_hz=pitch_hz))
    longer = lengthened(before, after)
    period = len(longer) - LENGTHEN_NEEDS
    assert SHORTEST_PERIOD <= period <= LONGEST_PERIOD
    expected = decoded(sine(HISTORY + len(longer), frequency_hz=pitch_hz))[HISTORY:]
    # The period is whole samples, so that the tone may be off by half of one.
    assert np.abs(longer - expected).max() <= 1.2 * steepest(expected)


def test_a_lengthened_piece_begins_and_ends_as_it_did() -> None:
    before, after = cut(voice(HISTORY + LENGTHEN_NEEDS + 1))
    upcoming, following = after[:-1], after[-1]
    longer = lengthened(before, upcoming)
    joined = np.concatenate((before[-1:], longer, [following]))
    assert steepest(joined) <= 1.2 * steepest(decoded(voice(5000)))
    assert longer[-100:] == pytest.approx(upcoming[-100:])


@pytest.mark.parametrize("pitch_hz", PITCHES_HZ)
def test_a_shortened_tone_is_the_same_tone_for_less_long(pitch_hz: float) -> None:
    tone = decoded(sine(SHORTEN_NEEDS, frequency_hz=pitch_hz))
    shorter, used = shortened(tone)
    assert len(shorter) == FADE
    assert SHORTEST_PERIOD <= used - len(shorter) <= LONGEST_PERIOD
    assert np.abs(shorter - tone[:FADE]).max() <= 1.2 * steepest(tone)


def test_what_follows_a_shortened_piece_joins_on() -> None:
    before, after = cut(voice(HISTORY + SHORTEN_NEEDS))
    shorter, used = shortened(after)
    joined = np.concatenate((before[-1:], shorter, after[used : used + 1]))
    assert steepest(joined) <= 1.2 * steepest(decoded(voice(5000)))


@given(st.binary(min_size=2 * (HISTORY + SHORTEN_NEEDS), max_size=2 * (HISTORY + SHORTEN_NEEDS)))
def test_any_sound_is_stretched_within_the_limits(pcm: bytes) -> None:
    before, after = cut(pcm)
    longer = lengthened(before, after[:LENGTHEN_NEEDS])
    assert SHORTEST_PERIOD <= len(longer) - LENGTHEN_NEEDS <= LONGEST_PERIOD
    shorter, used = shortened(after)
    assert SHORTEST_PERIOD <= used - len(shorter) <= LONGEST_PERIOD
    for made in (longer, shorter):
        assert np.isfinite(made).all()
        assert np.abs(made).max() <= 32_769
