"""Tables of a TOML file, checked: every mistake names the file, the entry and the key."""

from __future__ import annotations

from difflib import get_close_matches
from typing import NoReturn

from voicecli.errors import UsageError

# Seconds, counts and codes: 30 years of the first, and still exact as a float.
MAX_NUMBER = 1_000_000_000


class Table:
    """A TOML table with the keys it may have, and its name for errors, which are UsageError."""

    def __init__(self, values: object, name: str, allowed: tuple[str, ...]) -> None:
        self.name = name
        if not isinstance(values, dict):
            raise UsageError(f"{name}: this has to be a table", why=f"it is {type_of(values)}")
        self.values: dict[str, object] = values
        for key in values:
            if key not in allowed:
                nearest = get_close_matches(key, allowed, n=1, cutoff=0.0)[0]
                raise UsageError(f"{name}: unknown key `{key}`", hint=f"did you mean `{nearest}`?")

    def fail(self, key: str, why: str) -> NoReturn:
        raise UsageError(f"{self.name}: `{key}` is not usable", why=why)

    def text(self, key: str, *, required: bool = False) -> str:
        value = self.values.get(key, "")
        if not isinstance(value, str):
            self.fail(key, f"a text is needed, not {type_of(value)}")
        if required and not value.strip():
            self.fail(key, "it is missing or empty")
        return value

    def flag(self, key: str) -> bool:
        """True or false; false where it is left out."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            self.fail(key, f"true or false is needed, not {type_of(value)}")
        return value

    def number(self, key: str, usual: float) -> float:
        """A number from 0 to `MAX_NUMBER`."""
        value = self.values.get(key, usual)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fail(key, f"a number is needed, not {type_of(value)}")
        if not 0 <= value <= MAX_NUMBER:
            self.fail(key, f"a number from 0 to {MAX_NUMBER} is needed")
        return value

    def integer(self, key: str, usual: int) -> int:
        """A whole number from 0 to `MAX_NUMBER`."""
        value = self.number(key, usual)
        if isinstance(value, float):
            self.fail(key, "a whole number is needed")
        return value

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        """One of `choices`."""
        value = self.text(key, required=True)
        if value not in choices:
            nearest = get_close_matches(value, choices, n=1, cutoff=0.0)[0]
            raise UsageError(
                f"{self.name}: `{key}` is not usable",
                why=f"`{value}` is none of {', '.join(choices)}",
                hint=f"did you mean `{nearest}`?",
            )
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; one text stands for a list of one."""
        value = self.values.get(key, [])
        items = value if isinstance(value, list) else [value]
        for item in items:
            if not isinstance(item, str) or not item.strip():
                self.fail(key, "texts that are not empty are needed")
        return tuple(items)

    def tables(self, key: str) -> list[object]:
        value = self.values.get(key, [])
        if not isinstance(value, list):
            self.fail(key, f"a list of tables is needed, not {type_of(value)}")
        return value


def type_of(value: object) -> str:
    named = {dict: "a table", list: "a list", str: "a text", bool: "true or false"}
    other = "a number" if isinstance(value, int | float) else "a date or time"
    return named.get(type(value), other)
