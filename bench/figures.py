"""Figures of a measure: how many, the median, and what 19 of 20 stay below."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Values:
    """Measured values in `unit`."""

    values: tuple[float, ...]
    unit: str = "ms"
    note: str = ""

    @property
    def median(self) -> float:
        return float(np.median(self.values))

    @property
    def p95(self) -> float:
        return float(np.percentile(self.values, 95))

    def __str__(self) -> str:
        if not self.values:
            return f"– ({self.note})" if self.note else "–"
        text = f"{rounded(self.median)} {self.unit}"
        if len(self.values) > 1:
            text += f" (p95 {rounded(self.p95)}, n {len(self.values)})"
        return f"{text}; {self.note}" if self.note else text


@dataclass(frozen=True, slots=True)
class Count:
    """`found` in so many tries, which are called `tries`."""

    found: int
    total: int
    tries: str
    note: str = ""

    def __str__(self) -> str:
        text = f"{self.found} in {self.total} {self.tries}"
        return f"{text} ({self.note})" if self.note else text


@dataclass(frozen=True, slots=True)
class Failed:
    """There is no figure, and why."""

    why: str

    def __str__(self) -> str:
        return f"failed: {self.why}"


Figure = Values | Count | Failed


def rounded(value: float) -> str:
    """Three digits are as much as these measurements hold."""
    if value and abs(value) < 10:
        return f"{value:.2g}".replace("-", "−")
    return f"{value:.0f}".replace("-", "−")
