"""A service may send another rate than 24 kHz: the voice keeps its pitch and its length."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sound_pieces import samples_of

from voicecli.audio.resampler import StreamResampler


def tone(rate_hz: int, seconds: float) -> bytes:
    phase = 2 * np.pi * 440 * np.arange(int(rate_hz * seconds)) / rate_hz
    return (8000 * np.sin(phase)).astype("<i2").tobytes()


def resampled(pcm: bytes, from_hz: int, chunk_bytes: int) -> bytes:
    stream = StreamResampler(from_hz, 24_000)
    pieces = [
        stream.push(pcm[start : start + chunk_bytes]) for start in range(0, len(pcm), chunk_bytes)
    ]
    return b"".join(pieces) + stream.finish()


@pytest.mark.parametrize("from_hz", [8_000, 16_000, 22_050, 44_100, 48_000])
def test_a_tone_keeps_its_length_and_pitch(from_hz: int) -> None:
    heard = samples_of(resampled(tone(from_hz, 1.0), from_hz, 960))
    assert abs(len(heard) - 24_000) <= 2
    spectrum = np.abs(np.fft.rfft(heard))
    assert abs(np.argmax(spectrum) * 24_000 / len(heard) - 440) <= 1


def test_joins_of_chunks_cannot_be_heard() -> None:
    heard = samples_of(resampled(tone(16_000, 1.0), 16_000, 641)).astype(int)
    assert np.abs(np.diff(heard)).max() < 1100  # the tone's own steepest step is 921


@given(st.integers(1, 3000))
def test_the_size_of_chunks_does_not_change_the_sound(chunk_bytes: int) -> None:
    pcm = tone(16_000, 0.1)
    in_chunks = samples_of(resampled(pcm, 16_000, chunk_bytes)).astype(int)
    whole = samples_of(resampled(pcm, 16_000, len(pcm))).astype(int)
    assert len(in_chunks) == len(whole)
    assert np.abs(in_chunks - whole).max() <= 3  # it dithers


def test_nothing_in_is_nothing_out() -> None:
    stream = StreamResampler(16_000, 24_000)
    assert stream.push(b"") == b""
    assert stream.finish() == b""


def test_half_a_sample_is_kept_for_its_other_half_and_dropped_at_the_end() -> None:
    stream = StreamResampler(24_000, 24_000)
    assert stream.push(b"\x10") == b""
    heard = stream.push(b"\x20\x11") + stream.finish()
    assert heard == b"\x10\x20"
