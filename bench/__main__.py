"""`python -m bench`: measure voicecli beside its peers, print the table, write it into docs."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import systems
from bench.catalogue import wrong
from bench.ground import tell
from bench.latency import recorder_latency_ms
from bench.plan import FULL, RIVAL, SHORT, Plan
from bench.product import System
from bench.report import PLOT, Column, document, plain, rows
from bench.run import Run
from bench.server import BenchServer
from bench.speech import missing_speaker
from bench.virtual_audio import missing_tool

DOCS = systems.ROOT / "docs"
RIVALS = ("baseline", "pipecat", "livekit")
SCENES = tuple(Run().scenes())


def main(arguments: Sequence[str] | None = None) -> int:
    """0: all results are right; 1: something of voicecli is wrong; 2: it cannot run here."""
    options = _options(arguments)
    lacking = missing_tool() or missing_speaker()
    if lacking is not None:
        tell(f"{lacking} is not installed: no benchmark here")
        return 2
    rivals = () if options.short else options.rivals
    columns: list[Column] = []
    waves: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(prefix="voicecli-bench-") as folder, BenchServer() as server:
        for name in ("voicecli", *rivals):
            plan = SHORT if options.short else FULL if name == "voicecli" else RIVAL
            column, run = _measure(name, plan, options.only, server, Path(folder))
            columns.append(column)
            if run.cut is not None:
                waves.append(_wave(column, run))
        print(plain(rows(columns)), flush=True)
        if rivals == RIVALS and options.only == SCENES:
            _write(columns, waves, Path(folder))
    faults = wrong(columns[0].figures)
    for fault in faults:
        tell(f"wrong: {fault}")
    return 1 if faults else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--short", action="store_true", help="voicecli alone, in two minutes")
    parser.add_argument("--only", type=_names(SCENES), default=SCENES, metavar=",".join(SCENES))
    parser.add_argument("--rivals", type=_names(RIVALS), default=RIVALS, metavar=",".join(RIVALS))
    return parser.parse_args(arguments)


def _names(known: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    def chosen(text: str) -> tuple[str, ...]:
        names = () if text == "none" else tuple(text.split(","))
        if unknown := set(names) - set(known):
            raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: not one of them")
        return tuple(name for name in known if name in names)

    return chosen


def _measure(
    name: str, plan: Plan, only: tuple[str, ...], server: BenchServer, folder: Path
) -> tuple[Column, Run]:
    run = Run()
    system = _system(name)
    if isinstance(system, str):
        tell(f"{name}: {system}")
        return Column(name, "", {}, absent=system), run
    scenes = only if name == "voicecli" else tuple(scene for scene in only if scene != "help")
    figures = run.measure(system, plan, scenes, server=server, folder=folder, logs=systems.LOGS)
    return Column(system.name, system.version, figures), run


def _system(name: str) -> System | str:
    """The system, or why it is not there."""
    if name == "voicecli":
        return systems.VOICECLI
    if name == "baseline":
        return systems.BASELINE
    tell(f"{name}: installing into {systems.CACHE}")
    return systems.installed(name) or systems.rival(name)


def _wave(column: Column, run: Run) -> dict[str, object]:
    cut = run.cut
    assert cut is not None
    return {
        "name": column.title,
        "rate_hz": cut.played.rate_hz,
        "before_s": cut.at_s - cut.played.start_s,
        "stop_ms": cut.stop_ms,
        "samples": cut.played.samples.tolist(),
    }


def _write(columns: Sequence[Column], waves: list[dict[str, object]], folder: Path) -> None:
    """docs/benchmarks.md and its picture."""
    source = folder / "waveforms.json"
    source.write_text(json.dumps(waves), encoding="utf-8")
    trouble = systems.installed("plot")
    if not trouble:
        plot = [str(systems.PYTHON), str(systems.HERE / "plot.py"), str(source), str(DOCS / PLOT)]
        subprocess.run(plot, check=True)
    text = document(columns, recorder_ms=recorder_latency_ms(), plotted=not trouble)
    (DOCS / "benchmarks.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
