"""When a device counts as gone, when to try again, and when it needs more room. Pure."""

from __future__ import annotations

import math

# How often to look: several times within the limit below, at no cost.
LOOK_EVERY_S = 0.25

# A device calls every few milliseconds, and a sound server under load may miss some hundred.
GONE_AFTER_S = 1.0

# Looks this far apart mean that the whole machine slept or stood still: the device is not to blame.
STOOD_STILL_S = 4 * LOOK_EVERY_S

# Sound that is missing can be heard from some percent on; clocks differ by less than a thousandth.
SHORT_SHARE = 0.03
# Again and again: a library that loads, or a program that starts, is over in a second or two.
SHORT_WINDOW_S = 2.0
SHORT_WINDOWS = 3

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0


class Pulse:
    """Feels whether a device is still alive, by the time of its latest call."""

    def __init__(self) -> None:
        self._call_s: float | None = None
        self._since_s = 0.0
        self._looked_s = 0.0

    def stopped(self, call_s: float, now_s: float) -> bool:
        """Whether the device has been silent for too long; `call_s` is when it last called."""
        stood_still = now_s - self._looked_s > STOOD_STILL_S
        self._looked_s = now_s
        if call_s != self._call_s or stood_still:
            self._call_s, self._since_s = call_s, now_s
        return now_s - self._since_s >= GONE_AFTER_S


class Retries:
    """Tries for ever, ever less often: after 0.2 s, then each time twice as long, up to 5 s."""

    def __init__(self, now_s: float) -> None:
        self._pause_s = FIRST_PAUSE_S
        self._due_s = now_s + self._pause_s

    def due(self, now_s: float) -> bool:
        """Whether it is time for the next try."""
        return now_s >= self._due_s

    def failed(self, now_s: float) -> None:
        """The try that was due did not help."""
        self._pause_s = min(LONGEST_PAUSE_S, 2 * self._pause_s)
        self._due_s = now_s + self._pause_s


class Shortage:
    """Finds out whether a speaker stutters, since it comes to fetch less than time passes.

    That is what a busy machine makes of short periods; the flags of the driver miss half of it.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._samples = 0
        self._short_windows = 0
        self._began_s = self._asked_s = -math.inf

    def asked(self, n_samples: int, now_s: float) -> bool:
        """The speaker asked for so many samples; whether it lacked too many all of the time."""
        if now_s - self._asked_s > STOOD_STILL_S:
            self._began_s, self._samples, self._short_windows = now_s, 0, 0
        self._asked_s = now_s
        passed_s = now_s - self._began_s
        if passed_s < SHORT_WINDOW_S:
            self._samples += n_samples
            return False
        short = self._samples < passed_s * self._rate_hz * (1 - SHORT_SHARE)
        self._short_windows = self._short_windows + 1 if short else 0
        self._began_s, self._samples = now_s, n_samples
        return self._short_windows >= SHORT_WINDOWS
