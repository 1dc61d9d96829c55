"""What the speaker says was played, heard and drained decides turns, transcripts and the exit.

The device here asks for sound when the test says so, and time is virtual.
"""

from __future__ import annotations

import asyncio
import threading

import pytest
from sound_pieces import Clock, HandOutput, ramp, samples_of, sine
from virtual_time import run_virtually

from voicecli.audio.jitter_buffer import FADE_MS
from voicecli.audio.levels import SILENCE_DBFS
from voicecli.audio.null_device import NullOutput
from voicecli.audio.speaker import DEVICE_PAUSE_S, DEVICE_TAIL_S, Speaker
from voicecli.errors import SoundDeviceError

BLOCK = 240
BLOCK_S = 0.01
FADE_SAMPLES = int(FADE_MS * 24)
DEADLINE_S = 10.0


class Rig:
    """A speaker on a hand-driven device, with a clock that goes on by a block at each ask."""

    def __init__(self, latency_s: float = 0.02) -> None:
        self.clock = Clock()
        self.device = HandOutput(latency_s)
        self.speaker = Speaker(self.device, self.clock)
        self.speaker.start()

    def ask(self, blocks: int = 1) -> list[int]:
        heard: list[int] = []
        for _ in range(blocks):
            heard += samples_of(self.device.ask(BLOCK)).tolist()
            self.clock.now_s += BLOCK_S
        return heard


# Playing


def test_what_is_played_comes_out_unaltered() -> None:
    rig = Rig()
    assert rig.speaker.play(ramp(1, 1000), 24_000) == ramp(1, 1000)
    assert rig.speaker.queued_s == pytest.approx(1000 / 24_000)
    rig.speaker.end_of_reply()
    assert rig.ask(5)[:1000] == list(range(1, 1001))
    assert rig.speaker.played_samples == 1000
    assert rig.speaker.queued_s == 0


def test_its_name_is_the_device_s() -> None:
    assert Rig().speaker.name == "hand-driven speaker"


def test_half_a_sample_is_reported_with_its_other_half() -> None:
    rig = Rig()
    assert rig.speaker.play(b"\x01\x00\x02", 24_000) == b"\x01\x00"
    assert rig.speaker.play(b"\x00", 24_000) == b"\x02\x00"


