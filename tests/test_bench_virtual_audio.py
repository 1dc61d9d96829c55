"""The virtual sound card and the room around it: what is played is recorded, when it was played."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bench.analysis import find, first_audible
from bench.coupling import coupled, measured_delay_s
from bench.latency import recorder_latency_ms
from bench.room import Room
from bench.signals import MIC_RATE_HZ, RATE_HZ, chirp, write_wav
from bench.virtual_audio import Recording, VirtualAudio, missing_tool

# A room that is wrong is wrong each time.
ATTEMPTS = 5

lacking = missing_tool()
if lacking is not None:
    pytest.skip(f"{lacking} is not installed", allow_module_level=True)


@pytest.fixture(scope="module")
def card() -> Iterator[VirtualAudio]:
    with VirtualAudio() as card:
        yield card


@pytest.fixture(scope="module")
def speaker(card: VirtualAudio) -> Iterator[Recording]:
    with card.record_speaker() as recording:
        yield recording


@pytest.fixture(scope="module")
def microphone(card: VirtualAudio) -> Iterator[Recording]:
    with card.record_microphone() as recording:
        yield recording


def test_what_was_played_between_two_moments_is_found_in_them(
    card: VirtualAudio, speaker: Recording, tmp_path: Path
) -> None:
    began_s = time.monotonic()
    card.play_into_speaker(write_wav(tmp_path / "chirp.wav", chirp(0.3), RATE_HZ)).wait()
    ended_s = time.monotonic()
    heard = speaker.between(began_s, ended_s + 0.5)
    at, likeness = find(chirp(0.3), heard.samples)

    assert likeness > 0.9
    assert began_s < heard.time_of(at) < ended_s
    assert heard.start_s == pytest.approx(began_s, abs=0.001)
    # Each of the two ends is known to a millisecond, like the beginning above.
    wanted = RATE_HZ * (ended_s + 0.5 - began_s)
    assert len(heard.samples) == pytest.approx(wanted, abs=0.002 * RATE_HZ)
    later = speaker.between(heard.time_of(at) + 0.1, ended_s + 0.5)
    assert find(chirp(0.3)[2_400:], later.samples)[0] == pytest.approx(0, abs=0.002 * RATE_HZ)


def test_headphones_keep_the_speaker_from_the_microphone(
    card: VirtualAudio, speaker: Recording, microphone: Recording, tmp_path: Path
) -> None:
    began_s = time.monotonic()
    card.play_into_speaker(write_wav(tmp_path / "chirp.wav", chirp(0.3), RATE_HZ)).wait()
    ended_s = time.monotonic() + 0.2

    assert first_audible(speaker.between(began_s, ended_s).samples) is not None
    assert first_audible(microphone.between(began_s, ended_s).samples) is None


def test_the_microphone_is_recorded_at_its_own_rate(
    card: VirtualAudio, microphone: Recording, tmp_path: Path
) -> None:
    said = chirp(0.3, MIC_RATE_HZ)
    began_s = time.monotonic()
    card.play_into_microphone(write_wav(tmp_path / "chirp.wav", said, MIC_RATE_HZ)).wait()
    heard = microphone.between(began_s, time.monotonic() + 0.2)

    assert heard.rate_hz == MIC_RATE_HZ
    assert find(said, heard.samples)[1] > 0.9


@pytest.mark.parametrize("delay_ms", [60, 250])
def test_the_room_delays_as_asked_its_own_process_included(
    card: VirtualAudio, speaker: Recording, microphone: Recording, delay_ms: float
) -> None:
    def as_asked() -> bool:
        """A hole in the sound of a busy machine moves one measurement, and shifts a whole room."""
        with coupled(card, speaker, microphone, Room(delay_ms=delay_ms, gain_db=-6.0)) as spent_s:
            assert 0 < spent_s < delay_ms / 1000
            try:
                delays_ms = [1000 * measured_delay_s(card, speaker, microphone) for _ in range(3)]
            except RuntimeError:  # the hole was in the chirp
                return False
        return bool(np.median(delays_ms) == pytest.approx(delay_ms, abs=10))

    assert any(as_asked() for _ in range(ATTEMPTS))


def test_the_recorder_is_hardly_late() -> None:
    assert -0.05 < recorder_latency_ms() / 1000 < 0.2
