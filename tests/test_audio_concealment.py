"""What is heard while a piece of the voice is late: its own sound going on, and no click."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sound_pieces import sine, voice

from voicecli.audio.concealment import CONCEAL_SAMPLES, Concealment
from voicecli.audio.samples import Samples, decoded
from voicecli.audio.time_stretch import FADE, HISTORY

MS = 24
UNFADED = 40 * MS


def after(pcm: bytes) -> Concealment:
    return Concealment(decoded(pcm)[-HISTORY:])


def steepest(samples: Samples) -> float:
    return float(np.abs(np.diff(samples)).max(initial=0))


def rms(samples: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples))))


@pytest.mark.parametrize("frequency_hz", [90.0, 150.0, 200.0, 333.0])
def test_a_tone_goes_on(frequency_hz: float) -> None:
    tone = sine(HISTORY + UNFADED, frequency_hz=frequency_hz)
    concealed = after(tone[: 2 * HISTORY]).take(UNFADED)
    expected = decoded(tone)[HISTORY:]
    assert np.corrcoef(concealed, expected)[0, 1] > 0.9
    assert rms(concealed) == pytest.approx(rms(expected), rel=0.1)


def test_it_fades_to_nothing() -> None:
    concealment = after(voice(HISTORY))
    assert concealment.left_samples == CONCEAL_SAMPLES
    sound = concealment.take(CONCEAL_SAMPLES)
    assert concealment.left_samples == 0
    assert rms(sound[-240:]) < 0.2 * rms(sound[:240])
    assert abs(sound[-1]) < 50
    assert np.abs(concealment.take(100)).max() < 1e-6


def test_it_stays_loud_for_long_enough_to_be_no_silence() -> None:
    sound = after(voice(HISTORY)).take(CONCEAL_SAMPLES)
    audible = np.abs(sound) > 200
    longest_pause = np.diff(np.flatnonzero(audible)).max()
    assert longest_pause < 5 * MS
    assert np.flatnonzero(audible)[-1] > CONCEAL_SAMPLES - 8 * MS


@given(st.integers(HISTORY, 20_000))
def test_it_sets_out_and_goes_round_without_a_step(place: int) -> None:
    sound = decoded(voice(place))
    concealed = after(voice(place)).take(CONCEAL_SAMPLES)
    joined = np.concatenate((sound[-1:], concealed))
    assert steepest(joined) <= 1.5 * steepest(decoded(voice(20_000)))


def test_taken_in_pieces_it_is_the_same() -> None:
    whole = after(voice(HISTORY)).take(1000)
    concealment = after(voice(HISTORY))
    pieces = [concealment.take(count) for count in (1, 30, 69, 400, 500)]
    assert np.concatenate(pieces) == pytest.approx(whole)
    assert concealment.played_samples == 1000


def test_silence_goes_on_as_silence() -> None:
    assert not after(bytes(2 * HISTORY)).take(CONCEAL_SAMPLES).any()


@pytest.mark.parametrize("taken", [0, 100, 1000, 2500])
def test_the_voice_that_comes_back_joins_on_and_ends_as_it_came(taken: int) -> None:
    back = decoded(voice(400, seed=3))
    concealment = after(voice(HISTORY))
    before = concealment.take(taken)
    merged = concealment.merged(back)
    assert merged[-(400 - FADE) :] == pytest.approx(back[FADE:])
    last = before[-1:] if taken else decoded(voice(HISTORY))[-1:]
    limit = 1.5 * steepest(decoded(voice(20_000)))
    assert steepest(np.concatenate((last, merged))) <= limit
    assert concealment.played_samples == taken + len(merged) - 400


def test_the_same_tone_comes_back_in_its_phase() -> None:
    tone = decoded(sine(HISTORY + 2000, frequency_hz=200))
    concealment = Concealment(tone[:HISTORY])
    lead = concealment.take(240)
    merged = concealment.merged(tone[HISTORY + 37 : HISTORY + 437])
    joined = np.concatenate((lead, merged))
    turned = ((joined[:-1] < 0) & (joined[1:] >= 0)).nonzero()[0]
    assert np.diff(turned) == pytest.approx(np.full(len(turned) - 1, 120), abs=4)


def test_after_its_end_the_voice_fades_in() -> None:
    concealment = after(voice(HISTORY))
    concealment.take(CONCEAL_SAMPLES)
    back = decoded(sine(400, frequency_hz=1000))
    merged = concealment.merged(back)
    assert len(merged) == 400
    assert (np.abs(merged[:FADE]) <= np.abs(back[:FADE]) + 1e-3).all()


@pytest.mark.parametrize("count", [1, 2, 50])
def test_a_crumb_of_a_voice_is_merged_too(count: int) -> None:
    merged = after(voice(HISTORY)).merged(decoded(voice(count)))
    assert len(merged) >= count


@given(st.binary(min_size=2 * HISTORY, max_size=2 * HISTORY), st.integers(0, 3000))
def test_any_history_gives_sound_within_the_range(pcm: bytes, taken: int) -> None:
    concealment = after(pcm)
    sound = concealment.take(taken)
    assert len(sound) == taken
    assert np.isfinite(sound).all()
    assert np.abs(sound).max(initial=0) <= 2 * 32_768 + 32_768
