"""What the speaker says was played, heard and drained decides turns, transcripts and the exit.

The device here asks for sound when the test says so, and time is virtual.
"""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sound_pieces import Clock, HandOutput, ramp, samples_of, sine, voice
from virtual_time import run_virtually

from voicecli.audio.gain import DUCKED
from voicecli.audio.jitter_buffer import FADE_SAMPLES
from voicecli.audio.levels import SILENCE_DBFS, dbfs
from voicecli.audio.null_device import NullOutput
from voicecli.audio.playback_facts import PlaybackFacts
from voicecli.audio.speaker import DEVICE_TAIL_S, KEPT_PLAYED_S, Speaker
from voicecli.errors import SoundDeviceError

BLOCK = 240
BLOCK_S = 0.01
DEADLINE_S = 10.0


class Rig:
    """A speaker on a hand-driven device, with a clock that goes on by a block at each ask."""

    def __init__(self, latency_s: float = 0.02) -> None:
        self.clock = Clock()
        self.device = HandOutput(latency_s)
        self.speaker = Speaker(self.device, self.clock)
        self.speaker.start()

    def play(self, pcm: bytes) -> None:
        """Queue a reply that is whole, so that it is played as it came and at once."""
        self.speaker.play(pcm, 24_000)
        self.speaker.end_of_reply()

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
    assert rig.speaker.facts == PlaybackFacts()


def test_a_hole_in_a_reply_shows_in_the_facts() -> None:
    rig = Rig()
    rig.speaker.play(voice(4800), 24_000)
    rig.ask(50)
    rig.speaker.play(voice(4800), 24_000)
    rig.ask(5)
    facts = rig.speaker.facts
    assert facts.gaps == 1
    assert facts.gap_ms > 100
    assert facts.concealed_ms == pytest.approx(120)


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


def test_ending_a_reply_at_24_khz_queues_nothing_more() -> None:
    rig = Rig()
    rig.speaker.play(ramp(1, 1000), 24_000)
    assert rig.speaker.end_of_reply() == b""
    assert rig.speaker.end_of_reply() == b""


@settings(max_examples=30)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("play"), st.integers(0, 3000), st.sampled_from([24_000, 16_000])),
            st.tuples(st.just("ask"), st.integers(1, 8), st.just(0)),
            st.tuples(st.just("end"), st.just(0), st.just(0)),
            st.tuples(st.just("flush"), st.just(0), st.just(0)),
        ),
        max_size=25,
    )
)
def test_any_pattern_of_arrivals_is_accounted_for(steps: list[tuple[str, int, int]]) -> None:
    rig = Rig()
    queued = dropped = 0
    for what, number, rate_hz in steps:
        if what == "play":
            queued += len(rig.speaker.play(sine(1501)[:number], rate_hz)) // 2
        elif what == "ask":
            rig.ask(number)
        elif what == "end":
            queued += len(rig.speaker.end_of_reply()) // 2
        else:
            dropped += rig.speaker.flush().dropped_samples
        assert rig.speaker.heard_samples <= rig.speaker.played_samples
    queued += len(rig.speaker.end_of_reply()) // 2
    while rig.speaker.queued_s:
        rig.ask()
    assert rig.speaker.played_samples + dropped == queued


def test_5_mb_at_once_are_played_from_their_first_sample() -> None:
    rig = Rig()
    pcm = ramp(1, 25_000) * 100
    assert rig.speaker.play(pcm, 24_000) is pcm
    rig.speaker.end_of_reply()
    assert rig.ask(2) == list(range(1, 2 * BLOCK + 1))


# Stopping


def test_a_flush_is_silent_after_a_fade() -> None:
    rig = Rig()
    rig.play(ramp(1, 10_000))
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
    rig.play(ramp(1, 1000))
    assert rig.ask(2)[:10] == list(range(1, 11))


def test_closing_closes_the_device_and_is_safe_twice() -> None:
    rig = Rig()
    rig.speaker.close()
    rig.speaker.close()
    assert rig.device.closed == 2


# Volume and ducking


