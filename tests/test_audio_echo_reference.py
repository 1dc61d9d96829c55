"""A reference that is out of step by milliseconds undoes the canceller: bursts, drift, losses."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.audio.echo_canceller import FAR_BYTES
from voicecli.audio.echo_reference import (
    HELD_BYTES,
    LEAST_BYTES,
    LOST_BYTES,
    MOST_BYTES,
    SILENCE,
    START_BYTES,
    EchoReference,
)

FRAME = FAR_BYTES // 2


def counting(first: int, count: int) -> bytes:
    """Samples that tell their place, 1 to 32749, none of them silent."""
    return (np.arange(first, first + count) % 32_749 + 1).astype("<i2").tobytes()


def values(pcm: bytes) -> list[int]:
    return [int(value) for value in np.frombuffer(pcm, "<i2")]


class Player:
    """Plays a count in pieces of any size."""

    def __init__(self, reference: EchoReference) -> None:
        self.reference = reference
        self.position = 0

    def play(self, samples: int) -> None:
        self.reference.push(counting(self.position, samples))
        self.position += samples


def shift_of(frame: bytes, frame_number: int) -> int:
    """How many samples later than played at that time the frame's first sample is."""
    return frame_number * FRAME - (values(frame)[0] - 1)


def test_nothing_played_is_silence() -> None:
    reference = EchoReference()
    assert [reference.pull() for _ in range(300)] == [SILENCE] * 300


def test_frame_for_frame_comes_out_what_went_in() -> None:
    reference = EchoReference()
    player = Player(reference)
    out = b""
    for _ in range(80):
        player.play(FRAME)
        out += reference.pull()
    assert out[:START_BYTES] == bytes(START_BYTES)
    assert out[START_BYTES:] == counting(0, 80 * FRAME)[: len(out) - START_BYTES]


def test_what_was_played_before_the_microphone_began_is_left_out() -> None:
    reference = EchoReference()
    reference.push(counting(0, 100 * FRAME))
    out = reference.pull() + reference.pull()
    assert out[START_BYTES:] == counting(99 * FRAME, FRAME).ljust(len(out), b"\0")[:-START_BYTES]


@given(st.lists(st.integers(1, 80), min_size=1, max_size=20))
def test_frames_that_come_late_in_a_burst_are_given_what_belongs_to_them(bursts: list[int]) -> None:
    """Up to the second that playback is kept."""
    reference = EchoReference()
    player = Player(reference)
    player.play(FRAME)
    out = reference.pull()
    for frames in bursts:
        player.play(frames * FRAME)
        for _ in range(frames):
            out += reference.pull()
    assert out[START_BYTES:] == counting(0, player.position)[: len(out) - START_BYTES]


def test_a_hole_in_the_playback_is_silence_of_its_length_and_shifts_nothing_after_it() -> None:
    """A device that was starved for 40 ms goes on with the sound that was due when it stopped."""
    reference = EchoReference()
    player = Player(reference)
    for _ in range(10):
        player.play(FRAME)
        reference.pull()
    hole = b"".join(reference.pull() for _ in range(4))
    assert hole[START_BYTES:] == bytes(4 * FAR_BYTES - START_BYTES)
    for number in range(10, 30):
        player.play(FRAME)
        assert reference.pull() == counting(number * FRAME, FRAME)


@given(st.lists(st.integers(0, 60_000), max_size=20), st.integers(1, 5))
def test_frames_are_whole_and_memory_is_bounded(sizes: list[int], pulls: int) -> None:
    reference = EchoReference()
    for size in sizes:
        reference.push(bytes(size * 2))
        assert len(reference._held) <= HELD_BYTES
        for _ in range(pulls):
            assert len(reference.pull()) == FAR_BYTES


@pytest.mark.parametrize("ppm", [-300, -100, 100, 300])
def test_clocks_that_drift_apart_stay_in_step(ppm: int) -> None:
    """Ten minutes; a sample at a time is slipped, and none is silenced."""
    reference = EchoReference()
    player = Player(reference)
    for number in range(60_000):
        due = round((number + 1) * FRAME * (1 + ppm * 1e-6))
        player.play(due - player.position)
        frame = reference.pull()
        waiting_bytes = len(reference._held)
        if number > 1:
            assert 0 not in values(frame)[:: FRAME - 1]
            assert waiting_bytes <= MOST_BYTES + LEAST_BYTES


def test_in_speech_at_most_one_sample_in_ten_frames_slips() -> None:
    reference = EchoReference()
    player = Player(reference)
    player.play(FRAME)
    reference.pull()
    player.play(20 * 24)  # 20 ms ahead, for good
    starts = []
    for _ in range(400):
        player.play(FRAME)
        starts.append(values(reference.pull())[0])
    steps = [(later - earlier) % 32_749 - FRAME for earlier, later in pairwise(starts[1:])]
    assert set(steps) == {0, 1}
    assert all(sum(steps[at : at + 10]) <= 1 for at in range(len(steps)))


@pytest.mark.parametrize("ahead", [30, -2])
def test_in_silence_the_whole_slip_is_made_at_once(ahead: int) -> None:
    reference = EchoReference()
    for _ in range(2):
        reference.push(bytes(FAR_BYTES))
        reference.pull()
    if ahead > 0:
        reference.push(bytes(ahead * 48))
    else:
        for _ in range(-ahead):
            reference.pull()
    for _ in range(250):
        reference.push(bytes(FAR_BYTES))
        reference.pull()
    assert LEAST_BYTES <= len(reference._held) <= MOST_BYTES


def test_after_lost_frames_of_the_microphone_the_step_is_taken_at_once() -> None:
    reference = EchoReference()
    player = Player(reference)
    player.play(FRAME)
    reference.pull()
    player.play(50 * FRAME)
    for _ in range(210):  # what was before the loss is in the first window of a second
        player.play(FRAME)
        reference.pull()
    assert len(reference._held) <= MOST_BYTES + LOST_BYTES


def test_a_speaker_that_stood_still_goes_on_with_what_it_plays_next() -> None:
    reference = EchoReference()
    player = Player(reference)
    for _ in range(10):
        player.play(FRAME)
        reference.pull()
    for _ in range(50):
        reference.pull()
    player.play(FRAME)
    assert reference.pull() == counting(10 * FRAME, FRAME)
