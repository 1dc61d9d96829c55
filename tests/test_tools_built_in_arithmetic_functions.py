"""No number grows without bound, and none is complex or infinite."""

from __future__ import annotations

import math
from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.tools.built_in.arithmetic_functions import (
    FUNCTIONS,
    MAX_BITS,
    OPERATIONS,
    Number,
    bounded,
    called,
)

NUMBERS: st.SearchStrategy[Number] = st.one_of(
    st.fractions(), st.floats(allow_nan=False, allow_infinity=False)
)


def is_in_bounds(value: Number) -> bool:
    if isinstance(value, Fraction):
        return max(value.numerator.bit_length(), value.denominator.bit_length()) <= MAX_BITS
    return math.isfinite(value)


@given(st.sampled_from(sorted(FUNCTIONS)), st.lists(NUMBERS, max_size=3))
def test_a_function_has_a_number_in_bounds_or_none(name: str, values: list[Number]) -> None:
    with suppress(ValueError, OverflowError, ZeroDivisionError):
        assert is_in_bounds(called(name, values))


@given(st.sampled_from(sorted(OPERATIONS)), NUMBERS, NUMBERS)
def test_so_has_an_operation(sign: str, left: Number, right: Number) -> None:
    with suppress(ValueError, OverflowError, ZeroDivisionError):
        assert is_in_bounds(bounded(OPERATIONS[sign](left, right)))


def test_what_is_too_long_to_be_exact_goes_on_as_a_float() -> None:
    long = Fraction(2**MAX_BITS + 1, 2**MAX_BITS)
    assert isinstance(bounded(long), float)
    with pytest.raises(OverflowError):
        bounded(Fraction(2**MAX_BITS))


@given(st.fractions(min_value=0))
def test_the_root_of_a_square_is_exact(value: Fraction) -> None:
    assert called("sqrt", [value * value]) == value


@given(st.integers(-(10**6), 10**6), st.integers(0, 6))
def test_half_goes_away_from_zero(whole: int, places: int) -> None:
    unit = Fraction(1, 10**places)
    halfway = (whole + Fraction(1, 2)) * unit
    expected = (whole + 1 if halfway > 0 else whole) * unit
    assert called("round", [halfway, Fraction(places)]) == expected
