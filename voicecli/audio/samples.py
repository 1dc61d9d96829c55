"""PCM as numbers, and the fades that keep its joins from clicking. Pure."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
"""In the units of 16-bit PCM, so up to 32767; or gains from 0 to 1."""


def decoded(pcm: bytes) -> Samples:
    """The samples of 16-bit little-endian PCM."""
    return np.frombuffer(pcm, "<i2").astype(np.float32)


def encoded(samples: Samples) -> bytes:
    """16-bit little-endian PCM; what is too loud for it is clipped."""
    return np.clip(np.rint(samples), -32_768, 32_767).astype("<i2").tobytes()


@functools.lru_cache(maxsize=8)
def fade_in(n_samples: int) -> Samples:
    """Gains from 0 to 1 along half a cosine; with its reverse it adds up to 1. Read-only."""
    turns = np.pi * (np.arange(n_samples) + 0.5) / max(1, n_samples)
    gains: Samples = (0.5 - 0.5 * np.cos(turns)).astype(np.float32)
    gains.setflags(write=False)
    return gains


def fade_out(n_samples: int) -> Samples:
    """Gains from 1 to 0 along half a cosine."""
    return fade_in(n_samples)[::-1]


def swell(n_samples: int, fade_samples: int) -> Samples:
    """Gains from 0 up and down to 0 again, no steeper than a fade of `fade_samples`.

    For sound that is no longer than that: the shorter it is, the softer.
    """
    rising = fade_in(fade_samples)[:n_samples]
    return np.minimum(rising, rising[::-1])


def cross_faded(before: Samples, after: Samples) -> Samples:
    """`before` going over into `after`; both of the same length."""
    return before + (after - before) * fade_in(len(after))
