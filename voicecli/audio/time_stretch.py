"""Makes a voice last a little longer or shorter without changing its pitch.

WSOLA in the form that suits a jitter buffer (as in NetEQ): now and then one period of the voice is
repeated or left out, where it fits best, with a cross-fade. Everything else stays as it was.
At 24 kHz. Pure.
"""

from __future__ import annotations

import numpy as np

from voicecli.audio.pcm import SPEAKER_RATE_HZ
from voicecli.audio.samples import Samples, cross_faded

# One period of the lowest voices, two or three of the highest: 67 to 200 Hz and their multiples.
LONGEST_PERIOD = SPEAKER_RATE_HZ * 15 // 1000
SHORTEST_PERIOD = SPEAKER_RATE_HZ * 5 // 1000
FADE = SPEAKER_RATE_HZ * 5 // 1000
# What is compared: the cross-fade and as much before it, a period rather than a bit of one.
TEMPLATE = 2 * FADE

# Of the sound before a cut.
HISTORY = 600
LENGTHEN_NEEDS = FADE
SHORTEN_NEEDS = LONGEST_PERIOD + TEMPLATE


def best_match(template: Samples, signal: Samples) -> int:
    """Where in `signal` `template` fits best (normalised cross-correlation); first of equals."""
    likeness = np.correlate(signal, template, "valid")
    energy = np.cumsum(np.square(signal, dtype=np.float64))
    windows = energy[len(template) - 1 :].copy()
    windows[1:] -= energy[: -len(template)]
    return int((likeness / np.sqrt(windows + 1.0)).argmax())


def period_before(history: Samples) -> int:
    """The length after which the end of `history` (HISTORY samples) resembles itself most."""
    template = history[-TEMPLATE:]
    return LONGEST_PERIOD - best_match(
        template, history[-LONGEST_PERIOD - TEMPLATE : -SHORTEST_PERIOD]
    )


def lengthened(history: Samples, upcoming: Samples) -> Samples:
    """`upcoming` (LENGTHEN_NEEDS samples) with one period more, to follow `history` (HISTORY)."""
    joined = np.concatenate((history, upcoming))
    earliest = len(history) - FADE - LONGEST_PERIOD
    latest = len(history) - FADE - SHORTEST_PERIOD
    at = best_match(joined[-TEMPLATE:], joined[earliest : latest + TEMPLATE])
    again = joined[earliest + at + FADE :]
    return np.concatenate((cross_faded(upcoming, again[:FADE]), again[FADE:]))


def shortened(upcoming: Samples) -> tuple[Samples, int]:
    """`upcoming` (SHORTEN_NEEDS samples) less one period, and how many samples went into that."""
    period = SHORTEST_PERIOD + best_match(upcoming[:TEMPLATE], upcoming[SHORTEST_PERIOD:])
    return cross_faded(upcoming[:FADE], upcoming[period : period + FADE]), period + FADE
