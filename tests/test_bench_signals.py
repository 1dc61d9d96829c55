"""The sounds that the benchmark measures with: what it concludes holds only if they are right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.signals import PEAK, RATE_HZ, chirp, faded, read_wav, voiced, write_wav


@pytest.mark.parametrize("seed", range(4))
def test_a_voiced_tone_is_never_silent(seed: int) -> None:
    samples = np.abs(voiced(2.0, seed).astype(int))[48:-48]

    for start in range(0, len(samples) - 120, 60):
        assert samples[start : start + 120].max() > PEAK / 5


def test_a_voiced_tone_does_not_repeat_itself() -> None:
    samples = voiced(3.0, 1).astype(float)
    piece = samples[24_000:30_000]
    products = np.correlate(samples, piece, "valid")
    energies = np.convolve(samples**2, np.ones(len(piece)), "valid")
    likeness = products / np.sqrt(energies * np.sum(piece**2))
    elsewhere = np.delete(likeness, np.s_[24_000 - 12 : 24_000 + 12])

    assert likeness[24_000] == pytest.approx(1)
    assert elsewhere.max() < 0.98


def test_a_seed_is_a_sound() -> None:
    assert np.array_equal(voiced(0.5, 3), voiced(0.5, 3))
    assert not np.array_equal(voiced(0.5, 3), voiced(0.5, 4))


@pytest.mark.parametrize("rate_hz", [16_000, 24_000])
def test_a_chirp_lasts_as_long_as_asked_and_begins_without_a_click(rate_hz: int) -> None:
    samples = chirp(0.3, rate_hz)

    assert len(samples) == round(0.3 * rate_hz)
    assert abs(int(samples[0])) < 10
    assert np.abs(samples.astype(int)).max() == PEAK


def test_what_is_cut_out_of_a_sound_ends_without_a_click() -> None:
    cut = faded(voiced(1.0, 0)[5_000:10_000])

    assert cut[0] == cut[-1] == 0
    assert len(cut) == 5_000


def test_a_wav_file_gives_back_what_was_written(tmp_path: Path) -> None:
    samples = voiced(0.1, 2)

    read, rate_hz = read_wav(write_wav(tmp_path / "tone.wav", samples, RATE_HZ))

    assert rate_hz == RATE_HZ
    assert np.array_equal(read, samples)
