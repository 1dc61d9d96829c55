"""What the echo of a test sound tells: how late it is, how loud, and what is left of it.

Pure: the sound, and the analysis of what was played and heard. `echo_check` plays and records.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from voicecli.audio.echo_canceller import FAR_BYTES, FRAME_MS, NEAR_BYTES
from voicecli.audio.echo_path import Samples, correlation
from voicecli.audio.listener import Canceller
from voicecli.audio.pcm import FULL_SCALE, MIC_RATE_HZ, SPEAKER_RATE_HZ

# Loud enough to rise above a quiet room, soft enough not to startle.
PEAK = 0.25 * FULL_SCALE
# Before the chirp, for the room's own noise and for devices to wake up; after it, for its echo.
LEAD_S, CHIRP_S, PAUSE_S = 0.6, 1.0, 0.9
# What a canceller needs to learn the way, and as much to see what it leaves.
MELODY_S, JUDGED_S = 4.5, 1.5
SOUND_S = LEAD_S + CHIRP_S + PAUSE_S + MELODY_S
TAIL_S = 0.5

_LOWEST_HZ, _HIGHEST_HZ = 200.0, 5_000.0
# A pentatonic scale: no two of its notes clash.
_NOTES_HZ = (147.0, 165.0, 196.0, 220.0, 262.0, 220.0, 196.0, 165.0)
_NOTE_S, _BREATH_S = 0.2, 0.1
_HARMONICS = 24
_FADE_S = 0.03

# The chirp's correlation has to stand out like this; noise reaches 6.
CLEAR = 10.0
# Of the echo, so much has to go before the model no longer interrupts itself.
ENOUGH_DB, LITTLE_DB = 20.0, 10.0
_SPAN_S = 4.096


@dataclass(frozen=True, slots=True)
class EchoFound:
    """An echo, measured."""

    delay_ms: float
    level_db: float
    """Of what the microphone heard against what was played."""
    cancelled_db: float | None
    """What the canceller takes of it after a few seconds; None without a canceller."""


class Verdict(StrEnum):
    """Whether the user needs headphones to interrupt by speaking."""

    NO_ECHO = "no echo"
    NOT_NEEDED = "not needed"
    ADVISABLE = "advisable"
    NEEDED = "needed"


def verdict(echo: EchoFound | None) -> Verdict:
    """What `echo` means for a conversation."""
    if echo is None:
        return Verdict.NO_ECHO
    if echo.cancelled_db is None or echo.cancelled_db < LITTLE_DB:
        return Verdict.NEEDED
    return Verdict.NOT_NEEDED if echo.cancelled_db >= ENOUGH_DB else Verdict.ADVISABLE


def probe_sound() -> bytes:
    """Silence, a rising chirp, silence and a melody: 24 kHz 16-bit mono, `SOUND_S` long."""
    silence = [np.zeros(round(s * SPEAKER_RATE_HZ)) for s in (LEAD_S, PAUSE_S)]
    count = round(MELODY_S / (_NOTE_S + _BREATH_S))
    # From a seed, so that every run sounds and measures alike.
    breaths = np.random.default_rng(1).normal(0, 0.2, (count, round(_BREATH_S * SPEAKER_RATE_HZ)))
    notes = [_note(_NOTES_HZ[i % len(_NOTES_HZ)], breaths[i]) for i in range(count)]
    sound = np.concatenate([silence[0], _chirp(), silence[1], *notes])
    return bytes(np.round(sound * PEAK).astype("<i2").tobytes())


def echo_found(
    near: Sequence[bytes], far: Sequence[bytes], canceller: Canceller | None
) -> EchoFound | None:
    """The echo in `near`, frames of 10 ms, of the test sound in `far`; None if there is none.

    `far` is what was played, in step with `near`, and begins with the first sound or before.
    """
    heard, played = _samples(near), _samples(far)
    begin = int(np.flatnonzero(played)[0])
    length = round((CHIRP_S + PAUSE_S) * SPEAKER_RATE_HZ)
    chirp = played[begin : begin + round(CHIRP_S * SPEAKER_RATE_HZ)]
    window = heard[_at_mic_rate(begin) : _at_mic_rate(begin + length)]
    curve = correlation(window, np.pad(chirp, (0, length - len(chirp))), _SPAN_S)
    mean = float(np.sqrt(np.mean(curve * curve)))
    if not mean or float(curve.max()) < CLEAR * mean:
        return None
    lag = int(curve.argmax())
    return EchoFound(
        lag * 1000 / MIC_RATE_HZ,
        _echo_db(window, heard[: _at_mic_rate(begin)], chirp),
        None if canceller is None else _cancelled_db(near, far, canceller),
    )


def _echo_db(heard: Samples, before: Samples, chirp: Samples) -> float:
    """The energy of the chirp's echo, without that of the room's noise, against the chirp's."""
    noise = _power(before) * len(heard) if len(before) else 0.0
    energy = max(_power(heard) * len(heard) - noise, 1.0) / MIC_RATE_HZ
    return 10 * math.log10(energy * SPEAKER_RATE_HZ / (_power(chirp) * len(chirp)))


def _cancelled_db(near: Sequence[bytes], far: Sequence[bytes], canceller: Canceller) -> float:
    """How much softer the end of the melody is after the canceller."""
    clean = [canceller.cancel(n, f) for n, f in zip(near, far, strict=True)]
    sounding = [i for i, frame in enumerate(far) if any(frame)]
    judged = slice(sounding[-1] - round(JUDGED_S * 1000 / FRAME_MS), sounding[-1])
    before, after = _power(_samples(near[judged])), _power(_samples(clean[judged]))
    return 10 * math.log10(max(before, 1.0) / max(after, 1.0))


def _chirp() -> Samples:
    """A sine whose pitch rises at an even pace to the ear."""
    t_s = np.arange(round(CHIRP_S * SPEAKER_RATE_HZ)) / SPEAKER_RATE_HZ
    octaves = math.log(_HIGHEST_HZ / _LOWEST_HZ)
    phase = _LOWEST_HZ * CHIRP_S / octaves * np.expm1(t_s / CHIRP_S * octaves)
    return _faded(np.sin(2 * np.pi * phase))


def _note(pitch_hz: float, breath: Samples) -> Samples:
    """A hummed note after a breath: cancellers are made for speech, which hisses between vowels."""
    t_s = np.arange(round(_NOTE_S * SPEAKER_RATE_HZ)) / SPEAKER_RATE_HZ
    glide = pitch_hz * t_s * (1 + 0.3 * t_s / _NOTE_S)
    waves = [np.sin(2 * np.pi * n * glide + n * n) / n**0.7 for n in range(1, _HARMONICS + 1)]
    tone = np.sum(waves, axis=0)
    hum = _faded(tone / np.abs(tone).max())
    return np.concatenate([_faded(breath), hum])


def _faded(sound: Samples) -> Samples:
    ramp = np.minimum(1.0, np.arange(len(sound)) / (_FADE_S * SPEAKER_RATE_HZ))
    faded: Samples = (sound * ramp * ramp[::-1]).astype(np.float32)
    return faded


def _samples(frames: Sequence[bytes]) -> Samples:
    return np.frombuffer(b"".join(frames), "<i2").astype(np.float32)


def _power(samples: Samples) -> float:
    return float(np.mean(samples.astype(np.float64) ** 2)) if len(samples) else 0.0


def _at_mic_rate(samples: int) -> int:
    return samples * NEAR_BYTES // FAR_BYTES
