"""What the echo cannot be is a voice; what it can be, with any loudspeaker, is none."""

from __future__ import annotations

import numpy as np
import pytest
from echo_rooms import Sound, at_level, echo, loudspeaker, noise, voice
from hypothesis import given, settings
from hypothesis import strategies as st
from local_speech import needs_flite

from voicecli.audio.echo_forecast import (
    BLOCK_MS,
    EDGES_HZ,
    FAR_BLOCK_BYTES,
    NEAR_BLOCK_BYTES,
    EchoForecast,
    band_powers,
)
from voicecli.audio.echo_path import Echo
from voicecli.audio.pcm import FULL_SCALE

TEXT = (
    "Long before there were clocks, people told the time by the shadow of a stick in the sand. "
    "Bees find their way home by the sun, even on days when it hides behind heavy clouds."
)
LAG_MS, LEVEL_DB = 120.0, -12.0
KNOWN = Echo(LAG_MS, LEVEL_DB, 20.0, 1.0)


def blocks(sound: Sound, rate_hz: int) -> list[bytes]:
    size = rate_hz * BLOCK_MS // 1000
    pcm = np.clip(np.round(sound * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype("<i2")
    return [pcm[at : at + size].tobytes() for at in range(0, len(pcm) - size + 1, size)]


def tone(hz: float, rate_hz: int, seconds: float = 0.02) -> Sound:
    return np.asarray(0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz))


def louder(played: Sound, near: Sound, known: Echo | None = KNOWN) -> list[float]:
    """The seconds at which `near` is louder than an echo of `played` can be."""
    forecast = EchoForecast()
    pairs = zip(blocks(near, 16_000), blocks(played, 24_000), strict=True)
    return [
        number * BLOCK_MS / 1000
        for number, (one, other) in enumerate(pairs)
        # It takes a quarter of a second of echo before it is known.
        if forecast.louder(one, other, known if number * BLOCK_MS > LAG_MS + 250 else None)
    ]


def in_room(played: Sound, seed: int = 1, level_db: float = LEVEL_DB) -> Sound:
    heard = echo(played, seed, delay_ms=LAG_MS, level_db=level_db, drift_ppm=50)
    return heard + noise(len(heard), seed, -65)


@pytest.mark.parametrize("rate_hz", [16_000, 24_000])
@pytest.mark.parametrize("band", range(len(EDGES_HZ) - 1))
def test_a_tone_is_in_its_band(rate_hz: int, band: int) -> None:
    hz = (EDGES_HZ[band] + EDGES_HZ[band + 1]) / 2
    powers = band_powers(blocks(tone(hz, rate_hz), rate_hz)[0], rate_hz)
    assert powers.sum() == pytest.approx(3 * (FULL_SCALE / 2) ** 2 / 32, rel=0.15)
    assert powers.shape == (len(EDGES_HZ) - 1,)
    assert int(powers.argmax()) == band
    assert powers[band] > 0.5 * powers.sum()


def test_both_rates_give_the_same_powers() -> None:
    mixed = [tone(440, rate) + 0.3 * tone(1_500, rate) for rate in (16_000, 24_000)]
    near = band_powers(blocks(mixed[0], 16_000)[0], 16_000)
    far = band_powers(blocks(mixed[1], 24_000)[0], 24_000)
    loud = far > far.max() / 1000
    assert np.abs(10 * np.log10(near[loud] / far[loud])).max() < 1


@needs_flite
@pytest.mark.parametrize("overdriven", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_no_loudspeaker_makes_an_echo_a_voice(seed: int, overdriven: bool) -> None:
    played = at_level(voice(TEXT, ("rms", "awb", "slt")[seed % 3], 24_000), -20)
    near = in_room(loudspeaker(played, seed, overdriven=overdriven), seed)
    assert louder(played, near) == []


@needs_flite
@pytest.mark.parametrize(("level_db", "within_s"), [(-12.0, 0.15), (-6.0, 0.6)])
@pytest.mark.parametrize("at_s", [0.5, 1.0, 3.0])
def test_a_voice_over_the_echo_is_louder_at_once(
    level_db: float, within_s: float, at_s: float
) -> None:
    played = at_level(voice(TEXT, "rms", 24_000), -20)
    near = in_room(played, level_db=level_db)
    words = at_level(voice("wait a moment please", "slt", 16_000), -20)
    at = round(at_s * 16_000)
    near[at : at + len(words)] += words
    found_s = louder(played, near, Echo(LAG_MS, level_db, 20.0, 1.0))
    assert found_s
    assert at_s - BLOCK_MS / 1000 <= found_s[0] < at_s + within_s


def test_while_the_echo_is_not_known_nothing_is_louder() -> None:
    played = noise(24_000, 1, -30)
    assert louder(played, noise(16_000, 2, -10), known=None) == []


@given(
    steady_dbfs=st.floats(-60, -20),
    seed=st.integers(0, 20),
)
@settings(max_examples=20, deadline=None)
def test_steady_noise_is_no_voice(steady_dbfs: float, seed: int) -> None:
    played = noise(3 * 24_000, seed, -30)
    near = echo(played, seed, delay_ms=LAG_MS, level_db=LEVEL_DB)
    near = near + noise(len(near), seed + 1, steady_dbfs)
    assert louder(played, near) == []


def test_what_is_softer_than_a_voice_is_none() -> None:
    played = noise(2 * 24_000, 1, -60)
    near = np.zeros(2 * 16_000)
    near[16_000:] = noise(16_000, 2, -50)
    assert louder(played, near) == []


def test_in_a_silence_the_noise_of_the_room_is_found_out_anew() -> None:
    forecast = EchoForecast()
    quiet, fan = (blocks(noise(16_000, 1, dbfs), 16_000) for dbfs in (-70, -28))
    played = blocks(noise(24_000, 2, -60), 24_000)
    for near, far in zip(quiet, played, strict=True):
        assert not forecast.louder(near, far, KNOWN)
    assert any(forecast.louder(near, played[0], KNOWN) for near in fan[:3])
    forecast.rest()
    heard = [forecast.louder(near, far, KNOWN) for near, far in zip(fan, played, strict=True)]
    assert not any(heard)


def test_another_way_is_learned_from_the_start() -> None:
    forecast = EchoForecast()
    played = noise(2 * 24_000, 1, -20)
    soft, loud = (
        blocks(echo(played, 3, delay_ms=LAG_MS, level_db=level_db), 16_000)
        for level_db in (-30.0, -6.0)
    )
    far = blocks(played, 24_000)
    for one, other in zip(soft, far, strict=True):
        forecast.louder(one, other, Echo(LAG_MS, -30.0, 20.0, 1.0))
    assert forecast.louder(loud[20], far[20], KNOWN) or forecast.louder(loud[21], far[21], KNOWN)
    forecast.forget()
    known = Echo(LAG_MS, -6.0, 20.0, 1.0)
    assert not any(
        forecast.louder(one, other, known) for one, other in zip(loud[22:], far[22:], strict=True)
    )


def test_digital_silence_on_both_sides_is_no_voice() -> None:
    forecast = EchoForecast()
    for _ in range(20):
        assert not forecast.louder(bytes(NEAR_BLOCK_BYTES), bytes(FAR_BLOCK_BYTES), KNOWN)