def test_another_rate_is_brought_to_24_khz_with_its_tail() -> None:
    rig = Rig()
    pcm = sine(16_000)  # 1 s at 16 kHz
    queued = b"".join(
        rig.speaker.play(pcm[start : start + 1001], 16_000) for start in range(0, len(pcm), 1001)
    )
    queued += rig.speaker.end_of_reply()
    assert abs(len(queued) // 2 - 24_000) <= 2
    assert rig.speaker.queued_s == pytest.approx(1.0, abs=0.001)
    rig.ask(110)
    assert rig.speaker.played_samples == len(queued) // 2


def test_a_change_of_rate_inside_a_reply_loses_nothing() -> None:
    rig = Rig()
    queued = rig.speaker.play(sine(16_000), 16_000)
    queued += rig.speaker.play(sine(8_000), 8_000)
    queued += rig.speaker.play(sine(24_000), 24_000)
    queued += rig.speaker.end_of_reply()
    assert abs(len(queued) // 2 - 3 * 24_000) <= 6
    assert queued.endswith(sine(24_000))


def test_ending_a_reply_at_24_khz_queues_nothing_more() -> None:
    rig = Rig()
    rig.speaker.play(ramp(1, 1000), 24_000)
    assert rig.speaker.end_of_reply() == b""
    assert rig.speaker.end_of_reply() == b""


# Stopping


def test_a_flush_is_silent_after_a_fade() -> None:
    rig = Rig()
    rig.speaker.play(ramp(1, 10_000), 24_000)
    rig.ask(2)
    flushed = rig.speaker.flush()
    assert flushed.faded_samples == FADE_SAMPLES
    assert flushed.dropped_samples == 10_000 - 2 * BLOCK - FADE_SAMPLES
    heard = rig.ask(2)
    assert any(heard[:FADE_SAMPLES])
    assert not any(heard[FADE_SAMPLES:])


def test_what_a_resampler_holds_back_is_flushed_too() -> None:
    rig = Rig()
    rig.speaker.play(sine(1600), 16_000)
    rig.speaker.flush()
    assert rig.speaker.end_of_reply() == b""
    rig.speaker.play(ramp(1, 1000), 24_000)
    assert rig.ask(2)[-BLOCK:] != [0] * BLOCK


def test_closing_closes_the_device_and_is_safe_twice() -> None:
    rig = Rig()
    rig.speaker.close()
    rig.speaker.close()
    assert rig.device.closed == 2


# What is heard


def test_heard_follows_played_by_the_latency() -> None:
    rig = Rig(latency_s=0.05)
    rig.speaker.play(ramp(1, 4800), 24_000)
    rig.ask(10)
    assert rig.speaker.played_samples == 2400
    assert rig.speaker.heard_samples == pytest.approx(1200, abs=1)
    rig.clock.now_s += 1.0
    assert rig.speaker.heard_samples == 2400


def test_the_level_is_that_of_what_is_heard() -> None:
    rig = Rig(latency_s=0.05)
    assert rig.speaker.level_dbfs == SILENCE_DBFS
    rig.speaker.play(sine(24_000, peak=32_767), 24_000)
    rig.ask(3)
    assert rig.speaker.level_dbfs == SILENCE_DBFS
    rig.ask(20)
    assert rig.speaker.level_dbfs == pytest.approx(-3.0, abs=0.5)
    rig.speaker.flush()
    rig.ask(300)
    assert rig.speaker.level_dbfs == pytest.approx(SILENCE_DBFS, abs=0.5)


# Waiting for the end


async def drive(device: HandOutput) -> None:
    """Ask for a block every 10 ms of the loop's time."""
    while True:
        device.ask(BLOCK)
        await asyncio.sleep(BLOCK_S)


def drained_after(count: int, *, latency_s: float = 0.02) -> float:
    """The virtual time from playing `count` samples to the end of `drained`."""

    async def main() -> float:
        loop = asyncio.get_running_loop()
        device = HandOutput(latency_s)
        speaker = Speaker(device, loop.time)
        speaker.start()
        driver = loop.create_task(drive(device))
        speaker.play(ramp(1, count), 24_000)
        speaker.end_of_reply()
        await speaker.drained()
        assert speaker.heard_samples == speaker.played_samples == count
        driver.cancel()
        return loop.time()

    return run_virtually(main())


def test_drained_waits_for_the_last_sample_to_be_heard() -> None:
    took_s = drained_after(24_000, latency_s=0.1)
    heard_s = 1.0 + 0.1
    assert heard_s <= took_s <= heard_s + DEVICE_TAIL_S + 2 * BLOCK_S + 1e-6


def test_drained_returns_at_once_when_nothing_was_played() -> None:
    async def main() -> float:
        await Speaker(HandOutput(), asyncio.get_running_loop().time).drained()
        return asyncio.get_running_loop().time()

    assert run_virtually(main()) == 0


def test_drained_returns_soon_after_a_flush() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        device = HandOutput()
        speaker = Speaker(device, loop.time)
        speaker.start()
        driver = loop.create_task(drive(device))
        speaker.play(ramp(1, 30_000), 24_000)
        loop.call_later(0.5, speaker.flush)
        await speaker.drained()
        driver.cancel()
        return loop.time()

    assert 0.5 < run_virtually(main()) < 0.7


def test_drained_returns_when_what_waits_for_its_start_is_flushed() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        speaker = Speaker(HandOutput(), loop.time)
        speaker.start()
        speaker.play(ramp(1, 10), 24_000)
        loop.call_later(0.5, speaker.flush)
        await speaker.drained()
        return loop.time()

    assert run_virtually(main()) == pytest.approx(0.5)


def test_drained_waits_on_when_more_is_played_meanwhile() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        device = HandOutput()
        speaker = Speaker(device, loop.time)
        speaker.start()
        driver = loop.create_task(drive(device))
        speaker.play(ramp(1, 2400), 24_000)
        loop.call_later(0.13, speaker.play, ramp(1, 24_000), 24_000)
        await speaker.drained()
        assert speaker.heard_samples == 26_400
        driver.cancel()
        return loop.time()

    assert run_virtually(main()) > 1.1


def test_drained_returns_when_the_speaker_is_closed() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        speaker = Speaker(HandOutput(), loop.time)
        speaker.start()
        speaker.play(ramp(1, 24_000), 24_000)
        loop.call_later(0.5, speaker.close)
        await speaker.drained()
        return loop.time()

    assert run_virtually(main()) == pytest.approx(0.5)


def test_drained_says_so_when_the_device_has_stopped_asking() -> None:
    async def main() -> float:
        speaker = Speaker(HandOutput(), asyncio.get_running_loop().time)
        speaker.start()
        speaker.play(ramp(1, 24_000), 24_000)
        with pytest.raises(SoundDeviceError, match="no longer asks"):
            await speaker.drained()
        return asyncio.get_running_loop().time()

    assert run_virtually(main()) == pytest.approx(2 * DEVICE_PAUSE_S)


def test_a_device_that_pauses_once_is_waited_for() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        device = HandOutput()
        speaker = Speaker(device, loop.time)
        speaker.start()
        speaker.play(ramp(1, 24_000), 24_000)
        driver: list[asyncio.Task[None]] = []
        loop.call_later(
            1.5 * DEVICE_PAUSE_S, lambda: driver.append(loop.create_task(drive(device)))
        )
        await speaker.drained()
        assert speaker.heard_samples == 24_000
        driver[0].cancel()

    run_virtually(main())


# Threads


def test_a_device_with_a_thread_of_its_own_is_drained() -> None:
    async def main() -> None:
        speaker = Speaker(NullOutput())
        speaker.start()
        async with asyncio.timeout(DEADLINE_S):
            await speaker.drained()
            speaker.play(ramp(1, 2400), 24_000)
            speaker.end_of_reply()
            await speaker.drained()
        assert speaker.played_samples == 2400
        assert speaker.heard_samples == 2400
        speaker.close()

    asyncio.run(main())


def test_pushing_asking_and_reading_from_three_threads_loses_nothing() -> None:
    device = HandOutput()
    speaker = Speaker(device)
    speaker.start()
    done = threading.Event()
    heard: list[bytes] = []

    def ask() -> None:
        while not done.is_set() or speaker.queued_s:
            heard.append(device.ask(BLOCK))

    def read() -> None:
        while not done.is_set():
            assert 0 <= speaker.heard_samples <= speaker.played_samples
            assert speaker.level_dbfs <= 0

    threads = [threading.Thread(target=ask), threading.Thread(target=read)]
    for thread in threads:
        thread.start()
    for start in range(0, 29_000, 100):
        speaker.play(ramp(1 + start, 100), 24_000)
    # Longer than a fade, so that the last sample is whole even where a gap came before this piece.
    speaker.play(ramp(29_001, 1000), 24_000)
    speaker.end_of_reply()
    done.set()
    for thread in threads:
        thread.join(DEADLINE_S)
    assert speaker.played_samples == 30_000
    assert max(samples_of(b"".join(heard))) == 30_000
