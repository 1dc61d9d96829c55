"""Voice activity opens and ends every spoken turn: windows may be neither lost nor doubled."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from local_speech import needs_flite, user_says

from voicecli.audio.pcm import MIC_RATE_HZ, byte_count
from voicecli.local.vad import WINDOW_BYTES, SpeechProbability

# Any sound that is not the same everywhere shows where a window begins.
RAMP = b"".join((i * 37 % 20_000 - 10_000).to_bytes(2, "little", signed=True) for i in range(3_000))


def test_a_window_lasts_32_ms() -> None:
    assert byte_count(SpeechProbability.window_ms, MIC_RATE_HZ) == WINDOW_BYTES


@pytest.mark.parametrize(
    ("size", "windows"), [(0, 0), (WINDOW_BYTES - 1, 0), (WINDOW_BYTES, 1), (WINDOW_BYTES * 3, 3)]
)
def test_each_whole_window_has_a_probability(size: int, windows: int) -> None:
    found = SpeechProbability().feed(bytes(size))
    assert len(found) == windows
    assert all(0.0 <= probability <= 1.0 for probability in found)


@given(st.lists(st.integers(0, len(RAMP)), max_size=6))
@settings(max_examples=20)
def test_where_the_sound_is_cut_changes_nothing(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(RAMP)]
    in_pieces = SpeechProbability()
    found = [
        probability
        for start, end in pairwise(edges)
        for probability in in_pieces.feed(RAMP[start:end])
    ]
    assert found == SpeechProbability().feed(RAMP)


def test_after_a_reset_the_past_is_forgotten() -> None:
    used = SpeechProbability()
    used.feed(RAMP[: WINDOW_BYTES * 2 + 100])
    used.reset()
    assert used.feed(RAMP) == SpeechProbability().feed(RAMP)


def test_silence_is_no_speech() -> None:
    assert max(SpeechProbability().feed(bytes(byte_count(1_000, MIC_RATE_HZ)))) < 0.3


@needs_flite
@pytest.mark.parametrize("voice", ["slt", "rms"])
def test_a_voice_is_speech_and_the_pause_after_it_is_not(voice: str) -> None:
    found = SpeechProbability().feed(user_says("how tall is the eiffel tower", voice))
    windows_a_second = 1_000 // SpeechProbability.window_ms
    assert sum(probability > 0.5 for probability in found) > windows_a_second
    assert max(found[-windows_a_second // 2 :]) < 0.3
