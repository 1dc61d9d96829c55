"""Whatever bytes and rates the service sends, what goes on is 24 kHz and whole samples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sound_pieces import ramp, samples_of, sine

from voicecli.audio.intake import Intake


def test_sound_at_24_khz_goes_through_as_the_same_object() -> None:
    pcm = ramp(1, 1000)
    assert Intake().push(pcm, 24_000) is pcm


def test_half_a_sample_waits_for_its_other_half() -> None:
    intake = Intake()
    assert intake.push(b"\x01\x00\x02", 24_000) == b"\x01\x00"
    assert intake.push(b"", 24_000) == b""
    assert intake.push(b"\x00", 24_000) == b"\x02\x00"


def test_half_a_sample_at_the_end_of_a_reply_does_not_spoil_the_next() -> None:
    intake = Intake()
    intake.push(ramp(1, 10) + b"\x7f", 24_000)
    assert intake.finish() == b""
    assert intake.push(ramp(11, 10), 24_000) == ramp(11, 10)


def test_what_is_dropped_does_not_come_back() -> None:
    intake = Intake()
    intake.push(sine(1600), 16_000)
    intake.drop()
    assert intake.finish() == b""
    intake.push(b"\x7f", 24_000)
    intake.drop()
    assert intake.push(ramp(11, 10), 24_000) == ramp(11, 10)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 44_100, 48_000])
def test_another_rate_keeps_its_length_and_its_pitch(rate_hz: int) -> None:
    intake = Intake()
    t = np.arange(rate_hz) / rate_hz
    pcm = np.round(8000 * np.sin(2 * np.pi * 300 * t)).astype("<i2").tobytes()
    out = b"".join(intake.push(pcm[at : at + 1001], rate_hz) for at in range(0, len(pcm), 1001))
    out += intake.finish()
    heard = samples_of(out)
    assert abs(len(heard) - 24_000) <= 2
    assert abs(((heard[:-1] < 0) & (heard[1:] >= 0)).sum() - 300) <= 2


def test_a_change_of_rate_brings_out_what_was_held_back() -> None:
    intake = Intake()
    out = intake.push(sine(16_000), 16_000)
    out += intake.push(sine(8_000), 8_000)
    out += intake.push(ramp(1, 100), 24_000)
    assert abs(len(out) // 2 - 48_100) <= 4
    assert out.endswith(ramp(1, 100))


def test_half_a_sample_of_another_rate_is_not_joined_to_this_one() -> None:
    intake = Intake()
    intake.push(ramp(1, 10) + b"\x7f", 24_000)
    intake.push(sine(160), 16_000)
    intake.push(b"\x7f", 16_000)
    out = intake.push(ramp(1, 100), 24_000)
    assert out.endswith(ramp(1, 100))


@given(st.lists(st.binary(max_size=9), max_size=30))
def test_crumbs_come_out_as_they_came(crumbs: list[bytes]) -> None:
    intake = Intake()
    out = b"".join(intake.push(crumb, 24_000) for crumb in crumbs)
    whole = b"".join(crumbs)
    assert out == whole[: len(whole) // 2 * 2]


@given(
    st.lists(
        st.tuples(st.binary(max_size=600), st.sampled_from([8_000, 24_000, 48_000])), max_size=12
    )
)
def test_any_mixture_gives_whole_samples(pieces: list[tuple[bytes, int]]) -> None:
    intake = Intake()
    for pcm, rate_hz in pieces:
        assert len(intake.push(pcm, rate_hz)) % 2 == 0
    assert len(intake.finish()) % 2 == 0
