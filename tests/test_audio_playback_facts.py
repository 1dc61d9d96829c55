"""The figures by which a listener's trouble is told: each hole is counted once and rightly."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicecli.audio.playback_facts import PlaybackFacts


def test_a_hole_that_was_concealed_is_no_gap() -> None:
    assert PlaybackFacts().after_hole(480, 0) == PlaybackFacts(0, 0.0, 20.0)


def test_a_hole_that_was_too_long_is_both() -> None:
    assert PlaybackFacts(1, 5.0, 7.0).after_hole(2400, 240) == PlaybackFacts(2, 15.0, 107.0)


@given(st.lists(st.tuples(st.integers(0, 2880), st.integers(0, 24_000)), max_size=20))
def test_holes_add_up(holes: list[tuple[int, int]]) -> None:
    facts = PlaybackFacts()
    for concealed, silent in holes:
        facts = facts.after_hole(concealed, silent)
    assert facts.gaps == sum(silent > 0 for _, silent in holes)
    assert abs(facts.gap_ms - sum(silent for _, silent in holes) / 24) < 1e-6
    assert abs(facts.concealed_ms - sum(concealed for concealed, _ in holes) / 24) < 1e-6
