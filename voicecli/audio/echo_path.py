"""How the loudspeaker's sound gets into the microphone: how late, how loud, how clearly.

Pure. The two are compared by correlation. A Fourier transform of so many seconds has the same
frequencies for both rates, 16 and 24 kHz, so that neither needs resampling.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voicecli.audio.echo_canceller import FRAME_MS
from voicecli.audio.pcm import MIC_RATE_HZ, SPEAKER_RATE_HZ

# Long enough to tell an echo from a second voice, short enough to fit before an interruption.
HEARD_MS = 250
# The longest way that sound takes: 250 ms in Bluetooth's boxes, and some reserve.
LONGEST_LAG_MS = 450

# 16384 samples of the one and 24576 of the other: fast to transform, and long enough for both.
SPAN_S = 1.024
# Speech has its strength, and small loudspeakers begin to have theirs, between these.
_BAND_HZ = (200, 4_000)
# Between plain correlation (0), blurred by the voice's own pitch, and phase alone (1), all noise.
_WHITENING = 0.7

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Echo:
    """An echo as it was found: when it comes, how loud, and how sure it stands out."""

    lag_ms: float
    level_db: float
    """Of the microphone's sound against what was played."""
    clearness: float
    """The correlation's peak against its mean: noise reaches 5, an echo 8 and more."""
    at_known_lag: float
    """The correlation at the lag that was asked for, against the peak: from 0 to 1."""


class EchoPath:
    """Remembers the last moments of both sides, and finds the one in the other."""

    def __init__(self) -> None:
        self._near: deque[bytes] = deque(maxlen=HEARD_MS // FRAME_MS)
        self._far: deque[bytes] = deque(maxlen=(HEARD_MS + LONGEST_LAG_MS) // FRAME_MS)

    def add(self, near: bytes, far: bytes) -> None:
        """10 ms of the microphone (16 kHz) and of what was played (24 kHz)."""
        self._near.append(near)
        self._far.append(far)

    def find(self, known_lag_ms: float | None = None) -> Echo | None:
        """The echo of what was played, in 0.3 ms of work; None if either side was silent."""
        near = np.frombuffer(b"".join(self._near), "<i2").astype(np.float32)
        far = np.frombuffer(b"".join(self._far), "<i2").astype(np.float32)
        if not near.any() or not far.any():
            return None
        curve = correlation(near, far)
        lag_samples = int(curve.argmax())
        peak = max(float(curve[lag_samples]), 1e-30)
        mean = float(np.sqrt(np.mean((curve / peak) ** 2)))
        at_known = 0.0 if known_lag_ms is None else _around(curve, known_lag_ms)
        return Echo(
            lag_samples * 1000 / MIC_RATE_HZ,
            _level_db(near, far, lag_samples),
            1 / max(mean, 1e-3),
            at_known / peak,
        )


def correlation(near: Samples, far: Samples, span_s: float = SPAN_S) -> Samples:
    """How alike `near` (16 kHz) and `far` (24 kHz) are for each lag in samples at 16 kHz.

    Both end at the same time; `span_s` is no shorter than either.
    """
    near_samples = round(span_s * MIC_RATE_HZ)
    band = slice(*(round(hz * span_s) for hz in _BAND_HZ))
    late = np.fft.rfft(_at_the_end(near, near_samples))[band]
    early = np.fft.rfft(_at_the_end(far, round(span_s * SPEAKER_RATE_HZ)))[band]
    cross = late * np.conj(early)
    strength = np.abs(cross)
    # What has next to no strength carries no information: it is not to be raised.
    strength += strength.max() * 1e-9 + 1e-9
    spectrum = np.zeros(near_samples // 2 + 1, np.complex64)
    spectrum[band] = cross / strength**_WHITENING
    lags = np.fft.irfft(spectrum, near_samples)[: LONGEST_LAG_MS * MIC_RATE_HZ // 1000]
    return np.abs(lags).astype(np.float32)


def _at_the_end(samples: Samples, length: int) -> Samples:
    padded = np.zeros(length, np.float32)
    padded[length - len(samples) :] = samples
    return padded


def _around(curve: Samples, lag_ms: float) -> float:
    """The strongest correlation within 2 ms of `lag_ms`: reflections come close to each other."""
    lag, reach = round(lag_ms * MIC_RATE_HZ / 1000), 2 * MIC_RATE_HZ // 1000
    return float(curve[max(0, lag - reach) : lag + reach + 1].max(initial=0.0))


def _level_db(near: Samples, far: Samples, lag_samples: int) -> float:
    lag = lag_samples * SPEAKER_RATE_HZ // MIC_RATE_HZ
    length = len(near) * SPEAKER_RATE_HZ // MIC_RATE_HZ
    end = len(far) - lag
    played = far[max(0, end - length) : end]
    heard = float(np.dot(near, near)) / len(near)
    given = float(np.dot(played, played)) / max(1, len(played))
    return 10 * math.log10(max(heard, 1e-3) / max(given, 1e-3))
