"""The simulated room: its echo is as late, as quiet and as long as asked, whatever the blocks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from bench.room import BLOCK, RATE_HZ, Block, Convolver, Coupling, Drifting, Room, impulse_response
from bench.room_process import OWN_DELAY_S, READINGS, Surplus

GENERATOR = np.random.default_rng(7)
NOISE = GENERATOR.normal(0, 3_000, 4 * RATE_HZ).astype(np.float32)


def through(line: Convolver | Drifting | Coupling, sound: Block) -> Block:
    return np.concatenate([line.feed(block) for block in sound.reshape(-1, BLOCK)])


def energy_db(values: npt.NDArray[np.floating]) -> float:
    return float(10 * np.log10(np.mean(values.astype(float) ** 2)))


@pytest.mark.parametrize("gain_db", [-20.0, -12.0, -6.0])
@pytest.mark.parametrize("rt60_s", [0.0, 0.25, 0.6])
def test_the_echo_has_the_level_that_was_asked_for(gain_db: float, rt60_s: float) -> None:
    response = impulse_response(Room(gain_db=gain_db, rt60_s=rt60_s))

    assert 10 * np.log10(np.sum(response.astype(float) ** 2)) == pytest.approx(gain_db, abs=0.01)


def test_the_tail_falls_by_sixty_decibels_in_the_reverberation_time() -> None:
    tail = impulse_response(Room(rt60_s=0.25))[1:]
    early, late = tail[400:800], tail[2_400:2_800]

    assert energy_db(early) - energy_db(late) == pytest.approx(60 * 2_000 / 4_000, abs=2)


def test_the_direct_sound_is_the_loudest() -> None:
    response = np.abs(impulse_response(Room()))

    assert int(np.argmax(response)) == 0


def test_a_seed_is_a_room() -> None:
    same, other = impulse_response(Room(seed=1)), impulse_response(Room(seed=2))

    assert np.array_equal(same, impulse_response(Room(seed=1)))
    assert not np.array_equal(same, other)


def test_block_convolution_is_convolution() -> None:
    response = impulse_response(Room())
    expected = np.convolve(NOISE, response)[: len(NOISE)]

    assert through(Convolver(response), NOISE) == pytest.approx(expected, abs=0.5)


@pytest.mark.parametrize("delay", [0, 1, 640, 3_333])
def test_the_delay_line_is_as_late_as_asked(delay: int) -> None:
    heard = through(Drifting(delay / RATE_HZ, 0.0), NOISE)

    assert heard[delay:] == pytest.approx(NOISE[: len(NOISE) - delay], abs=0.1)
    assert not heard[:delay].any()


@pytest.mark.parametrize("drift_ppm", [-1000.0, 1000.0])
def test_the_delay_drifts(drift_ppm: float) -> None:
    tone = np.sin(2 * np.pi * 200 * np.arange(4 * RATE_HZ) / RATE_HZ).astype(np.float32)
    heard = through(Drifting(0.1, drift_ppm), tone)
    at = 3 * RATE_HZ
    delay_s = 0.1 + 3 * drift_ppm * 1e-6
    expected = np.sin(2 * np.pi * 200 * (np.arange(at, at + 80) / RATE_HZ - delay_s))

    assert heard[at : at + 80] == pytest.approx(expected, abs=0.05)


def test_a_delay_does_not_drift_below_nothing() -> None:
    heard = through(Drifting(0.0001, -1000.0), NOISE)

    assert heard[-BLOCK:] == pytest.approx(NOISE[-BLOCK:])


def test_what_was_spent_on_the_way_is_a_part_of_the_rooms_delay() -> None:
    room = Room(delay_ms=75, gain_db=0, drift_ppm=0, rt60_s=0)
    heard = through(Coupling(room, spent_s=0.03), NOISE)
    delay = round(0.045 * RATE_HZ)

    error = heard[delay:] - NOISE[: len(NOISE) - delay]
    assert energy_db(error) < energy_db(NOISE) - 40


def test_a_silent_room_is_not_digital_silence() -> None:
    heard = through(Coupling(Room(), 0.03), np.zeros(RATE_HZ, np.float32))

    assert energy_db(heard / 32_768) == pytest.approx(-66, abs=1)


def test_a_room_is_told_in_a_few_words() -> None:
    assert Room(delay_ms=75, gain_db=-12).describe() == "75 ms, −12 dB"


def test_sound_that_came_too_late_is_thrown_away_once() -> None:
    surplus = Surplus()
    readings = [surplus.samples(OWN_DELAY_S + 0.02) for _ in range(READINGS)]

    assert readings == [0] * (READINGS - 1) + [round(0.02 * RATE_HZ)]
    assert surplus.samples(OWN_DELAY_S) == 0


def test_one_late_reading_throws_nothing_away() -> None:
    surplus = Surplus()
    readings = [OWN_DELAY_S + 0.05 * (number % 5 == 0) for number in range(50)]

    assert not any(surplus.samples(reading) for reading in readings)
