"""The table of a run, on the terminal and as docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bench.catalogue import MEASURES
from bench.figures import Figure, rounded

PLOT = "benchmark-stop.png"

HOW = """\
# Benchmarks

Written by `make bench`, which runs everything here: do not edit.

{machine}

{table}

{plot}

## How it is measured

Each system runs as a process of its own, as its users start it, between a virtual sound card (a
private PulseAudio with a null sink for the speaker and one for the microphone) and a server that
speaks the Live API over TLS and does what a script tells it, from fixed seeds. Nothing inside the
process is looked at. Clocks are `time.monotonic` at the speaker's monitor, at the microphone's
feed and at the server's socket. By the recorder's clock a click that is written straight into the
sound server is heard after {recorder_ms} ms (median), which is not subtracted.

The rooms have delays of 40 to 250 ms, echoes of −6 to −20 dB, a reverberation of 0.25 s (RT60),
clocks that differ by 100 ppm and a noise floor of −66 dBFS; the simulation's own delay is measured
with a chirp each time and is a part of the room's. Users are flite's voices, the model's are
flite's and eSpeak's. Voice activity is detected by the local server's detector with its default
sensitivity.

Each cell says the median, what 95 % stay below, and the number of tries.

| measure | what it is | goal for voicecli |
|---|---|---|
{meanings}

The baseline is the pattern of most samples for the Live API: asyncio queues around PyAudio's
blocking reads and writes ([bench/baseline.py](../bench/baseline.py)). The other systems are the
smallest programs that their frameworks allow ([bench/rivals](../bench/rivals)), with the settings
that they come with.

## How to repeat it

```sh
make bench                                         # everything, some 40 minutes; writes this file
make bench ARGS=--short                            # voicecli alone, two minutes; prints a table
make bench ARGS="--only start_stop,jitter --rivals none"
```

It needs what the tests need of the system: pulseaudio, pulseaudio-utils, libasound2-plugins and
flite. The rivals are installed into `.bench/`. Let nothing else run meanwhile.
"""


@dataclass(frozen=True, slots=True)
class Column:
    """A system with its figures; `absent` says why there are none."""

    name: str
    version: str
    figures: Mapping[str, Figure]
    absent: str = ""

    @property
    def title(self) -> str:
        return f"{self.name} {self.version}".strip()

    def cell(self, key: str) -> str:
        if self.absent:
            return self.absent
        return str(self.figures[key]) if key in self.figures else "–"


def rows(columns: Sequence[Column]) -> list[list[str]]:
    """Title row and a row for each measure that any of the systems has."""
    table = [["", *(column.title for column in columns)]]
    for measure in MEASURES:
        if any(measure.key in column.figures for column in columns):
            table.append([measure.title, *(column.cell(measure.key) for column in columns)])
    return table


def markdown(table: Sequence[Sequence[str]]) -> str:
    head, *body = (f"| {' | '.join(row)} |" for row in table)
    return "\n".join([head, "|---" * len(table[0]) + "|", *body])


def plain(table: Sequence[Sequence[str]]) -> str:
    """For a terminal: columns side by side."""
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    )
    return "\n".join(lines)


def document(columns: Sequence[Column], *, recorder_ms: float, plotted: bool) -> str:
    """docs/benchmarks.md."""
    shown = {row[0] for row in rows(columns)}
    meanings = [
        f"| {measure.title} | {measure.meaning} | {measure.goal} |"
        for measure in MEASURES
        if measure.title in shown
    ]
    picture = (
        f"The speaker around an interruption, chunks of 200 ms:\n\n![waveforms]({PLOT})"
        if plotted
        else ""
    )
    return HOW.format(
        machine=machine(),
        table=markdown(rows(columns)),
        plot=picture,
        recorder_ms=rounded(recorder_ms),
        meanings="\n".join(meanings),
    )


def machine() -> str:
    """Where and when this was measured."""
    model = "an unknown processor"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return (
        f"{date.today():%d %B %Y}; {model}, {os.cpu_count()} cores; {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}."
    )
