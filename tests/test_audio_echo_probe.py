"""What the doctor says is what people buy headphones by: delay and loudness have to be right."""

from __future__ import annotations

import numpy as np
import pytest
from echo_rooms import Sound, echo, frames, noise
from hypothesis import given, settings
from hypothesis import strategies as st

from voicecli.audio.echo_canceller import open_canceller
from voicecli.audio.echo_probe import (
    CHIRP_S,
    LEAD_S,
    PAUSE_S,
    SOUND_S,
    EchoFound,
    Verdict,
    echo_found,
    probe_sound,
    verdict,
)
from voicecli.audio.pcm import FULL_SCALE, duration_s


def sound() -> Sound:
    """The test sound and the silence after it, full scale 1."""
    return np.pad(np.frombuffer(probe_sound(), "<i2") / FULL_SCALE, (0, 12_000))


def level_of_chirp(near: Sound, far: Sound) -> float:
    """Of the chirp's echo against the chirp, in dB, from all of its energy."""
    end_s = LEAD_S + CHIRP_S
    heard = np.sum(near[round(LEAD_S * 16_000) : round((end_s + PAUSE_S) * 16_000)] ** 2) / 16_000
    given_ = np.sum(far[round(LEAD_S * 24_000) : round(end_s * 24_000)] ** 2) / 24_000
    return float(10 * np.log10(heard / given_))


def test_the_sound_lasts_as_long_as_it_says_and_is_moderate() -> None:
    pcm = probe_sound()
    samples = np.frombuffer(pcm, "<i2") / FULL_SCALE
    assert duration_s(pcm, 24_000) == pytest.approx(SOUND_S, abs=0.01)
    assert 0.1 < np.abs(samples).max() < 0.5
    assert not samples[: round(LEAD_S * 24_000)].any()
    # No click anywhere: neighbouring samples of the chirp and of its edges are close.
    edge = round((LEAD_S + CHIRP_S) * 24_000)
    assert np.abs(samples[edge - 10 : edge + 10]).max() < 0.01


@settings(max_examples=12)
@given(
    delay_ms=st.floats(5, 400),
    level_db=st.floats(-25, 3),
    drift_ppm=st.floats(-100, 100),
    noise_dbfs=st.floats(-90, -60),
    seed=st.integers(0, 1_000),
)
def test_delay_and_loudness_are_measured_in_any_room(
    delay_ms: float, level_db: float, drift_ppm: float, noise_dbfs: float, seed: int
) -> None:
    far = sound()
    bare = echo(far, seed, delay_ms=delay_ms, level_db=level_db, drift_ppm=drift_ppm)
    near = bare + noise(len(bare), seed, noise_dbfs)
    found = echo_found(frames(near, 16_000), frames(far, 24_000), None)
    assert found is not None
    assert found.delay_ms == pytest.approx(delay_ms, abs=2)
    assert found.level_db == pytest.approx(level_of_chirp(bare, far), abs=1)
    assert found.cancelled_db is None


@pytest.mark.parametrize(("delay_ms", "level_db"), [(40, -6), (120, -12), (250, -20)])
def test_what_the_canceller_takes_is_measured(delay_ms: float, level_db: float) -> None:
    far = sound()
    near = echo(far, 1, delay_ms=delay_ms, level_db=level_db)
    near += noise(len(near), 2, -75)
    found = echo_found(frames(near, 16_000), frames(far, 24_000), open_canceller())
    assert found is not None
    assert found.cancelled_db is not None
    assert found.cancelled_db > 30
    assert verdict(found) is Verdict.NOT_NEEDED


def test_a_canceller_that_does_nothing_cancels_nothing() -> None:
    class Idle:
        def cancel(self, near: bytes, far: bytes) -> bytes:
            return near

    far = sound()
    near = echo(far, 1, delay_ms=80, level_db=-10)
    found = echo_found(frames(near, 16_000), frames(far, 24_000), Idle())
    assert found is not None
    assert found.cancelled_db == 0.0


@given(st.integers(0, 1_000), st.floats(-80, -30))
@settings(max_examples=10)
def test_a_noisy_room_alone_is_no_echo(seed: int, dbfs: float) -> None:
    far = sound()
    near = noise(len(far) * 2 // 3, seed, dbfs)
    assert echo_found(frames(near, 16_000), frames(far, 24_000), None) is None


def test_digital_silence_is_no_echo() -> None:
    far = frames(sound(), 24_000)
    assert echo_found([bytes(320)] * len(far), far, None) is None


@pytest.mark.parametrize(
    ("cancelled_db", "expected"),
    [
        (None, Verdict.NEEDED),
        (9.0, Verdict.NEEDED),
        (10.0, Verdict.ADVISABLE),
        (19.0, Verdict.ADVISABLE),
        (20.0, Verdict.NOT_NEEDED),
    ],
)
def test_the_verdict_follows_what_is_cancelled(
    cancelled_db: float | None, expected: Verdict
) -> None:
    assert verdict(EchoFound(80.0, -12.0, cancelled_db)) is expected


def test_without_an_echo_there_is_nothing_to_cancel() -> None:
    assert verdict(None) is Verdict.NO_ECHO
