"""Every join of the voice is made of these: a fade that does not add up is heard as a click."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sound_pieces import sine

from voicecli.audio.samples import cross_faded, decoded, encoded, fade_in, fade_out, swell


def test_pcm_survives_both_ways() -> None:
    pcm = sine(500, peak=32_767)
    assert encoded(decoded(pcm)) == pcm


def test_what_is_too_loud_is_clipped_and_does_not_wrap() -> None:
    loud = np.array([40_000, -40_000], np.float32)
    assert np.frombuffer(encoded(loud), "<i2").tolist() == [32_767, -32_768]


@pytest.mark.parametrize("count", [1, 7, 120])
def test_a_fade_and_its_reverse_add_up_to_one(count: int) -> None:
    assert fade_in(count) + fade_in(count)[::-1] == pytest.approx(np.ones(count))
    assert (np.diff(fade_in(count)) > 0).all()


def test_a_cross_fade_begins_with_one_and_ends_with_the_other() -> None:
    before, after = np.full(100, 10, np.float32), np.full(100, -10, np.float32)
    mixed = cross_faded(before, after)
    assert mixed[0] == pytest.approx(10, abs=0.01)
    assert mixed[-1] == pytest.approx(-10, abs=0.01)


def test_a_fade_out_is_a_fade_in_backwards() -> None:
    assert fade_out(72).tolist() == fade_in(72).tolist()[::-1]


@pytest.mark.parametrize("count", [0, 1, 2, 119])
def test_a_swell_begins_and_ends_softly(count: int) -> None:
    gains = swell(count, 120)
    assert len(gains) == count
    assert gains.tolist() == gains.tolist()[::-1]
    joined = np.concatenate(([0], gains, [0]))
    assert np.abs(np.diff(joined)).max() <= np.pi / 2 / 120


def test_gains_cannot_be_spoilt_for_the_next_user() -> None:
    with pytest.raises(ValueError, match="read-only"):
        fade_in(72)[0] = 1


@given(st.binary(max_size=200).filter(lambda pcm: len(pcm) % 2 == 0))
def test_any_pcm_survives_both_ways(pcm: bytes) -> None:
    assert encoded(decoded(pcm)) == pcm
