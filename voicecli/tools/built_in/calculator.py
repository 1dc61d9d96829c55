"""Sums, roots and percentages, which models often guess instead of working them out."""

from __future__ import annotations

from voicecli.tools.built_in.arithmetic import calculate
from voicecli.tools.declare import tool
from voicecli.tools.tool import ArgumentsError


@tool
def calculator(expression: str) -> str:
    """Works out an arithmetic expression exactly, such as 3 * (4 + 5), 19% of 80 or sqrt(2).

    Args:
        expression: With + - * / // % ** and parentheses, the constants pi, e, tau, and abs, acos,
            asin, atan, cbrt, ceil, cos, degrees, exp, factorial, floor, ln, log(x, base), log10,
            max, min, radians, round(x, places), sin, sqrt, tan. Angles are in radians, log
            without a base is natural. A % before no number is percent: 200 + 10% is 220.
    """
    try:
        return calculate(expression)
    except ValueError as error:
        raise ArgumentsError(str(error)) from None
