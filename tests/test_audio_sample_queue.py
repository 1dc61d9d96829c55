"""Every sample of the voice goes through this queue: none may be lost, doubled or reordered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from sound_pieces import ramp

from voicecli.audio.sample_queue import SampleQueue

RATE_HZ = 24_000


def queue_of(*chunks: bytes) -> SampleQueue:
    queue = SampleQueue()
    for chunk in chunks:
        queue.push(chunk)
    return queue


def test_an_empty_queue_gives_nothing() -> None:
    queue = queue_of(b"")
    assert len(queue) == 0
    assert queue.take(5) == b""
    assert queue.peek(5) == b""


def test_what_is_taken_runs_across_chunks() -> None:
    queue = queue_of(ramp(1, 3000), ramp(3001, 3000))
    assert queue.take(2990) == ramp(1, 2990)
    assert queue.take(20) == ramp(2991, 20)
    assert len(queue) == 2990


def test_more_than_there_is_gives_what_there_is() -> None:
    assert queue_of(ramp(1, 10)).take(100) == ramp(1, 10)


def test_a_look_ahead_takes_nothing() -> None:
    queue = queue_of(ramp(1, 3000), ramp(3001, 3000), ramp(6001, 10))
    queue.take(2990)
    assert queue.peek(20) == ramp(2991, 20)
    assert queue.peek(5) == ramp(2991, 5)
    assert queue.peek(100_000) == ramp(2991, 3020)
    assert len(queue) == 3020
    assert queue.take(20) == ramp(2991, 20)


def test_cleared_is_empty_and_can_be_filled_again() -> None:
    queue = queue_of(ramp(1, 100))
    queue.take(10)
    queue.clear()
    assert len(queue) == 0
    queue.push(ramp(7, 5))
    assert queue.take(5) == ramp(7, 5)


def test_a_long_chunk_is_kept_by_reference() -> None:
    burst = ramp(0, 100) * (120 * RATE_HZ // 100)
    queue = queue_of(burst)
    assert queue._chunks[0] is burst
    assert queue.take(240) == burst[:480]


def test_crumbs_are_joined() -> None:
    queue = queue_of(*(ramp(number, 1) for number in range(20_000)))
    assert len(queue._chunks) < 20
    assert queue.take(20_000) == ramp(0, 20_000)


@given(
    st.lists(st.one_of(st.integers(0, 9), st.integers(0, 5000)), max_size=20),
    st.lists(st.integers(0, 6000), max_size=40),
)
def test_what_comes_out_is_what_went_in(chunks: list[int], takes: list[int]) -> None:
    queue = SampleQueue()
    pushed, taken = 0, b""
    for number, take in enumerate([*takes, *([0] * len(chunks))]):
        if number < len(chunks):
            queue.push(ramp(pushed % 20_000, chunks[number]))
            pushed += chunks[number]
        ahead = queue.peek(take)
        assert len(queue) == pushed - len(taken) // 2
        part = queue.take(take)
        assert part == ahead
        taken += part
    taken += queue.take(len(queue))
    expected = queue_of()
    start = 0
    for count in chunks:
        expected.push(ramp(start % 20_000, count))
        start += count
    assert taken == expected.take(pushed)
