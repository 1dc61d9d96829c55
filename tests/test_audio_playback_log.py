"""What counts as heard decides which words stay in the transcript after an interruption."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sound_pieces import ramp

from voicecli.audio.playback_log import LEVEL_WINDOW_S, PlaybackLog

BLOCK = 240
BLOCK_S = 0.01
LATENCY_S = 0.03


def log_of(*played: int) -> PlaybackLog:
    """Blocks handed over every 10 ms from 0 on, with the count of played samples after each."""
    log = PlaybackLog()
    for number, count in enumerate(played):
        log.add(number * BLOCK_S, ramp(number * BLOCK, BLOCK), count, LATENCY_S)
    return log


def test_nothing_is_heard_of_nothing() -> None:
    assert PlaybackLog().heard_samples(5.0) == 0
    assert PlaybackLog().heard_lately(5.0) == b""


def test_a_block_is_heard_after_the_latency_and_no_sooner() -> None:
    log = log_of(BLOCK)
    assert log.heard_samples(LATENCY_S - 0.001) == 0
    assert log.heard_samples(LATENCY_S + 0.00501) == BLOCK // 2
    assert log.heard_samples(LATENCY_S + 0.0101) == BLOCK


def test_silence_between_replies_does_not_count() -> None:
    log = log_of(BLOCK, BLOCK, BLOCK, 2 * BLOCK)
    assert log.heard_samples(LATENCY_S + 0.025) == BLOCK
    assert log.heard_samples(LATENCY_S + 0.0401) == 2 * BLOCK


@pytest.mark.parametrize("content", [200, 240, 300])
def test_what_a_stretched_block_stands_for_is_heard_evenly(content: int) -> None:
    log = log_of(content, 2 * content)
    assert log.heard_samples(LATENCY_S + 0.0025) == pytest.approx(content / 4, abs=1)
    assert log.heard_samples(LATENCY_S + 0.0175) == pytest.approx(1.75 * content, abs=1)


def test_an_empty_block_stands_for_what_came_with_it() -> None:
    log = PlaybackLog()
    log.add(0.0, b"", 5, LATENCY_S)
    assert log.heard_samples(LATENCY_S) == 5


def test_what_was_heard_stays_heard_when_its_blocks_are_forgotten() -> None:
    log = log_of(*(BLOCK * number for number in range(1, 1001)))
    assert log.heard_samples(1000.0) == 1000 * BLOCK
    assert len(log._blocks) < 20


def test_another_device_with_another_latency_takes_nothing_back() -> None:
    log = log_of(BLOCK, 2 * BLOCK, 3 * BLOCK)
    assert log.heard_samples(0.055) > 2 * BLOCK
    log.add(0.06, ramp(1, BLOCK), 4 * BLOCK, 0.5)
    assert log.heard_samples(0.0601) == 3 * BLOCK
    log.add(0.07, ramp(1, BLOCK), 5 * BLOCK, 0.001)
    assert log.heard_samples(0.08) == 3 * BLOCK
    assert log.heard_samples(0.6) == 5 * BLOCK


def test_the_level_is_of_what_is_heard_and_not_of_what_is_queued_in_the_device() -> None:
    log = log_of(*(BLOCK * number for number in range(1, 21)))
    now_s = 0.2 + 0.001
    last_heard = int((now_s - LATENCY_S) / BLOCK_S)
    first_heard = int((now_s - LATENCY_S - LEVEL_WINDOW_S) / BLOCK_S)
    heard = b"".join(ramp(n * BLOCK, BLOCK) for n in range(first_heard, last_heard + 1))
    assert log.heard_lately(now_s) == heard


def test_long_after_the_last_block_nothing_is_being_heard() -> None:
    assert log_of(BLOCK).heard_lately(1.0) == b""


@given(
    st.lists(
        st.tuples(st.floats(0.0, 0.1), st.integers(0, 600), st.floats(0.0, 0.3)),
        min_size=1,
        max_size=40,
    )
)
def test_heard_never_goes_back_nor_beyond_what_was_played(
    blocks: list[tuple[float, int, float]],
) -> None:
    log = PlaybackLog()
    now_s, played, heard = 0.0, 0, 0
    for pause_s, real, latency_s in blocks:
        now_s += pause_s
        played += real
        log.add(now_s, bytes(2 * 600), played, latency_s)
        now_heard = log.heard_samples(now_s)
        assert heard <= now_heard <= played
        heard = now_heard
    assert log.heard_samples(now_s + 1.0) == played
