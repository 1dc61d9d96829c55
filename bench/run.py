"""One run over one system: its scenes in their order, each allowed to fail alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import numpy as np

from bench import footprint, hearing, loudspeaker, playing
from bench.catalogue import wrong
from bench.figures import Failed, Figure
from bench.ground import Ground, ground, tell
from bench.plan import Plan
from bench.playing import Cut
from bench.product import System
from bench.server import BenchServer

Scene = Callable[[Ground], dict[str, Figure]]

# What a clean machine may answer at any time: a scene failed, the others go on.
TROUBLES = (RuntimeError, OSError, AssertionError, ValueError, IndexError)


class Run:
    """`cut` is a typical interruption of the run, for the picture."""

    def __init__(self) -> None:
        self.cut: Cut | None = None

    def scenes(self) -> Mapping[str, Scene]:
        return {
            "startup": footprint.startup,
            "help": footprint.help_text,
            "uplink": hearing.uplink,
            "start_stop": self._start_and_stop,
            "jitter": playing.jitter,
            "stall": playing.stall,
            "burst": playing.burst,
            "self": loudspeaker.self_interruptions,
            "barge_in": loudspeaker.real_interruptions,
            "cpu": footprint.footprint,
        }

    def measure(
        self,
        system: System,
        plan: Plan,
        only: Collection[str],
        *,
        server: BenchServer,
        folder: Path,
        logs: Path,
    ) -> dict[str, Figure]:
        """The figures of the scenes that `only` names."""
        figures: dict[str, Figure] = {}
        with ground(system, plan, server, folder, logs) as on:
            for name, scene in self.scenes().items():
                if name not in only:
                    continue
                found = _play(system, name, scene, on)
                if plan.second_try and wrong(found):
                    found = _play(system, name, scene, on)
                figures |= found
        return figures

    def _start_and_stop(self, on: Ground) -> dict[str, Figure]:
        figures, cuts = playing.start_and_stop(on)
        stops_ms = [cut.stop_ms for cut in cuts]
        self.cut = cuts[int(np.argsort(stops_ms)[len(stops_ms) // 2])]
        return figures


def _play(system: System, name: str, scene: Scene, on: Ground) -> dict[str, Figure]:
    tell(f"{system.name}: {name}")
    try:
        found = scene(on)
    except TROUBLES as error:
        found = {name: Failed(str(error) or type(error).__name__)}
    for key, figure in found.items():
        tell(f"  {key}: {figure}")
    return found
