"""How figures are counted and written, and which of them are wrong results."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bench.catalogue import MEASURES, wrong
from bench.figures import Count, Failed, Values, rounded


def test_values_tell_median_p95_and_their_number() -> None:
    values = Values(tuple(float(value) for value in range(1, 101)))

    assert (values.median, round(values.p95)) == (50.5, 95)
    assert str(values) == "50 ms (p95 95, n 100)"


def test_a_single_value_has_no_distribution() -> None:
    assert str(Values((82.4,), "MB")) == "82 MB"


def test_no_values_are_a_dash() -> None:
    assert str(Values(())) == "–"
    assert str(Values((), note="nobody was heard")) == "– (nobody was heard)"


def test_notes_follow_the_figure() -> None:
    assert str(Values((-31.2, -30.8), "dB", "all of it")).endswith("; all of it")
    assert str(Count(3, 7, "replies", "12 ms")) == "3 in 7 replies (12 ms)"


def test_small_values_keep_two_digits() -> None:
    assert [rounded(value) for value in (0, 0.0123, 3.14159, -3.14, 31.4)] == [
        "0",
        "0.012",
        "3.1",
        "−3.1",
        "31",
    ]


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_the_median_is_never_above_what_most_stay_below(values: list[float]) -> None:
    figure = Values(tuple(values))

    assert figure.median <= figure.p95 <= max(values)


def test_no_time_is_wrong() -> None:
    slow = {measure.key: Values((1e9,)) for measure in MEASURES}

    assert wrong(slow) == []


def test_every_strict_count_above_zero_is_wrong() -> None:
    strict = [measure for measure in MEASURES if measure.strict]
    faults = wrong({measure.key: Count(1, 9, "replies") for measure in MEASURES})

    assert faults == [f"{measure.title}: 1 in 9 replies" for measure in strict]
    assert wrong({measure.key: Count(0, 9, "replies") for measure in MEASURES}) == []
    assert {"lost", "self", "missed", "jitter_40"} <= {measure.key for measure in strict}


def test_what_could_not_be_measured_is_wrong() -> None:
    assert wrong({"uplink": Failed("no setup came")}) == ["uplink: no setup came"]
