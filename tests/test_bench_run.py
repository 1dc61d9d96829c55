"""A run of the benchmark: scenes in their order, a failed one alone, a wrong one a second time."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from bench.figures import Count, Failed, Figure, Values
from bench.ground import Ground
from bench.plan import FULL, SHORT, Plan
from bench.run import Run, Scene
from bench.server import BenchServer
from bench.speech import missing_speaker
from bench.systems import BASELINE, ROOT, VOICECLI
from bench.virtual_audio import missing_tool

lacking = missing_tool() or missing_speaker()
if lacking is not None:
    pytest.skip(f"{lacking} is not installed", allow_module_level=True)


class Rehearsal(Run):
    """A run with scenes that have their figures beforehand; `played` tells which were played."""

    def __init__(self, *figures: Figure | Exception) -> None:
        super().__init__()
        self.played: list[str] = []
        self._figures = list(figures)

    def scenes(self) -> Mapping[str, Scene]:
        return {name: self._scene(name) for name in ("uplink", "self", "cpu")}

    def _scene(self, name: str) -> Scene:
        def play(ground: Ground) -> dict[str, Figure]:
            self.played.append(name)
            figure = self._figures.pop(0)
            if isinstance(figure, Exception):
                raise figure
            return {name: figure}

        return play


def measure(run: Run, plan: Plan, only: tuple[str, ...], folder: Path) -> dict[str, Figure]:
    with BenchServer() as server:
        return run.measure(VOICECLI, plan, only, server=server, folder=folder, logs=folder)


def test_the_scenes_that_were_asked_for_are_played_in_order(tmp_path: Path) -> None:
    run = Rehearsal(Values((1.0,)), Values((2.0,)))

    assert list(measure(run, FULL, ("cpu", "uplink"), tmp_path)) == ["uplink", "cpu"]
    assert run.played == ["uplink", "cpu"]


def test_a_scene_that_fails_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    run = Rehearsal(RuntimeError("no sound"), Values((2.0,)))

    assert measure(run, FULL, ("uplink", "cpu"), tmp_path) == {
        "uplink": Failed("no sound"),
        "cpu": Values((2.0,)),
    }


def test_what_is_wrong_in_the_short_form_is_measured_once_more(tmp_path: Path) -> None:
    wrong, right = Count(1, 4, "replies"), Count(0, 4, "replies")

    assert measure(Rehearsal(wrong, right), SHORT, ("self",), tmp_path) == {"self": right}
    assert measure(Rehearsal(wrong, wrong), SHORT, ("self",), tmp_path) == {"self": wrong}
    assert measure(Rehearsal(wrong, right), FULL, ("self",), tmp_path) == {"self": wrong}


def test_a_real_system_is_measured_from_outside(tmp_path: Path) -> None:
    plan = dataclasses.replace(SHORT, stops=2, second_try=False)
    run = Run()
    figures = measure_baseline(run, plan, tmp_path)

    for key in ("uplink", "start_200", "stop_200"):
        figure = figures[key]
        assert isinstance(figure, Values), figure
        assert 0 < figure.median < 2_000
    assert run.cut is not None
    assert run.cut.played.start_s < run.cut.at_s


def measure_baseline(run: Run, plan: Plan, folder: Path) -> dict[str, Figure]:
    with BenchServer() as server:
        return run.measure(
            BASELINE, plan, ("uplink", "start_stop"), server=server, folder=folder, logs=folder
        )


@pytest.mark.parametrize("arguments", [["--only", "speed"], ["--rivals", "nobody"]])
def test_what_is_not_there_cannot_be_asked_for(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "not one of them" in done.stderr
