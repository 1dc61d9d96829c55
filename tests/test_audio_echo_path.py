"""The way of an echo decides whether a sound is taken for a person: it has to be found for sure."""

from __future__ import annotations

import pytest
from echo_rooms import Sound, echo, frames, noise
from hypothesis import given, settings
from hypothesis import strategies as st

from voicecli.audio.echo_path import Echo, EchoPath


def heard(played: Sound, near: Sound) -> EchoPath:
    path = EchoPath()
    for n, f in zip(frames(near, 16_000), frames(played, 24_000), strict=True):
        path.add(n, f)
    return path


def found(path: EchoPath, known_lag_ms: float | None = None) -> Echo:
    echo_found = path.find(known_lag_ms)
    assert echo_found is not None
    return echo_found


@settings(max_examples=25)
@given(
    delay_ms=st.floats(20, 400),
    level_db=st.floats(-20, 0),
    seed=st.integers(0, 1_000),
    drift_ppm=st.floats(-100, 100),
)
def test_lag_and_level_are_found_in_any_room(
    delay_ms: float, level_db: float, seed: int, drift_ppm: float
) -> None:
    played = noise(24_000, seed, -20)
    near = echo(played, seed, delay_ms=delay_ms, level_db=level_db, drift_ppm=drift_ppm)
    # The room's low-pass filter passes half of the noise's band.
    result = found(heard(played, near))
    assert result.lag_ms == pytest.approx(delay_ms, abs=2)
    assert result.level_db == pytest.approx(level_db - 2.2, abs=2.5)
    assert result.clearness > 9


def test_at_the_known_lag_there_is_all_of_it_and_elsewhere_little() -> None:
    played = noise(24_000, 1, -20)
    path = heard(played, echo(played, 2, delay_ms=100, level_db=-10))
    assert found(path, 101).at_known_lag == 1.0
    assert found(path, 150).at_known_lag < 0.5
    assert found(path, 10_000).at_known_lag == 0.0
    assert found(path).at_known_lag == 0.0


def test_another_sound_is_no_clear_echo() -> None:
    path = heard(noise(24_000, 1, -20), noise(16_000, 2, -20))
    assert found(path).clearness < 8


def test_a_voice_over_the_echo_leaves_it_in_its_place() -> None:
    played = noise(24_000, 1, -20)
    near = echo(played, 2, delay_ms=80, level_db=-10) + noise(16_000, 3, -28)
    result = found(heard(played, near), 80)
    assert result.at_known_lag == 1.0
    assert result.level_db > -10


@pytest.mark.parametrize("silent", ["near", "far"])
def test_silence_on_either_side_has_no_echo(silent: str) -> None:
    path = EchoPath()
    sound = frames(noise(24_000, 1, -20), 24_000)
    for frame in sound:
        path.add(
            bytes(320) if silent == "near" else frame[:320],
            bytes(480) if silent == "far" else frame,
        )
    assert path.find() is None


def test_before_anything_was_heard_there_is_no_echo() -> None:
    assert EchoPath().find() is None


def test_a_constant_has_no_echo() -> None:
    path = EchoPath()
    for _ in range(100):
        path.add(b"\1\0" * 160, b"\1\0" * 240)
    result = path.find()
    assert result is None or result.lag_ms >= 0