def test_the_volume_can_be_changed_while_it_plays() -> None:
    rig = Rig()
    assert rig.speaker.volume_percent == 100
    rig.play(sine(24_000))
    loud = dbfs(np.array(rig.ask(10), "<i2").tobytes())
    rig.speaker.volume_percent = 50
    rig.ask(10)
    soft = dbfs(np.array(rig.ask(10), "<i2").tobytes())
    assert soft - loud == pytest.approx(-18, abs=0.2)
    assert rig.speaker.volume_percent == 50


def test_a_ducked_voice_goes_on_and_comes_up_again() -> None:
    rig = Rig()
    rig.play(sine(48_000))
    rig.ask(10)
    rig.speaker.duck(True)
    rig.ask(4)
    assert max(rig.ask(10)) == pytest.approx(8000 * DUCKED, rel=0.05)
    rig.speaker.duck(False)
    rig.ask(31)
    assert max(rig.ask(10)) == 8000


def test_a_flush_ends_a_duck_without_a_click_and_the_next_reply_is_loud() -> None:
    rig = Rig()
    rig.play(sine(48_000))
    rig.ask(10)
    rig.speaker.duck(True)
    rig.ask(10)
    rig.speaker.flush()
    rig.play(sine(4800))
    heard = rig.ask(10)
    assert max(map(abs, heard[:FADE_SAMPLES])) <= 8000 * DUCKED + 1
    assert heard[FADE_SAMPLES : FADE_SAMPLES + 1000] == samples_of(sine(4800))[:1000].tolist()


def test_a_duck_without_sound_ends_with_a_flush_at_once() -> None:
    rig = Rig()
    rig.speaker.duck(True)
    rig.ask(10)
    rig.speaker.flush()
    rig.play(ramp(1, 1000))
    assert rig.ask(1) == list(range(1, BLOCK + 1))


# What went to the device


def test_what_was_played_can_be_taken_once_with_its_silence() -> None:
    rig = Rig()
    assert rig.speaker.take_played() == b""
    rig.play(ramp(1, 300))
    handed = np.array(rig.ask(3), "<i2").tobytes()
    assert rig.speaker.take_played() == handed
    assert rig.speaker.take_played() == b""


def test_it_is_taken_as_it_was_heard() -> None:
    rig = Rig()
    rig.speaker.volume_percent = 20
    rig.play(sine(4800))
    handed = np.array(rig.ask(15), "<i2").tobytes()
    assert rig.speaker.take_played() == handed


def test_of_what_nobody_takes_the_last_second_is_kept() -> None:
    rig = Rig()
    rig.play(ramp(1, 30_000))
    rig.ask(125)
    assert rig.speaker.take_played() == ramp(30_001 - int(24_000 * KEPT_PLAYED_S), 24_000)


def test_it_tells_when_it_was_last_asked() -> None:
    rig = Rig()
    assert rig.speaker.asked_s == rig.clock.now_s
    rig.clock.now_s += 3
    rig.ask(2)
    assert rig.speaker.asked_s == pytest.approx(rig.clock.now_s - BLOCK_S)


# Another device


def test_its_name_is_the_device_s() -> None:
    rig = Rig()
    assert rig.speaker.name == "hand-driven speaker"
    rig.speaker.replace_device(HandOutput(name="another"))
    assert rig.speaker.name == "another"


def test_another_device_plays_on_where_the_first_one_stopped_asking() -> None:
    rig = Rig()
    rig.play(ramp(1, 1000))
    heard = rig.ask(2)
    old, rig.device = rig.device, HandOutput()
    rig.speaker.replace_device(rig.device)
    assert old.closed == 1
    heard += rig.ask(3)
    assert heard[:1000] == list(range(1, 1001))
    assert rig.speaker.played_samples == 1000


def test_what_was_heard_is_not_taken_back_by_a_slower_device() -> None:
    rig = Rig(latency_s=0.01)
    rig.play(ramp(1, 24_000))
    rig.ask(10)
    heard = rig.speaker.heard_samples
    rig.device = HandOutput(latency_s=0.5)
    rig.speaker.replace_device(rig.device)
    for _ in range(100):
        rig.ask()
        assert rig.speaker.heard_samples >= heard
        heard = rig.speaker.heard_samples


