"""The seam to sound hardware: what a speaker and a microphone need of a device, and no more.

A sound card and nothing at all each have a form (`pyaudio_device`, `null_device`), so that the
rest neither knows nor cares.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Fill = Callable[[int], bytes]
"""Asked for n samples of 24 kHz 16-bit mono PCM; returns exactly 2 n bytes; never raises."""

Deliver = Callable[[bytes], None]
"""Handed 16 kHz 16-bit mono PCM as it comes; returns at once; never raises."""


class OutputDevice(Protocol):
    """Something that plays 24 kHz 16-bit mono PCM and sets the pace at which it is asked for."""

    @property
    def name(self) -> str | None:
        """How the user knows it; None for a device that stands for none."""

    @property
    def latency_s(self) -> float:
        """From the return of `fill` to the sound being heard."""

    def start(self, fill: Fill) -> None:
        """Begin to call `fill` from any thread. Raises SoundDeviceError."""

    def close(self) -> None:
        """Stop at once and for good; `fill` is not called after the return.

        From any thread and safe to call twice; a start that comes later or is under way is undone.
        """


class InputDevice(Protocol):
    """Something that hears 16 kHz 16-bit mono PCM, some milliseconds at a time."""

    @property
    def name(self) -> str | None:
        """How the user knows it; None for a device that stands for none."""

    def start(self, deliver: Deliver) -> None:
        """Begin to call `deliver` from any thread. Raises SoundDeviceError."""

    def close(self) -> None:
        """Stop for good, as an output does; `deliver` is not called after the return."""
