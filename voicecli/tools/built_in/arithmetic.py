"""Works out what people ask a pocket calculator: exact where it can be, always at once. Pure.

Whole numbers and decimals are exact fractions, so 0.1 + 0.2 is 0.3; roots, angles and logarithms
are floating point, told to 15 digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from voicecli.tools.built_in.arithmetic_functions import (
    CONSTANTS,
    FUNCTIONS,
    OPERATIONS,
    Number,
    bounded,
    called,
)

# More than anybody says; with it all work is bounded.
MAX_CHARACTERS = 500
MAX_DEPTH = 50
# The digits of a float that are true.
DIGITS = 15
# `1e400` is written in five characters; a float ends at 308.
MAX_TEN_POWER = 400

_WORD = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z][A-Za-z0-9]*)|(?P<sign>\*\*|//|[-+*/%^(),]))"
)
_SPELLINGS = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-"})
# How strongly an operator holds on to its left side; the sign of a number lies between * and **.
_BINDS = {"+": 1, "-": 1, "*": 2, "of": 2, "/": 2, "//": 2, "%": 2, "**": 4, "^": 4}
_SIGN_BINDS = 3
_KNOWN = sorted({*FUNCTIONS, *CONSTANTS})


@dataclass(frozen=True, slots=True)
class _Percent:
    """`10%`, of which is not known yet what it is a part of."""

    value: Number


def calculate(expression: str) -> str:
    """The value of `expression` in digits.

    Raises ValueError, with what is wrong in words, for whatever is no arithmetic, has no value or
    is too large.
    """
    if len(expression) > MAX_CHARACTERS:
        raise ValueError(f"the expression is longer than {MAX_CHARACTERS} characters")
    try:
        return _digits(_Reader(_words(expression)).whole())
    except ZeroDivisionError:
        raise ValueError("that divides by zero") from None
    except OverflowError:
        raise ValueError("the number is too large") from None


def _words(expression: str) -> list[str]:
    text = expression.translate(_SPELLINGS).rstrip()
    words, at = [], 0
    while at < len(text):
        found = _WORD.match(text, at)
        if found is None:
            raise ValueError(f"{text[at:].strip()[0]!r} is no part of arithmetic here")
        words.append(found.group().strip())
        at = found.end()
    return words


class _Reader:
    """Reads words from left to right, and works out what it has read."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self._at = 0
        self._depth = 0

    def whole(self) -> Number:
        value = self._value(0)
        if self._next:
            raise ValueError(f"{self._next!r} was not expected there")
        return value

    @property
    def _next(self) -> str:
        return self._words[self._at] if self._at < len(self._words) else ""

    def _take(self) -> str:
        word = self._next
        self._at += 1
        return word

    def _expect(self, word: str) -> None:
        if self._take() != word:
            raise ValueError(f"there should be a {word!r}")

    def _value(self, binds: int) -> Number:
        return _plain(self._operand(binds))

    def _operand(self, binds: int) -> Number | _Percent:
        """What stands next, with all operators after it that bind more than `binds`."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels")
        left: Number | _Percent = self._first()
        while self._next == "%" and not self._is_remainder():
            self._at += 1
            left = _Percent(_plain(left))
        while (sign := self._next) in _BINDS and _BINDS[sign] > binds:
            self._at += 1
            # A power holds on to a power on its right: 2 ** 3 ** 2 is 2 ** 9.
            right = self._operand(_BINDS[sign] - (sign in {"**", "^"}))
            left = _applied(sign, _plain(left), right)
        self._depth -= 1
        return left

    def _is_remainder(self) -> bool:
        """Whether a number begins after the `%` that stands next."""
        after = self._words[self._at + 1 : self._at + 2]
        return bool(after) and after[0] != "of" and (after[0][0].isalnum() or after[0][0] in "(.")

    def _first(self) -> Number:
        word = self._take()
        if word in {"+", "-"}:
            value = self._value(_SIGN_BINDS)
            return -value if word == "-" else value
        if word == "(":
            value = self._value(0)
            self._expect(")")
            return value
        if word[:1].isdigit() or word[:1] == ".":
            return _number(word)
        if word in CONSTANTS:
            return CONSTANTS[word]
        if word in FUNCTIONS:
            return called(word, self._arguments())
        if word[:1].isalpha():
            raise ValueError(f"{word!r} is not known; there are {', '.join(_KNOWN)}")
        raise ValueError(f"a number is missing before {word!r}" if word else "a number is missing")

    def _arguments(self) -> list[Number]:
        self._expect("(")
        values = [self._value(0)]
        while self._next == ",":
            self._at += 1
            values.append(self._value(0))
        self._expect(")")
        return values


def _number(word: str) -> Number:
    digits, _, power = word.lower().partition("e")
    if abs(int(power or 0)) > MAX_TEN_POWER:
        raise ValueError("the number is too large or too small")
    return bounded(Fraction(digits) * Fraction(10) ** int(power or 0))


def _plain(value: Number | _Percent) -> Number:
    return value.value / 100 if isinstance(value, _Percent) else value


def _applied(sign: str, left: Number, right: Number | _Percent) -> Number:
    """`left sign right`; 200 + 10% is 220, as people say it."""
    if isinstance(right, _Percent) and sign in {"+", "-"}:
        right = left * right.value / 100
    return bounded(OPERATIONS[sign](left, _plain(right)))


def _digits(value: Number) -> str:
    """`value` as it is told: whole numbers in full, others to DIGITS digits."""
    if isinstance(value, Fraction) and value.denominator == 1:
        return str(value.numerator)
    text = format(float(value), f".{DIGITS}g")
    return "0" if float(text) == 0 and value == 0 else text
