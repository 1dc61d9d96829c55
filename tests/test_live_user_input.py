"""What the user says while the session moves must arrive whole, once and in order.

What cannot wait is the beginning of a long speech, and never a signal: without its end the
service would wait for the rest of a turn for ever.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicecli.live.user_input import MOST_WAITING_BYTES, InputQueue, Signal, UserInput

FRAME_BYTES = 320
ITEMS = st.lists(
    st.one_of(st.sampled_from(Signal), st.integers(0, 200_000).map(bytes)), max_size=40
)


def frame(number: int) -> bytes:
    return number.to_bytes(4, "little") * (FRAME_BYTES // 4)


def all_of(queue: InputQueue) -> list[UserInput]:
    found = []
    while (item := queue.take()) is not None:
        found.append(item)
    return found


def test_sound_and_signals_leave_in_the_order_in_which_they_came() -> None:
    queue = InputQueue()
    came: list[UserInput] = [
        Signal.ACTIVITY_START,
        frame(1),
        frame(2),
        Signal.ACTIVITY_END,
        frame(3),
    ]
    for item in came:
        queue.add(item)
    assert queue
    assert all_of(queue) == came
    assert not queue
    assert queue.take() is None


def test_what_could_not_be_sent_is_the_next_one_again() -> None:
    queue = InputQueue()
    for number in range(3):
        queue.add(frame(number))
    first = queue.take()
    assert first == frame(0)
    queue.put_back(first)
    assert all_of(queue) == [frame(number) for number in range(3)]


def test_five_seconds_of_sound_wait_and_the_oldest_goes_first() -> None:
    queue = InputQueue()
    for number in range(503):
        queue.add(frame(number))
    assert all_of(queue) == [frame(number) for number in range(3, 503)]


def test_signals_stay_while_the_sound_around_them_goes() -> None:
    queue = InputQueue()
    queue.add(Signal.ACTIVITY_START)
    queue.add(frame(0))
    queue.add(Signal.ACTIVITY_END)
    queue.add(bytes(MOST_WAITING_BYTES))
    assert all_of(queue) == [
        Signal.ACTIVITY_START,
        Signal.ACTIVITY_END,
        bytes(MOST_WAITING_BYTES),
    ]


def test_a_piece_that_is_longer_than_all_that_may_wait_is_dropped() -> None:
    queue = InputQueue()
    queue.add(bytes(MOST_WAITING_BYTES + 2))
    assert not queue


def test_the_user_talks_between_a_start_and_an_end_that_have_passed() -> None:
    queue = InputQueue()
    queue.add(Signal.ACTIVITY_START)
    assert not queue.talking, "nobody knows of it yet"
    queue.passed(Signal.ACTIVITY_START)
    assert queue.talking
    for other in (frame(1), Signal.AUDIO_STREAM_END):
        queue.passed(other)
        assert queue.talking
    queue.passed(Signal.ACTIVITY_END)
    assert not queue.talking


@given(ITEMS, st.integers(0, 39))
def test_signals_and_the_latest_sound_are_kept_in_order(
    items: list[UserInput], put_back_at: int
) -> None:
    queue = InputQueue()
    for at, item in enumerate(items):
        queue.add(item)
        if at == put_back_at and (taken := queue.take()) is not None:
            queue.put_back(taken)
    kept = all_of(queue)
    left = iter(items)
    assert all(any(item is other for other in left) for item in kept), "a part, in order"
    assert [item for item in kept if isinstance(item, Signal)] == [
        item for item in items if isinstance(item, Signal)
    ]
    sound = [item for item in kept if isinstance(item, bytes)]
    assert sum(map(len, sound)) <= MOST_WAITING_BYTES
    came = [item for item in items if isinstance(item, bytes)]
    assert sound == came[len(came) - len(sound) :], "the latest"
