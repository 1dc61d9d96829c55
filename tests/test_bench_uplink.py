"""What the benchmark's server keeps of a client's microphone: each sample with its frame's time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.uplink import Uplink


def filled(*frames: tuple[bytes, float]) -> Uplink:
    uplink = Uplink()
    for pcm, at_s in frames:
        uplink.add(pcm, at_s)
    return uplink


@given(sizes=st.lists(st.integers(1, 50), min_size=1, max_size=20))
def test_a_sample_came_with_the_frame_that_holds_it(sizes: list[int]) -> None:
    uplink = filled(*((bytes(2 * size), float(number)) for number, size in enumerate(sizes)))

    frames = [number for number, size in enumerate(sizes) for _ in range(size)]
    assert [uplink.arrival_of(sample) for sample in range(sum(sizes))] == frames


def test_what_came_between_two_moments() -> None:
    uplink = filled((b"\x01\x00" * 3, 1.0), (b"\x02\x00" * 2, 2.0), (b"\x03\x00", 3.0))
    samples, first = uplink.between(1.5, 3.0)

    assert np.array_equal(samples, [2, 2])
    assert first == 3
    assert uplink.frames == 3


def test_nothing_came() -> None:
    samples, first = Uplink().between(0.0, 9.0)

    assert (len(samples), first) == (0, 0)
    assert Uplink().zero_share(0.0, 9.0) == 0


def test_digital_silence_is_told_from_a_quiet_room() -> None:
    uplink = filled((bytes(8), 1.0), (b"\x00\x00\x01\x00", 2.0), (bytes(8), 3.0), (bytes(8), 4.0))

    assert uplink.zero_share(0.0, 9.0) == pytest.approx(0.75)
    assert uplink.zero_share(1.5, 2.5) == 0
