"""The numbers of the calculator, and what can be done with them: bounded, never complex. Pure."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction

Number = Fraction | float

# Some 1,200 digits. What is larger is worked out as floating point, or refused.
MAX_BITS = 4096
MAX_FACTORIAL = 500
# The distance of two floats near 1: sin(pi) is off by as much as pi is.
EPSILON = 2.0**-52


def bounded(value: Number) -> Number:
    """`value`, as floating point where it is too long to go on with. Raises OverflowError."""
    if isinstance(value, Fraction):
        return value if _bits(value) <= MAX_BITS else float(value)
    if not math.isfinite(value):
        raise OverflowError
    return value


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(base, Fraction) and isinstance(exponent, Fraction) and exponent.denominator == 1:
        times = int(exponent)
        # 0, 1 and -1 stay as small as they are.
        if base in {0, 1, -1} or _bits(base) * abs(times) <= MAX_BITS:
            return Fraction(base**times)
        # An odd power of a negative number is negative; a float may not tell odd from even.
        size = math.pow(abs(base), times)
        return -size if base < 0 and times % 2 else size
    if base < 0 and exponent % 1:
        raise ValueError("a negative number has no such root")
    return math.pow(base, exponent)


OPERATIONS: dict[str, Callable[[Number, Number], Number]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "of": operator.mul,
    "/": operator.truediv,
    "//": lambda left, right: _whole(left // right),
    "%": operator.mod,
    "**": _power,
    "^": _power,
}


def _whole(value: Number) -> Number:
    return Fraction(int(value))


def _root(value: Number) -> Number:
    """Exact for squares of fractions, since people ask for those."""
    if isinstance(value, Fraction) and value >= 0:
        root = Fraction(math.isqrt(value.numerator), math.isqrt(value.denominator))
        if root * root == value:
            return root
    return math.sqrt(value)


def _rounded(value: Number, places: Number = 0.0) -> Number:
    """Half goes away from zero, as it is taught."""
    if places % 1 or not -100 <= places <= 100:
        raise ValueError("round takes a whole number of places, at most 100")
    scale = Fraction(10) ** int(places)
    size = math.floor(abs(Fraction(value)) * scale + Fraction(1, 2)) / scale
    return size if value >= 0 else -size


def _angle(function: Callable[[float], float]) -> Callable[[Number], Number]:
    """`function` of an angle, with 0 where it would be but for the last place of the angle."""

    def of(angle: Number) -> Number:
        exact = float(angle)
        value = function(exact)
        return 0.0 if abs(exact) >= 1 and abs(value) <= EPSILON * abs(exact) else value

    return of


def _logarithm(value: Number, base: Number | None = None) -> Number:
    # Of whole numbers, math.log takes those that are too long for a float.
    top = int(value) if value % 1 == 0 else float(value)
    return math.log(top) if base is None else math.log(top) / math.log(base)


def _factorial(value: Number) -> Number:
    if value < 0 or value % 1:
        raise ValueError("factorial takes whole numbers from 0")
    if value > MAX_FACTORIAL:
        raise OverflowError
    return Fraction(math.factorial(int(value)))


CONSTANTS: dict[str, Number] = {"pi": math.pi, "e": math.e, "tau": math.tau}
FUNCTIONS: dict[str, Callable[..., Number]] = {
    "abs": abs,
    "acos": math.acos,
    "asin": math.asin,
    "atan": math.atan,
    "cbrt": math.cbrt,
    "ceil": lambda value: Fraction(math.ceil(value)),
    "cos": _angle(math.cos),
    "degrees": math.degrees,
    "exp": math.exp,
    "factorial": _factorial,
    "floor": lambda value: Fraction(math.floor(value)),
    "ln": lambda value: _logarithm(value),
    "log": _logarithm,
    "log10": lambda value: _logarithm(value, 10),
    "max": lambda *values: max(values),
    "min": lambda *values: min(values),
    "radians": math.radians,
    "round": _rounded,
    "sin": _angle(math.sin),
    "sqrt": _root,
    "tan": _angle(math.tan),
}


def called(name: str, values: list[Number]) -> Number:
    """What the function `name` makes of `values`. Raises ValueError, OverflowError."""
    try:
        return bounded(FUNCTIONS[name](*values))
    except TypeError:
        raise ValueError(f"{name} does not take {len(values)} numbers") from None
    except ValueError as error:
        # "math domain error" tells nobody anything.
        own = "math" not in str(error) and "expected" not in str(error)
        raise ValueError(str(error) if own else f"{name} has no value there") from None
