"""What the user says goes up in exact frames, from whichever device it is heard by."""

from __future__ import annotations

import asyncio
import math
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sound_pieces import Clock, HandInput, ramp, sine

from voicecli.audio.device import Deliver
from voicecli.audio.levels import SILENCE_DBFS
from voicecli.audio.microphone import FRAME_BYTES, FRAME_MS, QUEUE_FRAMES, Microphone
from voicecli.audio.null_device import NullInput
from voicecli.errors import SoundDeviceError

DEADLINE_S = 10.0
FRAME = FRAME_BYTES // 2


def open_microphone() -> tuple[HandInput, Microphone]:
    device = HandInput()
    microphone = Microphone(device)
    microphone.start()
    return device, microphone


async def next_frames(microphone: Microphone, count: int) -> list[bytes]:
    frames: list[bytes] = []
    async with asyncio.timeout(DEADLINE_S):
        async for frame in microphone.frames():
            frames.append(frame)
            if len(frames) == count:
                break
    return frames


def frames_now(microphone: Microphone) -> list[bytes]:
    """The frames that are ready, taken out by closing behind them."""
    frames: list[bytes] = []
    while (frame := microphone._next_frame()) is not None:
        frames.append(frame)
    return frames


class RefusingInput(HandInput):
    """A microphone that cannot be opened."""

    def start(self, deliver: Deliver) -> None:
        raise SoundDeviceError("no such luck")


def test_a_frame_is_10_ms_of_16_khz() -> None:
    assert FRAME_MS == 10
    assert FRAME_BYTES == 320


def test_two_seconds_of_speech_wait_for_a_slow_reader() -> None:
    assert QUEUE_FRAMES * FRAME_MS == 2000


def test_frames_come_as_they_were_heard() -> None:
    device, microphone = open_microphone()
    for start in range(0, 5 * FRAME, FRAME):
        device.hear(ramp(start, FRAME))
    frames = asyncio.run(next_frames(microphone, 5))
    assert frames == [ramp(start, FRAME) for start in range(0, 5 * FRAME, FRAME)]


@given(st.lists(st.integers(0, 3000), max_size=30))
def test_pieces_of_any_length_become_exact_frames(lengths: list[int]) -> None:
    device, microphone = open_microphone()
    spoken = bytes(range(256)) * (sum(lengths) // 256 + 1)
    position = 0
    frames: list[bytes] = []
    for length in lengths:
        device.hear(spoken[position : position + length])
        position += length
        frames += frames_now(microphone)
    assert all(len(frame) == FRAME_BYTES for frame in frames)
    whole = position // FRAME_BYTES * FRAME_BYTES
    assert b"".join(frames) == spoken[:whole]


def test_a_reader_that_waits_is_woken_by_another_thread() -> None:
    async def main() -> None:
        device, microphone = open_microphone()
        reader = asyncio.create_task(next_frames(microphone, 2))
        await asyncio.sleep(0)

        def speak() -> None:
            device.hear(ramp(0, FRAME))
            device.hear(ramp(FRAME, FRAME))

        speaker = threading.Thread(target=speak)
        speaker.start()
        assert await reader == [ramp(0, FRAME), ramp(FRAME, FRAME)]
        speaker.join()

    asyncio.run(main())


def test_when_nobody_reads_the_oldest_frames_go_and_are_counted() -> None:
    device, microphone = open_microphone()
    for number in range(QUEUE_FRAMES + 3):
        device.hear(ramp(number, FRAME))
    assert microphone.dropped_frames == 3
    frames = frames_now(microphone)
    assert len(frames) == QUEUE_FRAMES
    assert frames[0] == ramp(3, FRAME)


def test_another_device_goes_on_where_the_first_one_stopped() -> None:
    first, microphone = open_microphone()
    first.hear(ramp(1, FRAME))
    second = HandInput()
    microphone.replace_device(second)
    second.hear(ramp(2000, FRAME))
    assert (first.closed, second.closed) == (1, 0)
    assert frames_now(microphone) == [ramp(1, FRAME), ramp(2000, FRAME)]


def test_no_frame_is_sewn_together_from_two_devices() -> None:
    first, microphone = open_microphone()
    first.hear(ramp(1, FRAME // 2))
    second = HandInput()
    microphone.replace_device(second)
    second.hear(ramp(2000, FRAME))
    assert frames_now(microphone) == [ramp(2000, FRAME)]


def test_a_device_that_cannot_be_opened_leaves_room_for_the_next() -> None:
    first, microphone = open_microphone()
    with pytest.raises(SoundDeviceError):
        microphone.replace_device(RefusingInput())
    third = HandInput()
    microphone.replace_device(third)
    third.hear(ramp(5, FRAME))
    assert first.closed == 1
    assert frames_now(microphone) == [ramp(5, FRAME)]


def test_a_device_that_comes_after_the_end_is_closed_at_once() -> None:
    _, microphone = open_microphone()
    microphone.close()
    late = HandInput()
    microphone.replace_device(late)
    assert late.closed == 1


def test_it_knows_when_the_device_delivered_last() -> None:
    clock = Clock()
    device = HandInput()
    microphone = Microphone(device, clock)
    microphone.start()
    assert microphone.delivered_s == -math.inf
    clock.now_s = 107.0
    device.hear(ramp(0, 3))
    clock.now_s = 110.0
    assert microphone.delivered_s == 107.0


def test_closing_ends_the_frames_and_drops_the_rest() -> None:
    async def main() -> None:
        device, microphone = open_microphone()
        device.hear(ramp(0, FRAME))
        device.hear(ramp(0, FRAME))
        frames = []
        async with asyncio.timeout(DEADLINE_S):
            async for frame in microphone.frames():
                frames.append(frame)
                microphone.close()
                device.hear(ramp(0, FRAME))
        assert len(frames) == 1
        assert device.closed == 1

    asyncio.run(main())


def test_closing_wakes_a_reader_that_waits() -> None:
    async def main() -> None:
        _, microphone = open_microphone()
        reader = asyncio.create_task(next_frames(microphone, 1))
        await asyncio.sleep(0)
        microphone.close()
        microphone.close()
        assert await reader == []

    asyncio.run(main())


def test_the_level_follows_what_is_heard() -> None:
    clock = Clock()
    device = HandInput()
    microphone = Microphone(device, clock)
    microphone.start()
    assert microphone.level_dbfs == SILENCE_DBFS
    device.hear(sine(10 * FRAME, peak=32_767))
    clock.now_s += 0.1
    assert microphone.level_dbfs == pytest.approx(-3.0, abs=0.5)


def test_a_device_that_delivers_no_more_is_not_shown_as_loud() -> None:
    clock = Clock()
    device = HandInput()
    microphone = Microphone(device, clock)
    microphone.start()
    device.hear(sine(10 * FRAME, peak=32_767))
    assert microphone.level_dbfs > -10
    clock.now_s += 5.0
    assert microphone.level_dbfs == pytest.approx(SILENCE_DBFS, abs=0.5)


def test_its_name_is_the_device_s() -> None:
    _, microphone = open_microphone()
    assert microphone.name == "hand-fed microphone"
    microphone.replace_device(NullInput())
    assert microphone.name is None
