"""The jitter buffer decides what is heard: a lost sample is a lost syllable, a step a click.

The samples that are pushed count upwards, so that each one in the output tells where it is from;
where fades are looked at, the sound is a slow tone.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sound_pieces import ramp, samples_of, sine

from voicecli.audio.jitter_buffer import (
    FADE_MS,
    LEAD_MS,
    REBUFFER_MS,
    Flushed,
    JitterBuffer,
)

RATE_HZ = 24_000
FADE_SAMPLES = int(FADE_MS * RATE_HZ / 1000)
PULL = 240  # 10 ms
PULL_S = PULL / RATE_HZ


def pulled(buffer: JitterBuffer, n_samples: int, now_s: float = 0.0) -> list[int]:
    return [int(value) for value in samples_of(buffer.pull(n_samples, now_s))]


def started(sample_count: int) -> JitterBuffer:
    """A buffer that plays 1, 2, 3, … and has handed out one pull of it."""
    buffer = JitterBuffer()
    buffer.push(ramp(1, sample_count), 0.0)
    assert pulled(buffer, PULL) == list(range(1, PULL + 1))
    return buffer


# Starting


def test_nothing_pushed_is_silence_of_the_length_asked_for() -> None:
    buffer = JitterBuffer()
    assert buffer.pull(7, 0.0) == bytes(14)
    assert buffer.empty
    assert not buffer.playing


def test_a_chunk_as_long_as_the_lead_plays_in_the_very_next_pull() -> None:
    buffer = JitterBuffer()
    buffer.push(ramp(1, PULL), 0.0)
    assert pulled(buffer, PULL) == list(range(1, PULL + 1))
    assert buffer.playing


def test_less_than_the_lead_waits_for_more() -> None:
    buffer = JitterBuffer()
    buffer.push(ramp(1, 100), 0.0)
    assert pulled(buffer, 50, 0.005) == [0] * 50
    buffer.push(ramp(101, 200), 0.006)
    assert pulled(buffer, 300, 0.007) == list(range(1, 301))


def test_a_tiny_chunk_is_held_back_no_longer_than_the_lead() -> None:
    buffer = JitterBuffer()
    buffer.push(ramp(1, 10), 1.0)
    assert pulled(buffer, 10, 1.0 + LEAD_MS / 1000 - 0.001) == [0] * 10
    assert pulled(buffer, 10, 1.0 + LEAD_MS / 1000 + 0.001) == list(range(1, 11))


def test_the_lead_counts_from_the_first_arrival_and_not_from_the_last() -> None:
    buffer = JitterBuffer()
    for number in range(5):
        buffer.push(ramp(1 + number, 1), number * 0.003)
    assert pulled(buffer, 5, 0.0121) == [1, 2, 3, 4, 5]


def test_the_start_leaves_room_for_the_device_within_40_ms() -> None:
    device_ms = 25
    assert LEAD_MS + device_ms <= 40


def test_a_reply_shorter_than_the_lead_plays_at_once_when_it_has_ended() -> None:
    buffer = JitterBuffer()
    buffer.push(ramp(1, 10), 0.0)
    buffer.end_of_reply(0.0)
    assert pulled(buffer, 10, 0.0) == list(range(1, 11))


# Running dry


def test_the_end_of_a_reply_plays_to_the_last_sample() -> None:
    buffer = started(250)
    buffer.end_of_reply(0.01)
    assert pulled(buffer, PULL)[:10] == list(range(241, 251))
    assert buffer.played_samples == 250
    assert pulled(buffer, PULL) == [0] * PULL
    assert buffer.empty


def test_a_gap_is_entered_by_an_echo_that_fades_and_costs_no_sample() -> None:
    buffer = started(PULL)
    gap = pulled(buffer, PULL)
    assert gap[0] == PULL
    assert gap[1] < PULL
    assert gap[FADE_SAMPLES - 1 :] == [0] * (PULL - FADE_SAMPLES + 1)
    assert sorted(gap[:FADE_SAMPLES], reverse=True) == gap[:FADE_SAMPLES]
    assert buffer.played_samples == PULL


def test_after_a_gap_more_is_collected_than_at_the_start() -> None:
    buffer = started(PULL)
    buffer.pull(PULL, 0.01)
    held = int(REBUFFER_MS * RATE_HZ / 1000)
    buffer.push(ramp(1000, held - 1), 0.3)
    assert pulled(buffer, PULL, 0.31) == [0] * PULL
    buffer.push(ramp(1000 + held - 1, 1), 0.32)
    assert pulled(buffer, PULL, 0.32)[FADE_SAMPLES:] == list(
        range(1000 + FADE_SAMPLES, 1000 + PULL)
    )


def test_after_a_gap_the_wait_is_limited_too() -> None:
    buffer = started(PULL)
    buffer.pull(PULL, 0.01)
    buffer.push(ramp(1000, 300), 0.3)
    assert pulled(buffer, PULL, 0.3 + REBUFFER_MS / 1000 - 0.001) == [0] * PULL
    assert any(pulled(buffer, PULL, 0.3 + REBUFFER_MS / 1000 + 0.001))


def test_after_a_gap_the_first_milliseconds_fade_in_and_the_rest_is_as_it_came() -> None:
    buffer = started(PULL)
    buffer.pull(PULL, 0.01)
    buffer.push(ramp(1000, 2000), 0.3)
    heard = [value for _ in range(20) for value in pulled(buffer, 100, 0.4)]
    assert heard[0] == 0
    assert heard[:FADE_SAMPLES] == sorted(heard[:FADE_SAMPLES])
    assert heard[FADE_SAMPLES:] == list(range(1000 + FADE_SAMPLES, 3000))


def test_a_reply_that_ends_while_it_collects_plays_its_rest_at_once() -> None:
    buffer = started(PULL)
    buffer.pull(PULL, 0.01)
    buffer.push(ramp(1000, 200), 0.3)
    buffer.end_of_reply(0.3)
    assert pulled(buffer, 200, 0.3)[FADE_SAMPLES:] == list(range(1000 + FADE_SAMPLES, 1200))


def test_a_gap_that_only_the_end_followed_does_not_slow_the_next_reply() -> None:
    buffer = started(PULL)
    buffer.pull(PULL, 0.01)
    buffer.end_of_reply(0.02)
    buffer.push(ramp(500, PULL), 5.0)
    assert pulled(buffer, PULL, 5.0) == list(range(500, 500 + PULL))


def test_silence_after_a_reply_does_not_slow_the_next_one() -> None:
    buffer = started(PULL)
    buffer.end_of_reply(0.01)
    buffer.pull(PULL, 0.01)
    buffer.push(ramp(500, PULL), 5.0)
    assert pulled(buffer, PULL, 5.0) == list(range(500, 500 + PULL))


def test_two_replies_back_to_back_play_without_a_seam() -> None:
    buffer = started(300)
    buffer.end_of_reply(0.01)
    buffer.push(ramp(301, 300), 0.01)
    assert pulled(buffer, 360, 0.01) == list(range(241, 601))


def test_a_reply_behind_one_that_has_not_started_loses_nothing() -> None:
    buffer = JitterBuffer()
    buffer.push(ramp(1, 10), 0.0)
    buffer.end_of_reply(0.0)
    buffer.push(ramp(11, 10), 0.0)
    assert pulled(buffer, 20, LEAD_MS / 1000) == list(range(1, 21))


def test_ending_twice_or_with_nothing_is_nothing() -> None:
    buffer = JitterBuffer()
    buffer.end_of_reply(0.0)
    buffer.end_of_reply(0.0)
    assert buffer.empty
    buffer.push(ramp(1, PULL), 0.1)
    assert pulled(buffer, PULL, 0.1) == list(range(1, PULL + 1))


# Chunks of any length


def test_bytes_of_a_sample_that_came_apart_are_joined() -> None:
    pcm = ramp(1, PULL)
    buffer = JitterBuffer()
    queued = b"".join(buffer.push(pcm[index : index + 1], 0.0) for index in range(len(pcm)))
    assert queued == pcm
    assert buffer.pull(PULL, 0.0) == pcm


def test_empty_chunks_change_nothing() -> None:
    buffer = JitterBuffer()
    assert buffer.push(b"", 0.0) == b""
    assert buffer.empty
    buffer.push(ramp(1, PULL), 5.0)
    buffer.push(b"", 5.0)
    assert pulled(buffer, PULL, 5.0) == list(range(1, PULL + 1))


def test_half_a_sample_at_the_end_of_a_reply_does_not_spoil_the_next() -> None:
    buffer = JitterBuffer()
    buffer.push(ramp(1, PULL) + b"\x7f", 0.0)
    buffer.end_of_reply(0.0)
    buffer.push(ramp(241, PULL), 0.0)
    assert pulled(buffer, 2 * PULL, 0.0) == list(range(1, 2 * PULL + 1))


def test_half_a_sample_at_a_flush_does_not_spoil_the_next_reply() -> None:
    buffer = JitterBuffer()
    buffer.push(b"\x7f", 0.0)
    buffer.flush(0.0)
    buffer.push(ramp(1, PULL), 0.0)
    assert pulled(buffer, PULL, 0.0) == list(range(1, PULL + 1))


# Flushing


def test_a_flush_drops_all_but_the_fade() -> None:
    buffer = started(5000)
    flushed = buffer.flush(0.01)
    assert flushed == Flushed(5000 - PULL - FADE_SAMPLES, FADE_SAMPLES)
    assert buffer.queued_samples == FADE_SAMPLES
    fade = pulled(buffer, PULL)
    assert fade[0] == PULL + 1
    assert fade[FADE_SAMPLES - 1 :] == [0] * (PULL - FADE_SAMPLES + 1)
    assert buffer.played_samples == PULL + FADE_SAMPLES
    assert buffer.empty
    assert pulled(buffer, PULL) == [0] * PULL


def test_a_flush_with_less_than_a_fade_left_completes_it_with_an_echo() -> None:
    buffer = started(PULL + 30)
    assert buffer.flush(0.01) == Flushed(0, 30)
    fade = pulled(buffer, PULL)
    assert all(fade[:100])
    assert fade[FADE_SAMPLES:] == [0] * (PULL - FADE_SAMPLES)
    assert buffer.played_samples == PULL + 30


def test_a_flush_before_the_start_is_silent() -> None:
    buffer = JitterBuffer()
    buffer.push(ramp(1, 100), 0.0)
    assert buffer.flush(0.0) == Flushed(100, 0)
    assert pulled(buffer, PULL, 1.0) == [0] * PULL
    assert buffer.played_samples == 0


def test_a_flush_with_nothing_playing_is_nothing() -> None:
    buffer = JitterBuffer()
    assert buffer.flush(0.0) == Flushed(0, 0)
    assert buffer.empty


def test_a_second_flush_lets_the_first_one_fade() -> None:
    buffer = started(5000)
    buffer.flush(0.01)
    fading = pulled(buffer, 20)
    assert buffer.flush(0.01) == Flushed(0, FADE_SAMPLES - 20)
    fading += pulled(buffer, FADE_SAMPLES - 20)
    assert all(fading[:-1])
    assert buffer.empty


def test_a_reply_after_a_flush_waits_for_the_fade_and_then_starts_as_any() -> None:
    buffer = started(5000)
    buffer.flush(0.01)
    buffer.push(ramp(7000, PULL), 0.01)
    heard = pulled(buffer, FADE_SAMPLES + PULL, 0.01)
    assert heard[FADE_SAMPLES:] == list(range(7000, 7000 + PULL))


def test_a_flush_of_what_follows_a_fade_keeps_the_fade() -> None:
    buffer = started(5000)
    buffer.flush(0.01)
    buffer.push(ramp(7000, PULL), 0.01)
    buffer.end_of_reply(0.01)
    assert buffer.flush(0.01) == Flushed(PULL, FADE_SAMPLES)
    heard = pulled(buffer, PULL)
    assert max(heard) < 7000
    assert buffer.played_samples == PULL + FADE_SAMPLES


def test_audio_after_the_end_and_after_a_flush_is_a_new_reply() -> None:
    buffer = started(PULL)
    buffer.end_of_reply(0.0)
    buffer.flush(0.0)
    buffer.pull(PULL, 0.0)
    buffer.push(ramp(1, 50), 1.0)
    assert pulled(buffer, 50, 1.0 + LEAD_MS / 1000) == list(range(1, 51))


def test_two_minutes_at_once_are_one_reference_and_no_copy() -> None:
    burst = ramp(0, 100) * (120 * RATE_HZ // 100)
    buffer = JitterBuffer()
    assert buffer.push(burst, 0.0) is burst
    assert buffer.queued_samples == 120 * RATE_HZ
    assert buffer.pull(PULL, 0.0) == burst[: 2 * PULL]


# Any pattern of arrivals and pulls

Step = tuple[str, int]

SAMPLES = st.integers(0, 1500)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("push"), SAMPLES),
        st.tuples(st.just("push"), st.integers(0, 5)),
        st.tuples(st.just("pull"), st.integers(0, 600)),
        st.tuples(st.just("pull"), st.just(PULL)),
        st.tuples(st.just("wait_ms"), st.integers(0, 80)),
        st.tuples(st.just("end"), st.just(0)),
    ),
    max_size=60,
)
STEPS_WITH_FLUSHES = st.lists(
    st.one_of(
        st.tuples(st.just("push"), SAMPLES),
        st.tuples(st.just("pull"), st.integers(0, 600)),
        st.tuples(st.just("wait_ms"), st.integers(0, 80)),
        st.tuples(st.just("end"), st.just(0)),
        st.tuples(st.just("flush"), st.just(0)),
    ),
    max_size=60,
)


class Run:
    """Does the steps with samples that count from 1 on, cut into chunks at odd places."""

    def __init__(self) -> None:
        self.buffer = JitterBuffer()
        self.now_s = 0.0
        self.pushed = 0
        self.dropped = 0
        self.heard: list[int] = []
        self.starts = 0

    def do(self, step: Step) -> None:
        what, number = step
        if what == "push":
            number = min(number, 32_000 - self.pushed)
            pcm = ramp(1 + self.pushed, number)
            middle = len(pcm) // 3
            self.buffer.push(pcm[:middle], self.now_s)
            self.buffer.push(pcm[middle:], self.now_s)
            self.pushed += number
        elif what == "pull":
            was_playing = self.buffer.playing
            before = self.buffer.played_samples
            self.heard += pulled(self.buffer, number, self.now_s)
            began = self.buffer.playing or self.buffer.played_samples > before
            self.starts += not was_playing and began
            self.now_s += number / RATE_HZ
        elif what == "end":
            self.buffer.end_of_reply(self.now_s)
        elif what == "flush":
            self.dropped += self.buffer.flush(self.now_s).dropped_samples
        else:
            self.now_s += number / 1000

    def drain(self) -> None:
        self.do(("end", 0))
        while not self.buffer.empty:
            self.do(("pull", PULL))


def newly_heard(heard: list[int]) -> list[int]:
    """The samples that are higher than all before: fades and echoes are lower."""
    highest = np.maximum.accumulate(np.array([0, *heard]))
    return [int(value) for value in np.unique(highest[highest > 0])]


@given(STEPS)
@example([("push", 1), ("pull", 240), ("pull", 0), ("pull", 240), ("push", 1)])
def test_no_sample_is_lost_doubled_or_reordered(steps: list[Step]) -> None:
    run = Run()
    for step in steps:
        run.do(step)
        assert run.buffer.played_samples + run.buffer.queued_samples == run.pushed
    run.drain()
    assert run.buffer.played_samples == run.pushed
    # Highs come in rising order by what they are; each sample that never was one was faded in.
    missing = run.pushed - len(newly_heard(run.heard))
    assert missing <= FADE_SAMPLES * max(0, run.starts - 1)


@given(st.lists(st.integers(0, 2000), max_size=20), st.integers(1, 1000))
def test_a_reply_that_arrives_in_time_is_played_bit_for_bit(chunks: list[int], pull: int) -> None:
    run = Run()
    for chunk in chunks:
        run.do(("push", chunk))
        while run.buffer.queued_samples > 2 * pull:
            run.do(("pull", pull))
    run.drain()
    start = run.heard.index(1) if run.pushed else 0
    assert run.heard[start : start + run.pushed] == list(range(1, run.pushed + 1))


@given(STEPS_WITH_FLUSHES)
def test_every_sample_is_played_queued_or_reported_as_dropped(steps: list[Step]) -> None:
    run = Run()
    for step in steps:
        run.do(step)
        buffer = run.buffer
        assert buffer.played_samples + buffer.queued_samples + run.dropped == run.pushed
    run.drain()
    assert run.buffer.played_samples + run.dropped == run.pushed


@given(STEPS_WITH_FLUSHES)
def test_a_flush_leaves_nothing_but_a_fade(steps: list[Step]) -> None:
    run = Run()
    for step in steps:
        run.do(step)
    run.do(("flush", 0))
    assert run.buffer.queued_samples <= FADE_SAMPLES
    run.do(("pull", FADE_SAMPLES))
    assert run.buffer.empty
    assert pulled(run.buffer, PULL, run.now_s + 10) == [0] * PULL


@given(STEPS_WITH_FLUSHES)
def test_silence_comes_only_from_an_empty_buffer_or_before_the_lead(steps: list[Step]) -> None:
    run = Run()
    for step in steps:
        run.do(step)
        if run.buffer.queued_samples == 0:
            continue
        run.now_s += REBUFFER_MS / 1000 + 0.001
        run.buffer.pull(FADE_SAMPLES, run.now_s)  # what is left of a fade comes first
        queued = run.buffer.queued_samples
        played = run.buffer.played_samples
        run.buffer.pull(queued, run.now_s)
        assert run.buffer.played_samples == played + queued


@given(STEPS_WITH_FLUSHES)
def test_a_pull_gives_exactly_what_it_was_asked_for(steps: list[Step]) -> None:
    run = Run()
    asked = 0
    for step in steps:
        run.do(step)
        asked += step[1] if step[0] == "pull" else 0
    assert len(run.heard) == asked


@given(STEPS_WITH_FLUSHES)
def test_no_step_is_a_click(steps: list[Step]) -> None:
    """A tone that starts at zero stays smooth through gaps and flushes."""
    steepest_of_the_tone = 8000 * 2 * np.pi * 200 / RATE_HZ
    buffer = JitterBuffer()
    now_s, position = 0.0, 0
    heard: list[int] = [0]
    tone = sine(60 * 1500)
    for what, number in steps:
        if what == "push":
            buffer.push(tone[2 * position : 2 * (position + number)], now_s)
            position += number
        elif what == "pull":
            heard += pulled(buffer, number, now_s)
            now_s += number / RATE_HZ
        elif what == "flush":
            buffer.flush(now_s)
            position = 0
        else:
            now_s += number / 1000
    assert np.abs(np.diff(heard)).max(initial=0) <= 2 * steepest_of_the_tone


@pytest.mark.parametrize("pull", [1, 7, 120, 240, 1000])
def test_the_size_of_pulls_does_not_change_the_sound(pull: int) -> None:
    def heard(size: int) -> list[int]:
        buffer = started(1000)
        buffer.end_of_reply(0.0)
        values = [value for _ in range(3000 // size) for value in pulled(buffer, size)]
        return values[:900]

    assert heard(pull) == heard(PULL)