def test_the_time_without_a_device_counts_from_the_new_start() -> None:
    rig = Rig()
    rig.clock.now_s += 10
    rig.speaker.replace_device(HandOutput())
    assert rig.speaker.asked_s == rig.clock.now_s


def test_a_device_that_does_not_start_leaves_room_for_the_next() -> None:
    rig = Rig()
    rig.play(ramp(1, 1000))
    rig.ask(1)
    broken = HandOutput(error=SoundDeviceError("the speaker is gone"))
    with pytest.raises(SoundDeviceError):
        rig.speaker.replace_device(broken)
    assert broken.closed == 1
    assert rig.speaker.played_samples == BLOCK
    rig.device = HandOutput()
    rig.speaker.replace_device(rig.device)
    assert rig.ask(1) == list(range(BLOCK + 1, 2 * BLOCK + 1))


def test_a_device_that_comes_after_the_end_is_closed() -> None:
    rig = Rig()
    rig.speaker.close()
    late = HandOutput()
    rig.speaker.replace_device(late)
    assert late.closed == 1


# What is heard


def test_heard_follows_played_by_the_latency() -> None:
    rig = Rig(latency_s=0.05)
    rig.play(ramp(1, 4800))
    rig.ask(10)
    assert rig.speaker.played_samples == 2400
    assert rig.speaker.heard_samples == pytest.approx(1200, abs=1)
    rig.clock.now_s += 1.0
    assert rig.speaker.heard_samples == 2400


def test_heard_is_where_the_voice_is_also_while_it_is_stretched_and_concealed() -> None:
    """Noise is found again by its likeness, at whatever pace it is played."""
    rig = Rig(latency_s=0.0)
    noise = np.random.default_rng(0).normal(0, 4000, 72_000).clip(-32_000, 32_000).astype("<i2")
    chunk = 200 * 24
    arrivals_s = [0.2 * number + (0.25 if number == 6 else 0.0) for number in range(15)]
    began_s = rig.clock.now_s
    checked = 0
    for block in range(300):
        while arrivals_s and began_s + arrivals_s[0] <= rig.clock.now_s + 1e-9:
            number = 15 - len(arrivals_s)
            rig.speaker.play(noise[number * chunk : (number + 1) * chunk].tobytes(), 24_000)
            arrivals_s.pop(0)
        heard_before = rig.speaker.heard_samples
        sound = np.array(rig.ask(), float)
        near = noise[max(0, heard_before - 960) : heard_before + 960 + BLOCK].astype(float)
        going_on = rig.speaker.heard_samples > heard_before
        if len(near) < BLOCK or not sound.any() or not going_on or block % 3:
            continue
        likeness = np.correlate(near, sound, "valid")
        at = int(likeness.argmax())
        if likeness[at] < 0.9 * np.dot(sound, sound):
            continue  # a cross-fade, or made up
        truth = max(0, heard_before - 960) + at
        assert abs(truth - heard_before) <= 15 * 24
        checked += 1
    assert checked > 20
    assert rig.speaker.facts.concealed_ms > 0


def test_the_level_is_that_of_what_is_heard() -> None:
    rig = Rig(latency_s=0.05)
    assert rig.speaker.level_dbfs == SILENCE_DBFS
    rig.play(sine(24_000, peak=32_767))
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


def test_drained_waits_for_another_device_when_one_has_stopped_asking() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        speaker = Speaker(HandOutput(), loop.time)
        speaker.start()
        speaker.play(ramp(1, 24_000), 24_000)
        speaker.end_of_reply()
        driver: list[asyncio.Task[None]] = []

        def replace() -> None:
            device = HandOutput()
            speaker.replace_device(device)
            driver.append(loop.create_task(drive(device)))

        loop.call_later(100.0, replace)
        await speaker.drained()
        assert speaker.heard_samples == 24_000
        driver[0].cancel()
        return loop.time()

    assert run_virtually(main()) == pytest.approx(101.0, abs=0.2)


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
            assert len(speaker.take_played()) % 2 == 0

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
    assert 30_000 in samples_of(b"".join(heard))
