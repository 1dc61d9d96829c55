"""A microphone that is muted in the system, or far too loud, is told once instead of never."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.audio.microphone import FRAME_BYTES
from voicecli.audio.microphone_check import (
    CLIPPED_FRAMES,
    CLIPPED_SAMPLES,
    DEAD_AFTER_FRAMES,
    WINDOW_FRAMES,
    Fault,
    MicrophoneCheck,
)

FRAME = FRAME_BYTES // 2
SILENCE = bytes(FRAME_BYTES)
NOISE = np.array([1, -1] * (FRAME // 2), "<i2").tobytes()


def clipped(samples: int = CLIPPED_SAMPLES, limit: int = 32_767) -> bytes:
    """A loud frame of which so many samples are at the limit."""
    frame = np.full(FRAME, 20_000, "<i2")
    frame[10 : 10 + samples] = limit
    return frame.tobytes()


def faults(*frames: bytes) -> list[tuple[int, Fault]]:
    """After which frame a fresh check tells which fault."""
    check = MicrophoneCheck()
    told = [(number, check.heard(frame)) for number, frame in enumerate(frames, start=1)]
    return [(number, fault) for number, fault in told if fault is not None]


def test_silence_is_told_after_five_seconds_and_once() -> None:
    assert DEAD_AFTER_FRAMES == 500
    assert faults(*[SILENCE] * 2000) == [(500, Fault.DEAD)]


def test_one_frame_of_the_faintest_noise_starts_the_five_seconds_anew() -> None:
    frames = [*[SILENCE] * 499, NOISE, *[SILENCE] * 499]
    assert faults(*frames) == []
    assert faults(*frames, SILENCE) == [(1000, Fault.DEAD)]


def test_a_microphone_that_falls_silent_later_is_told_too() -> None:
    assert faults(*[NOISE] * 300, *[SILENCE] * 500) == [(800, Fault.DEAD)]


@pytest.mark.parametrize("limit", [32_767, -32_767, -32_768])
def test_sound_at_the_limit_again_and_again_is_told_once(limit: int) -> None:
    frames = [clipped(limit=limit)] * 300
    assert faults(*frames) == [(CLIPPED_FRAMES, Fault.CLIPPING)]


def test_loud_is_not_too_loud() -> None:
    assert faults(*[clipped(samples=0)] * 300) == []
    assert faults(*[clipped(limit=32_766)] * 300) == []


def test_a_stray_sample_at_the_limit_is_chance() -> None:
    assert faults(*[clipped(samples=CLIPPED_SAMPLES - 1)] * 300) == []


def test_a_knock_now_and_then_is_nothing() -> None:
    knock = [*[clipped()] * (CLIPPED_FRAMES - 1), *[NOISE] * (WINDOW_FRAMES - CLIPPED_FRAMES + 1)]
    assert faults(*knock * 10) == []


def test_the_frames_need_not_follow_each_other() -> None:
    spread = [clipped(), *[NOISE] * 15] * CLIPPED_FRAMES
    assert faults(*spread) == [((CLIPPED_FRAMES - 1) * 16 + 1, Fault.CLIPPING)]


def test_both_faults_can_be_told_of_one_microphone() -> None:
    told = faults(*[SILENCE] * 600, *[clipped()] * 50, *[SILENCE] * 600)
    assert [fault for _, fault in told] == [Fault.DEAD, Fault.CLIPPING]


@given(st.lists(st.sampled_from([SILENCE, NOISE, clipped()]), max_size=40), st.integers(1, 30))
def test_each_fault_is_told_at_most_once(frames: list[bytes], times: int) -> None:
    told = [fault for _, fault in faults(*frames * times)]
    assert len(told) == len(set(told))


@given(st.binary(min_size=FRAME_BYTES, max_size=FRAME_BYTES))
def test_any_frame_can_be_judged(frame: bytes) -> None:
    MicrophoneCheck().heard(frame)
