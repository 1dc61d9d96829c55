"""The benchmark's table and document: every figure in its place, and how it was got beside it."""

from __future__ import annotations

import argparse
import re

import pytest

from bench.__main__ import SCENES, _names
from bench.catalogue import MEASURES
from bench.figures import Count, Values
from bench.report import PLOT, Column, document, machine, markdown, plain, rows

OURS = Column("voicecli", "", {"uplink": Values((12.0, 14.0)), "lost": Count(0, 3, "replies")})
THEIRS = Column("Peer", "1.2", {"uplink": Values((60.0,))})
ABSENT = Column("Other", "", {}, absent="does not install here: no wheel")


def test_a_row_for_each_measure_that_somebody_has() -> None:
    assert rows([OURS, THEIRS]) == [
        ["", "voicecli", "Peer 1.2"],
        ["uplink", "13 ms (p95 14, n 2)", "60 ms"],
        ["samples lost", "0 in 3 replies", "–"],
    ]


def test_a_system_that_is_not_there_says_why() -> None:
    assert rows([OURS, ABSENT])[1][2] == "does not install here: no wheel"


def test_the_table_in_markdown() -> None:
    assert markdown([["", "a"], ["b", "1"]]) == "|  | a |\n|---|---|\n| b | 1 |"


def test_the_table_on_a_terminal_is_aligned() -> None:
    assert plain([["", "one"], ["measure", "1 ms"]]) == "         one\nmeasure  1 ms"


def test_the_document_explains_every_row_and_no_other() -> None:
    text = document([OURS, THEIRS], recorder_ms=1.7, plotted=True)

    for measure in MEASURES:
        explained = f"| {measure.title} | {measure.meaning} | {measure.goal} |" in text
        assert explained == (measure.key in OURS.figures)
    assert f"({PLOT})" in text
    assert "1.7 ms" in text
    assert machine() in text
    assert not re.search(r"\{\w*\}", text)


def test_the_document_without_a_picture() -> None:
    assert PLOT not in document([OURS], recorder_ms=1.0, plotted=False)


def test_measures_have_names_of_their_own() -> None:
    for names in ([m.key for m in MEASURES], [m.title for m in MEASURES]):
        assert len(set(names)) == len(names)


def test_scenes_are_chosen_by_name_in_their_own_order() -> None:
    chosen = _names(SCENES)

    assert chosen("jitter,startup") == ("startup", "jitter")
    assert chosen("none") == ()
    with pytest.raises(argparse.ArgumentTypeError, match="speed: not one of them"):
        chosen("speed")
