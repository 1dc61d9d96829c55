"""A rate that is read wrongly is a voice at the wrong pitch; a MIME type is foreign text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.audio.pcm import MIC_RATE_HZ, byte_count, duration_s, rate_of, samples_in


def test_half_a_sample_is_none() -> None:
    assert samples_in(b"") == 0
    assert samples_in(b"\x01") == 0
    assert samples_in(b"\x01\x02\x03") == 1


def test_a_second_lasts_a_second() -> None:
    assert duration_s(bytes(48_000), 24_000) == 1.0


def test_20_ms_of_the_microphone_are_640_bytes() -> None:
    assert byte_count(20, MIC_RATE_HZ) == 640


@given(st.floats(0, 10_000), st.integers(1_000, 384_000))
def test_any_stretch_is_a_whole_number_of_samples(duration_ms: float, rate_hz: int) -> None:
    assert byte_count(duration_ms, rate_hz) % 2 == 0


@pytest.mark.parametrize(
    ("mime_type", "rate_hz"),
    [
        ("audio/pcm;rate=24000", 24_000),
        ("audio/pcm; rate = 16000", 16_000),
        ("audio/L16;codec=pcm;rate=48000", 48_000),
        ("audio/pcm", 24_000),
        ("", 24_000),
        (None, 24_000),
        ("audio/pcm;rate=0", 24_000),
        ("audio/pcm;rate=999999999999", 24_000),
        ("audio/pcm;rate=-8000", 24_000),
    ],
)
def test_the_rate_of_a_mime_type_or_the_default(mime_type: str | None, rate_hz: int) -> None:
    assert rate_of(mime_type, 24_000) == rate_hz


@given(st.text())
def test_no_mime_type_gives_a_rate_that_cannot_be_played(mime_type: str) -> None:
    assert 1_000 <= rate_of(mime_type, 24_000) <= 384_000
