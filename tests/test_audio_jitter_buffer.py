"""The jitter buffer decides what is heard: a lost sample is a lost syllable, a step a click.

Where samples are counted they count upwards, so that each one tells where it is from; where it
matters how it sounds, the sound is a tone or a voice. Time is what the test says it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sound_pieces import Samples, ramp, samples_of, sine, voice

from voicecli.audio.concealment import CONCEAL_SAMPLES
from voicecli.audio.jitter_buffer import (
    FADE_MS,
    FADE_SAMPLES,
    LEAST_HELD_MS,
    MOST_WAIT_MS,
    REBUFFER_MS,
    RESUME_MS,
    Flushed,
    JitterBuffer,
)
from voicecli.audio.lateness import PAUSE_S
from voicecli.audio.playback_facts import PlaybackFacts
from voicecli.audio.playout_delay import FIRST_LEAD_MS, LEAST_DELAY_MS
from voicecli.audio.stretcher import MOST_STRETCH

RATE_HZ = 24_000
MS = 24
PULL = 120  # 5 ms
PULL_S = PULL / RATE_HZ
LEAD_S = FIRST_LEAD_MS / 1000 + 1e-6
# The longest wait for a beginning.
START_S = MOST_WAIT_MS / 1000 + 1e-6
AUDIBLE = 200
# After a hole less than a cross-fade waits for more, or for the end.
LEAST_TO_GO_ON = 120
# Shorter silences are between two waves of a voice.
SHORTEST_GAP = 5 * MS

Arrival = tuple[float, bytes]


def pulled(buffer: JitterBuffer, n_samples: int, now_s: float) -> list[int]:
    return [int(value) for value in samples_of(buffer.pull(n_samples, now_s))]


def started(sample_count: int) -> JitterBuffer:
    """A buffer that plays 1, 2, 3, … and has handed out one pull of it at `START_S`."""
    buffer = JitterBuffer()
    buffer.push(ramp(1, sample_count), 0.0)
    assert pulled(buffer, PULL, START_S) == list(range(1, PULL + 1))
    return buffer


def rest_of(buffer: JitterBuffer, now_s: float) -> list[int]:
    heard: list[int] = []
    while not buffer.empty:
        heard += pulled(buffer, PULL, now_s)
        now_s += PULL_S
    return heard


def chunks_of(
    pcm: bytes, chunk_ms: int, *, pace: float = 1.0, late_s: Sequence[float] = ()
) -> list[Arrival]:
    """The pieces of `pcm`, piece n late by `late_s[n]`; none overtakes another."""
    size = chunk_ms * MS * 2
    latest_s, arrivals = 0.0, []
    for number, start in enumerate(range(0, len(pcm), size)):
        late = late_s[number] if number < len(late_s) else 0.0
        latest_s = max(latest_s, number * chunk_ms / 1000 / pace + late)
        arrivals.append((latest_s, pcm[start : start + size]))
    return arrivals


def played(
    buffer: JitterBuffer, arrivals: list[Arrival], *, pull: int = PULL, end_after_s: float = 0.0
) -> Samples:
    """What is heard of a reply from its first piece on, to the end of its sound."""
    parts: list[Samples] = []
    waiting = list(arrivals)
    end_s: float | None = waiting[-1][0] + end_after_s
    now_s = 0.0
    while end_s is not None or not buffer.empty:
        while waiting and waiting[0][0] <= now_s:
            at_s, pcm = waiting.pop(0)
            buffer.push(pcm, at_s)
        if end_s is not None and not waiting and end_s <= now_s:
            buffer.end_of_reply()
            end_s = None
        parts.append(samples_of(buffer.pull(pull, now_s)))
        now_s += pull / RATE_HZ
    return np.concatenate(parts)


def gaps_ms(heard: Samples) -> list[float]:
    loud = np.flatnonzero(np.abs(heard.astype(int)) > AUDIBLE)
    between = np.diff(loud)
    return [float(gap) / MS for gap in between[between >= SHORTEST_GAP]]


def steepest(pcm: bytes) -> int:
    return int(np.abs(np.diff(samples_of(pcm).astype(int))).max())


def is_within(pcm: bytes, heard: Samples) -> bool:
    """Whether `heard` is silence, all of `pcm` bit for bit, and a short fade."""
    wanted = samples_of(pcm)
    start = int(np.flatnonzero(heard)[0]) - int(np.flatnonzero(wanted)[0])
    whole = np.array_equal(heard[start : start + len(wanted)], wanted)
    return whole and not heard[start + len(wanted) + FADE_SAMPLES :].any()


# Starting


def test_nothing_pushed_is_silence_of_the_length_asked_for() -> None:
    buffer = JitterBuffer()
    assert buffer.pull(7, 0.0) == bytes(14)
    assert buffer.empty


def test_the_first_reply_waits_for_its_lead_however_much_of_it_there_is() -> None:
    buffer = JitterBuffer()
    buffer.push(ramp(1, 4800), 0.0)
    assert pulled(buffer, PULL, LEAD_S - 0.001) == [0] * PULL
    assert pulled(buffer, PULL, LEAD_S) == list(range(1, PULL + 1))


def test_a_reply_after_one_that_came_early_starts_at_once() -> None:
    buffer = JitterBuffer()
    played(buffer, chunks_of(ramp(1, 24_000), 40, pace=4.0))
    buffer.push(ramp(7000, 4800), 50.0)
    assert pulled(buffer, PULL, 50.0) == list(range(7000, 7000 + PULL))


def test_a_reply_after_one_that_came_late_has_a_longer_lead() -> None:
    buffer = JitterBuffer()
    played(buffer, chunks_of(voice(48_000), 40, late_s=[0.0, 0.08] * 30))
    buffer.push(ramp(7000, 4800), 50.0)
    assert pulled(buffer, PULL, 50.0 + 0.019) == [0] * PULL
    assert pulled(buffer, PULL, 50.0 + 0.021) == list(range(7000, 7000 + PULL))


def test_a_crumb_waits_for_more_and_not_for_ever() -> None:
    buffer = JitterBuffer()
    buffer.push(ramp(1, 10), 1.0)
    assert pulled(buffer, 10, 1.0 + MOST_WAIT_MS / 1000 - 0.001) == [0] * 10
    assert pulled(buffer, 10, 1.0 + MOST_WAIT_MS / 1000 + 0.001) == list(range(1, 11))


def test_crumbs_that_come_soon_after_each_other_start_when_they_are_enough() -> None:
    buffer = JitterBuffer()
    for number in range(int(LEAST_HELD_MS * MS)):
        buffer.push(ramp(1 + number, 1), 1.0 + number * 0.00004)
    assert pulled(buffer, PULL, 1.0 + LEAD_S) == list(range(1, PULL + 1))


def test_a_reply_shorter_than_the_lead_plays_at_once_when_it_has_ended() -> None:
    buffer = JitterBuffer()
    buffer.push(ramp(1, 10), 0.0)
    buffer.end_of_reply()
    assert pulled(buffer, 10, 0.0) == list(range(1, 11))


# A voice that comes in time


@given(
    st.lists(st.integers(20, 200), min_size=1, max_size=40),
    st.floats(4.0, 20.0),
    st.sampled_from([120, 240, 480]),
)
def test_what_comes_faster_than_it_plays_is_played_bit_for_bit(
    chunks_ms: list[int], pace: float, pull: int
) -> None:
    pcm = voice(sum(chunks_ms) * MS)
    arrivals, start = [], 0
    for chunk_ms in chunks_ms:
        arrivals.append((start / RATE_HZ / pace, pcm[2 * start : 2 * (start + chunk_ms * MS)]))
        start += chunk_ms * MS
    buffer = JitterBuffer()
    assert is_within(pcm, played(buffer, arrivals, pull=pull))
    assert buffer.played_samples == start
    assert buffer.facts == PlaybackFacts()


@given(st.lists(st.integers(1, 20_000), min_size=1, max_size=10), st.integers(50, 600))
def test_what_is_there_at_once_is_played_bit_for_bit(chunks: list[int], pull: int) -> None:
    pcm = voice(sum(chunks))
    arrivals, start = [], 0
    for chunk in chunks:
        arrivals.append((0.0, pcm[2 * start : 2 * (start + chunk)]))
        start += chunk
    assert is_within(pcm, played(JitterBuffer(), arrivals, pull=pull))


def test_after_a_late_network_too_a_fast_voice_is_left_as_it_is() -> None:
    buffer = JitterBuffer()
    played(buffer, chunks_of(voice(72_000), 40, late_s=[0.0, 0.1, 0.05] * 30))
    played(buffer, chunks_of(voice(48_000), 200, pace=4.0))
    pcm = voice(48_000, seed=7)
    assert is_within(pcm, played(buffer, chunks_of(pcm, 200, pace=4.0)))


def test_the_size_of_pulls_does_not_change_the_sound() -> None:
    pcm = voice(24_000)

    def heard(pull: int) -> Samples:
        sound = played(JitterBuffer(), chunks_of(pcm, 200, pace=4.0), pull=pull)
        return sound[np.flatnonzero(sound)[0] :][: len(pcm) // 2]

    for pull in (1, 7, 240, 1000):
        assert np.array_equal(heard(pull), heard(PULL))


def test_two_replies_back_to_back_play_without_a_seam() -> None:
    buffer = started(300)
    buffer.end_of_reply()
    buffer.push(ramp(301, 300), LEAD_S)
    assert pulled(buffer, 480, LEAD_S) == list(range(121, 601))


def test_a_reply_behind_one_that_has_not_started_loses_nothing() -> None:
    buffer = JitterBuffer()
    buffer.push(ramp(1, 10), 0.0)
    buffer.end_of_reply()
    buffer.push(ramp(11, 300), 0.0)
    assert pulled(buffer, 310, LEAD_S) == list(range(1, 311))


def test_two_minutes_at_once_are_one_reference_and_no_copy() -> None:
    burst = ramp(0, 100) * (120 * RATE_HZ // 100)
    buffer = JitterBuffer()
    buffer.push(burst, 0.0)
    assert buffer._queue._chunks[0] is burst
    assert buffer.queued_samples == 120 * RATE_HZ
    assert buffer.pull(PULL, LEAD_S) == burst[: 2 * PULL]


# A voice that comes at real time


def late_s(seed: int, count: int = 200) -> list[float]:
    """|N(0, 60 ms)|, from the first piece on."""
    late = np.abs(np.random.default_rng(seed).normal(0, 0.06, count))
    return [float(value) for value in late - late[0]]


@pytest.mark.parametrize("chunk_ms", [40, 200])
@pytest.mark.parametrize("seed", range(5))
def test_late_pieces_make_no_gap_in_the_first_reply(chunk_ms: int, seed: int) -> None:
    buffer = JitterBuffer()
    heard = played(buffer, chunks_of(voice(72_000, seed=seed), chunk_ms, late_s=late_s(seed)))
    assert gaps_ms(heard) == []
    assert buffer.facts.gaps == 0
    assert buffer.played_samples == 72_000


@pytest.mark.parametrize("chunk_ms", [40, 200])
def test_late_pieces_make_no_gap_in_later_replies(chunk_ms: int) -> None:
    buffer = JitterBuffer()
    for seed in range(10, 14):
        heard = played(buffer, chunks_of(voice(48_000, seed=seed), chunk_ms, late_s=late_s(seed)))
        assert gaps_ms(heard) == []
    assert buffer.facts.gaps == 0


def stalled(chunk_ms: int, at_s: float, stall_s: float = 0.3) -> list[Arrival]:
    """A reply at real time in which nothing comes for a while."""
    end_s = at_s + stall_s
    return [
        (end_s if at_s <= arrived_s < end_s else arrived_s, pcm)
        for arrived_s, pcm in chunks_of(voice(96_000), chunk_ms)
    ]


@pytest.mark.parametrize("chunk_ms", [40, 200])
@pytest.mark.parametrize("at_s", [1.0, 1.5, 2.3])
def test_a_stall_makes_at_most_60_ms_of_silence(chunk_ms: int, at_s: float) -> None:
    assert sum(gaps_ms(played(JitterBuffer(), stalled(chunk_ms, at_s)))) <= 60


def test_a_stall_in_a_reply_with_all_its_delay_is_not_heard() -> None:
    buffer = JitterBuffer()
    assert gaps_ms(played(buffer, stalled(40, 3.0))) == []
    assert buffer.facts.gaps == 0


def test_delay_is_built_up_by_15_percent_and_no_more() -> None:
    buffer = JitterBuffer()
    pcm = voice(24_000)
    for at_s, piece in chunks_of(pcm, 40):
        buffer.push(piece, at_s)
        for pull in range(8):
            buffer.pull(PULL, at_s + LEAD_S + pull * PULL_S)
    played_s = buffer.played_samples / RATE_HZ
    assert 1.0 / (1 + MOST_STRETCH) - 0.02 <= played_s <= 0.95


def test_delay_is_built_up_to_what_is_wanted() -> None:
    heard = played(JitterBuffer(), chunks_of(voice(6 * RATE_HZ), 40))
    longer_ms = len(heard) / MS - 6000
    assert LEAST_DELAY_MS - 40 <= longer_ms <= LEAST_DELAY_MS + 40


def test_delay_far_beyond_the_need_is_given_back() -> None:
    buffer = JitterBuffer()
    arrivals = chunks_of(voice(15 * RATE_HZ), 40, late_s=[0.0] * 50 + [0.9])
    heard = played(buffer, arrivals)
    assert buffer.facts.gaps == 1
    longer_ms = len(heard) / MS - 15_000
    assert longer_ms < LEAST_DELAY_MS + 60 < buffer.facts.gap_ms + LEAST_DELAY_MS


def test_a_slowed_voice_keeps_its_pitch() -> None:
    tone = sine(72_000, frequency_hz=200)
    heard = played(JitterBuffer(), chunks_of(tone, 40))
    heard = heard[np.flatnonzero(heard)[0] :]
    crossings = int(((heard[:-1] < 0) & (heard[1:] >= 0)).sum())
    assert len(heard) > 75_000
    assert crossings / (len(heard) / RATE_HZ) == pytest.approx(200, abs=2)


def test_a_sender_that_is_a_little_too_slow_is_slowed_down_to() -> None:
    buffer = JitterBuffer()
    heard = played(buffer, chunks_of(voice(10 * RATE_HZ), 40, pace=0.9))
    assert gaps_ms(heard) == []
    assert buffer.facts.concealed_ms < 300


def test_once_its_end_is_known_a_reply_is_not_slowed_down() -> None:
    buffer = JitterBuffer()
    played(buffer, chunks_of(voice(72_000), 40))
    pcm = voice(4800, seed=4)
    buffer.push(pcm, 50.0)
    buffer.end_of_reply()
    assert is_within(pcm, samples_of(buffer.pull(10_000, 50.0)))


def test_what_comes_before_the_first_word_is_not_slowed_down() -> None:
    buffer = JitterBuffer()
    played(buffer, chunks_of(voice(72_000), 200))
    quiet, parts = ramp(-20, 40) * 360, []
    for number, (at_s, pcm) in enumerate(chunks_of(quiet, 200)):
        buffer.push(pcm, 50 + at_s)
        for pull in range(40 if number else 36):
            parts.append(buffer.pull(PULL, 50.02 + at_s + pull * PULL_S))
    assert b"".join(parts)[:9600] == quiet[:9600]


# Running dry


def test_the_end_of_a_reply_plays_to_the_last_sample_and_fades() -> None:
    buffer = started(250)
    buffer.end_of_reply()
    heard = rest_of(buffer, LEAD_S)
    assert heard[:130] == list(range(121, 251))
    assert any(heard[130 : 130 + FADE_SAMPLES])
    assert not any(heard[130 + FADE_SAMPLES :])
    assert buffer.played_samples == 250


def test_an_end_that_comes_late_loses_nothing_and_is_no_gap() -> None:
    pcm = voice(9600)
    buffer = JitterBuffer()
    played(buffer, [(0.0, pcm)], end_after_s=2.0)
    assert buffer.played_samples == 9600
    assert buffer.facts == PlaybackFacts()


def test_an_end_with_the_rest_of_a_reply_in_a_hole_plays_it() -> None:
    buffer = started(PULL)
    pulled(buffer, PULL, 0.02)
    buffer.push(ramp(1000, 200), 0.03)
    buffer.end_of_reply()
    heard = rest_of(buffer, 0.03)
    start = heard.index(1130)
    assert heard[start : start + 70] == list(range(1130, 1200))
    assert buffer.played_samples == PULL + 200


def in_a_hole(pcm: bytes, pulls: int) -> tuple[JitterBuffer, float, bytes]:
    """A buffer that ran dry after `pcm`, and what it played since."""
    buffer = JitterBuffer()
    buffer.push(pcm, 0.0)
    buffer.pull(len(pcm) // 2, LEAD_S)
    now_s = LEAD_S + len(pcm) / 2 / RATE_HZ
    heard = b""
    for _ in range(pulls):
        heard += buffer.pull(PULL, now_s)
        now_s += PULL_S
    return buffer, now_s, heard


def test_an_end_that_comes_in_a_hole_ends_it_with_a_fade() -> None:
    buffer, now_s, heard = in_a_hole(sine(4800), 4)
    buffer.end_of_reply()
    fading = buffer.pull(PULL, now_s)
    assert steepest(heard + fading) <= 2 * steepest(sine(4800))
    assert any(fading[:FADE_SAMPLES])
    assert not any(fading[2 * FADE_SAMPLES :])
    assert buffer.empty


def test_a_hole_is_filled_with_the_voice_that_was_there() -> None:
    _, _, heard = in_a_hole(voice(4800), 8)
    wanted = voice(4800 + 960)[-1920:]
    assert np.corrcoef(samples_of(heard), samples_of(wanted))[0, 1] > 0.7


def test_a_hole_costs_no_sample() -> None:
    buffer, now_s, _ = in_a_hole(voice(4800), 8)
    assert buffer.played_samples == 4800
    assert not buffer.empty
    back = voice(4800, seed=5)
    buffer.push(back, now_s)
    buffer.end_of_reply()
    heard = np.array(rest_of(buffer, now_s), np.int16)
    assert buffer.played_samples == 9600
    tail = samples_of(back)[FADE_SAMPLES * 2 :]
    start = int(np.flatnonzero(heard)[-1]) + 1 - FADE_SAMPLES - len(tail)
    assert any(np.array_equal(heard[at : at + len(tail)], tail) for at in range(start, start + 200))


def test_what_was_concealed_is_counted_once_the_reply_goes_on() -> None:
    buffer, now_s, _ = in_a_hole(voice(4800), 8)
    assert buffer.facts == PlaybackFacts()
    buffer.push(voice(4800), now_s)
    buffer.pull(PULL, now_s)
    assert buffer.facts.gaps == 0
    assert 40 <= buffer.facts.concealed_ms <= 50


def test_one_hole_lasts_until_there_is_enough_to_go_on() -> None:
    buffer, now_s, _ = in_a_hole(ramp(1, 4800), 2)
    buffer.push(ramp(20_000, int(RESUME_MS * MS) - 1), now_s)
    buffer.pull(PULL, now_s)
    assert buffer.played_samples == 4800
    buffer.push(ramp(25_000, 1), now_s)
    buffer.pull(5 * PULL, now_s)
    assert buffer.played_samples > 4800


def test_a_hole_that_is_too_long_becomes_silent() -> None:
    buffer, now_s, heard = in_a_hole(voice(4800), CONCEAL_SAMPLES // PULL)
    assert np.abs(samples_of(heard)[-PULL:]).max() < np.abs(samples_of(heard)[:PULL]).max() / 3
    assert buffer.pull(PULL, now_s) == bytes(2 * PULL)
    assert buffer.empty


def silent(gap_pulls: int) -> tuple[JitterBuffer, float]:
    """A buffer that ran dry and has been silent for so many pulls."""
    buffer, now_s, _ = in_a_hole(voice(4800), CONCEAL_SAMPLES // PULL + gap_pulls)
    return buffer, now_s


def test_after_a_gap_some_is_collected_first() -> None:
    buffer, now_s = silent(10)
    held = int(REBUFFER_MS * MS)
    buffer.push(ramp(1000, held - 1), now_s)
    assert pulled(buffer, PULL, now_s) == [0] * PULL
    buffer.push(ramp(1000 + held - 1, 1), now_s)
    assert any(pulled(buffer, PULL, now_s))


def test_after_a_gap_the_wait_is_limited() -> None:
    buffer, now_s = silent(10)
    buffer.push(ramp(1000, 300), now_s)
    assert pulled(buffer, PULL, now_s + REBUFFER_MS / 1000 - 0.001) == [0] * PULL
    assert any(pulled(buffer, PULL, now_s + REBUFFER_MS / 1000 + 0.001))


def test_after_a_gap_the_first_milliseconds_fade_in_and_the_rest_is_as_it_came() -> None:
    buffer, now_s = silent(10)
    buffer.push(ramp(1000, 4000), now_s)
    buffer.end_of_reply()
    heard = rest_of(buffer, now_s)
    assert heard[0] == 0
    assert heard[: 5 * MS] == sorted(heard[: 5 * MS])
    assert heard[5 * MS : 4000] == list(range(1000 + 5 * MS, 5000))


def test_a_gap_is_counted_with_its_length() -> None:
    buffer, now_s = silent(10)
    buffer.push(voice(4800), now_s)
    buffer.pull(PULL, now_s)
    assert buffer.facts == PlaybackFacts(1, 50.0, 120.0)


def test_a_pause_of_the_voice_is_no_gap_and_what_follows_is_a_beginning() -> None:
    buffer, now_s = silent(int(PAUSE_S / PULL_S) + 1)
    buffer.push(ramp(1000, 480), now_s)
    heard = pulled(buffer, 2 * PULL, now_s)
    assert heard[:PULL] == sorted(heard[:PULL])
    assert heard[PULL:] == list(range(1000 + PULL, 1000 + 2 * PULL))
    assert buffer.facts == PlaybackFacts()


def test_a_gap_that_only_the_end_followed_does_not_slow_the_next_reply() -> None:
    buffer, now_s = silent(10)
    buffer.end_of_reply()
    buffer.push(ramp(500, PULL * 4), now_s + 5)
    assert pulled(buffer, PULL, now_s + 5 + START_S) == list(range(500, 500 + PULL))
    assert buffer.facts == PlaybackFacts()


def test_a_reply_that_ends_while_it_collects_plays_its_rest_at_once() -> None:
    buffer, now_s = silent(10)
    buffer.push(ramp(1000, 200), now_s)
    buffer.end_of_reply()
    assert pulled(buffer, 200, now_s)[5 * MS :] == list(range(1000 + 5 * MS, 1200))


def test_a_last_crumb_after_a_hole_leaves_the_next_reply_its_lead() -> None:
    buffer, now_s, _ = in_a_hole(voice(4800), 4)
    buffer.push(ramp(1, 10), now_s)
    buffer.end_of_reply()
    rest_of(buffer, now_s)
    assert buffer.pull(PULL, now_s + 1) == bytes(2 * PULL)
    assert buffer.empty
    buffer.push(ramp(1, 4800), now_s + 2)
    assert pulled(buffer, PULL, now_s + 2 + LEAD_S - 0.001) == [0] * PULL


@pytest.mark.parametrize("after", ["a hole", "a gap"])
@pytest.mark.parametrize("count", [1, 50, 119])
def test_a_last_crumb_is_played_without_a_click(after: str, count: int) -> None:
    pulls = 4 if after == "a hole" else CONCEAL_SAMPLES // PULL + 10
    buffer, now_s, heard = in_a_hole(sine(4800), pulls)
    buffer.push(sine(4800, frequency_hz=210)[-2 * count :], now_s)
    waiting = buffer.pull(PULL, now_s + 1)
    assert buffer.played_samples == 4800
    buffer.end_of_reply()
    rest = waiting + buffer.pull(4 * PULL, now_s + 1 + PULL_S)
    assert buffer.played_samples == 4800 + count
    assert buffer.empty
    assert steepest(heard + rest) <= 3 * steepest(sine(4800))


def test_ending_twice_or_with_nothing_is_nothing() -> None:
    buffer = JitterBuffer()
    buffer.end_of_reply()
    buffer.end_of_reply()
    assert buffer.empty
    buffer.push(ramp(1, 480), 0.1)
    assert pulled(buffer, PULL, 0.1 + START_S) == list(range(1, PULL + 1))


def test_empty_chunks_change_nothing() -> None:
    buffer = JitterBuffer()
    buffer.push(b"", 0.0)
    assert buffer.empty
    buffer.push(ramp(1, 480), 5.0)
    buffer.push(b"", 5.1)
    assert pulled(buffer, PULL, 5.1) == list(range(1, PULL + 1))


# Flushing


def test_a_fade_is_short_beside_the_20_ms_that_a_stop_may_take() -> None:
    device_ms, half_a_period_ms = 12, 2.5
    assert device_ms + half_a_period_ms + FADE_MS <= 18


def test_a_flush_drops_all_but_the_fade() -> None:
    buffer = started(5000)
    flushed = buffer.flush()
    assert flushed == Flushed(5000 - PULL - FADE_SAMPLES, FADE_SAMPLES)
    assert buffer.queued_samples == FADE_SAMPLES
    fade = pulled(buffer, PULL, 0.02)
    assert fade[0] == PULL + 1
    assert not any(fade[FADE_SAMPLES:])
    assert buffer.played_samples == PULL + FADE_SAMPLES
    assert buffer.empty
    assert pulled(buffer, PULL, 0.03) == [0] * PULL


def test_a_flush_with_less_than_a_fade_left_completes_it() -> None:
    buffer = started(PULL + 30)
    assert buffer.flush() == Flushed(0, 30)
    fade = pulled(buffer, PULL, 0.02)
    assert any(fade[30 : FADE_SAMPLES - 10])
    assert not any(fade[FADE_SAMPLES:])
    assert buffer.played_samples == PULL + 30


def test_a_flush_in_a_hole_fades_out_what_fills_it() -> None:
    buffer, now_s, heard = in_a_hole(sine(4800), 4)
    buffer.push(sine(100), now_s)
    assert buffer.flush() == Flushed(100, 0)
    fade = buffer.pull(PULL, now_s)
    assert steepest(heard + fade) <= 2 * steepest(sine(4800))
    assert any(fade[: FADE_SAMPLES // 2])
    assert buffer.empty


def test_a_flush_in_a_gap_is_silent() -> None:
    buffer, now_s = silent(10)
    buffer.push(ramp(1000, 100), now_s)
    assert buffer.flush() == Flushed(100, 0)
    assert pulled(buffer, PULL, now_s + 1) == [0] * PULL


def test_a_flush_before_the_start_is_silent() -> None:
    buffer = JitterBuffer()
    buffer.push(ramp(1, 100), 0.0)
    assert buffer.flush() == Flushed(100, 0)
    assert pulled(buffer, PULL, 1.0) == [0] * PULL
    assert buffer.played_samples == 0


def test_a_flush_with_nothing_playing_is_nothing() -> None:
    buffer = JitterBuffer()
    assert buffer.flush() == Flushed(0, 0)
    assert buffer.empty


def test_a_second_flush_lets_the_first_one_fade() -> None:
    buffer = started(5000)
    buffer.flush()
    fading = pulled(buffer, 20, 0.02)
    assert buffer.flush() == Flushed(0, FADE_SAMPLES - 20)
    fading += pulled(buffer, FADE_SAMPLES - 20, 0.02)
    assert all(fading[:-15])
    assert buffer.empty


def test_a_flush_amid_a_stretched_piece_accounts_for_every_sample() -> None:
    buffer = JitterBuffer()
    pushed = 0
    for at_s, pcm in chunks_of(voice(9600), 40):
        buffer.push(pcm, at_s)
        pushed += len(pcm) // 2
        for pull in range(19):
            buffer.pull(50, at_s + pull * 50 / RATE_HZ)
            assert buffer.played_samples + buffer.queued_samples == pushed
    flushed = buffer.flush()
    buffer.pull(PULL, 1.0)
    assert buffer.played_samples + flushed.dropped_samples == pushed


def test_a_reply_after_a_flush_waits_for_the_fade_and_then_starts_as_any() -> None:
    buffer = started(5000)
    buffer.flush()
    buffer.push(ramp(7000, 480), 0.02)
    heard = pulled(buffer, FADE_SAMPLES, 0.02)
    heard += pulled(buffer, PULL, 0.02 + START_S)
    assert heard[FADE_SAMPLES:] == list(range(7000, 7000 + PULL))


def test_a_flush_of_what_follows_a_fade_keeps_the_fade() -> None:
    buffer = started(5000)
    buffer.flush()
    buffer.push(ramp(7000, PULL), 0.02)
    buffer.end_of_reply()
    assert buffer.flush() == Flushed(PULL, FADE_SAMPLES)
    assert max(pulled(buffer, PULL, 0.02)) < 7000
    assert buffer.played_samples == PULL + FADE_SAMPLES


def test_what_was_learned_survives_a_flush() -> None:
    buffer = JitterBuffer()
    played(buffer, chunks_of(ramp(1, 24_000), 40, pace=4.0))
    buffer.push(ramp(1, 4800), 20.0)
    buffer.flush()
    buffer.push(ramp(1, 4800), 30.0)
    assert pulled(buffer, PULL, 30.0) == list(range(1, PULL + 1))


# Any pattern of arrivals and pulls

Step = tuple[str, int]

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("push"), st.integers(0, 1500)),
        st.tuples(st.just("push"), st.integers(0, 5)),
        st.tuples(st.just("pull"), st.integers(0, 600)),
        st.tuples(st.just("pull"), st.just(240)),
        st.tuples(st.just("pull"), st.just(6000)),
        st.tuples(st.just("wait_ms"), st.integers(0, 80)),
        st.tuples(st.just("end"), st.just(0)),
        st.tuples(st.just("flush"), st.just(0)),
    ),
    max_size=60,
)
TONE = sine(60 * 1500)


class Run:
    """Does the steps with a tone that begins at zero whenever something begins."""

    def __init__(self) -> None:
        self.buffer = JitterBuffer()
        self.now_s = 0.0
        self.pushed = 0
        self.dropped = 0
        self.position = 0
        self.heard = b""

    def do(self, step: Step) -> None:
        what, number = step
        if what == "push":
            self.buffer.push(TONE[2 * self.position : 2 * (self.position + number)], self.now_s)
            self.position += number
            self.pushed += number
        elif what == "pull":
            self.heard += self.buffer.pull(number, self.now_s)
            self.now_s += number / RATE_HZ
        elif what == "end":
            self.buffer.end_of_reply()
        elif what == "flush":
            self.dropped += self.buffer.flush().dropped_samples
            self.position = 0
        else:
            self.now_s += number / 1000

    def drain(self) -> None:
        self.do(("end", 0))
        while not self.buffer.empty:
            self.do(("pull", 240))


@given(STEPS)
@example([("push", 1), ("pull", 240), ("pull", 0), ("pull", 240), ("push", 1)])
@example([("push", 1), ("end", 0), ("flush", 0), ("flush", 0), ("push", 3), ("pull", 600)])
def test_every_sample_is_played_queued_or_reported_as_dropped(steps: list[Step]) -> None:
    run = Run()
    for step in steps:
        run.do(step)
        buffer = run.buffer
        assert buffer.played_samples + buffer.queued_samples + run.dropped == run.pushed
    run.drain()
    assert run.buffer.played_samples + run.dropped == run.pushed


@given(STEPS)
def test_a_pull_gives_exactly_what_it_was_asked_for(steps: list[Step]) -> None:
    run = Run()
    for step in steps:
        run.do(step)
    assert len(run.heard) == 2 * sum(number for what, number in steps if what == "pull")


@given(STEPS)
def test_no_step_is_a_click(steps: list[Step]) -> None:
    run = Run()
    for step in steps:
        if step != ("end", 0):  # a reply may begin with a step of its own
            run.do(step)
    run.drain()
    assert steepest(bytes(2) + run.heard + bytes(2)) <= 2 * steepest(TONE[:4800])


@given(STEPS)
def test_a_flush_leaves_nothing_but_a_fade(steps: list[Step]) -> None:
    run = Run()
    for step in steps:
        run.do(step)
    run.do(("flush", 0))
    assert run.buffer.queued_samples <= FADE_SAMPLES
    run.do(("pull", FADE_SAMPLES))
    assert run.buffer.empty
    assert run.buffer.pull(PULL, run.now_s + 10) == bytes(2 * PULL)


@given(STEPS)
def test_silence_comes_only_while_a_beginning_is_awaited(steps: list[Step]) -> None:
    run = Run()
    for step in steps:
        run.do(step)
        if run.buffer.queued_samples < LEAST_TO_GO_ON:
            continue
        run.now_s += (REBUFFER_MS + MOST_WAIT_MS) / 1000
        played_before = run.buffer.played_samples
        # A hole may be under way, and the rest of a fade.
        run.do(("pull", CONCEAL_SAMPLES + 4 * PULL))
        assert run.buffer.played_samples > played_before


@given(STEPS)
def test_the_facts_only_grow(steps: list[Step]) -> None:
    run = Run()
    facts = PlaybackFacts()
    for step in steps:
        run.do(step)
        now = run.buffer.facts
        assert now.gaps >= facts.gaps
        assert now.gap_ms >= facts.gap_ms
        assert now.concealed_ms >= facts.concealed_ms
        facts = now
