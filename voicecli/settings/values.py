"""What a value may be: one `Kind` for each sort, used for flags, the environment and TOML alike.

A kind raises `ValueError` with the reason. The reason never repeats the value: what stands in
the wrong place may be a key.
"""

from __future__ import annotations

import os
import re
import shlex
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from urllib.parse import urlsplit

MAX_DEVICE_INDEX = 9_999
MAX_TOKENS = 1_000_000

# Cc: control characters, Cs: bytes that are not UTF-8, Zl and Zp: line breaks.
_NOT_IN_A_LINE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_ON = frozenset({"1", "true", "yes", "on"})
_OFF = frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where raw values were found, and how far they may reach."""

    folder: Path
    """Relative file names start here."""
    confined: bool = False
    """Somebody else may have written it: file names must stay inside `folder`."""
    text_too: bool = False
    """Numbers and switches may be text here (the environment and flags)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of value: what to expect in words, and how to read it (ValueError if wrong)."""

    expects: str
    parse: Callable[[object, Place], object]


def type_in_words(value: object) -> str:
    """The TOML type of `value`, with its article."""
    match value:
        case str():
            return "a string"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case list() | tuple():
            return "a list"
        case datetime() | date() | time():
            return "a date or time"
        case _:
            return "a table"


def _parse_line(value: object, place: Place) -> str:
    if not isinstance(value, str):
        raise ValueError(f"it is {type_in_words(value)}")
    if not value.strip():
        raise ValueError("it is empty")
    if any(unicodedata.category(character) in _NOT_IN_A_LINE for character in value):
        raise ValueError("it has a line break or another control character in it")
    return value


def _parse_device(value: object, place: Place) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        if not 0 <= value <= MAX_DEVICE_INDEX:
            raise ValueError(f"an index goes from 0 to {MAX_DEVICE_INDEX}")
        return str(value)
    return _parse_line(value, place)


def _parse_switch(value: object, place: Place) -> bool:
    if isinstance(value, bool):
        return value
    if place.text_too and isinstance(value, str) and value.lower() in _ON | _OFF:
        return value.lower() in _ON
    raise ValueError("it is neither" if place.text_too else f"it is {type_in_words(value)}")


def _parse_words(value: object, place: Place) -> tuple[str, ...]:
    if isinstance(value, str):
        words = shlex.split(_parse_line(value, place))  # ValueError for an open quotation mark
    elif isinstance(value, list | tuple):
        words = [_parse_line(word, place) for word in value]
    else:
        raise ValueError(f"it is {type_in_words(value)}")
    if not words or not words[0]:
        raise ValueError("it names no program")
    return tuple(words)


def _parse_url(value: object, place: Place) -> str:
    line = _parse_line(value, place)
    try:
        parts = urlsplit(line)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        # The library's message repeats the part with the password in it.
        usable = False
    if not usable or any(character.isspace() for character in line):
        raise ValueError("it is not the address of a server")
    return line


def _parse_file(value: object, place: Place) -> str:
    name = _parse_line(value, place)
    if place.confined:
        return str(_inside(name, place.folder))
    return str(place.folder / os.path.expanduser(name))


def _inside(name: str, folder: Path) -> Path:
    """The real path of `name`, which must lie inside `folder` and not be hidden.

    Hidden files are refused since `.env` and `.git/config` hold secrets in many folders.
    """
    relative = Path(name)
    if relative.is_absolute() or any(part.startswith(".") for part in relative.parts):
        raise ValueError("from this file it may only name visible files below the same folder")
    try:
        real = (folder / relative).resolve()
        root = folder.resolve()
    except (OSError, RuntimeError):  # RuntimeError: a loop of links (Python < 3.13)
        raise ValueError("the file's real place cannot be found out") from None
    if not real.is_relative_to(root):
        raise ValueError("the file lies outside of the folder")
    if any(part.startswith(".") for part in real.relative_to(root).parts):
        raise ValueError("the file is a link to a hidden one")
    return real


def _parse_text(value: object, place: Place) -> str:
    """A text of any length; `@FILE` becomes `@` and the full path, `@@` starts a literal `@`."""
    if not isinstance(value, str):
        raise ValueError(f"it is {type_in_words(value)}")
    if value.startswith("@") and not value.startswith("@@"):
        return "@" + _parse_file(value[1:], place)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("it is not UTF-8") from None
    return value


def number_between(low: float, high: float) -> Kind:
    """A number from `low` to `high`, both included."""

    def parse(value: object, place: Place) -> float:
        if place.text_too and isinstance(value, str):
            try:
                value = float(value)
            except ValueError:
                raise ValueError("it is not a number") from None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"it is {type_in_words(value)}")
        if not low <= value <= high:  # also true of nan
            raise ValueError("it is out of range")
        return float(value)

    return Kind(f"a number from {low:g} to {high:g}", parse)


def whole_number_between(low: int, high: int) -> Kind:
    """A whole number from `low` to `high`, both included."""

    def parse(value: object, place: Place) -> int:
        if place.text_too and isinstance(value, str):
            if not re.fullmatch(r"\s*[+-]?[0-9]{1,18}\s*", value):
                raise ValueError("it is not a whole number")
            value = int(value)
        if isinstance(value, float):
            raise ValueError("it is not a whole number")
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(f"it is {type_in_words(value)}")
        if not low <= value <= high:
            raise ValueError("it is out of range")
        return value

    return Kind(f"a whole number from {low} to {high}", parse)


def one_of(*choices: str) -> Kind:
    """One of at least two words in small letters, which may be given in capitals."""

    def parse(value: object, place: Place) -> str:
        if not isinstance(value, str):
            raise ValueError(f"it is {type_in_words(value)}")
        if value.lower() not in choices:
            raise ValueError("it is none of these")
        return value.lower()

    return Kind(f"{', '.join(choices[:-1])} or {choices[-1]}", parse)


def _parse_names(value: object, place: Place) -> tuple[str, ...]:
    if place.text_too and isinstance(value, str):
        value = value.replace(",", " ").split()
    if not isinstance(value, list | tuple):
        raise ValueError(f"it is {type_in_words(value)}")
    for name in value:
        if not isinstance(name, str):
            raise ValueError(f"one of them is {type_in_words(name)}")
    names = [_parse_line(name, place) for name in value]
    if not all(re.fullmatch(r"[A-Za-z0-9_.-]+", name) for name in names):
        raise ValueError("a name has letters, digits, `_`, `.` and `-`")
    return tuple(dict.fromkeys(names))


def _parse_files(value: object, place: Place) -> tuple[str, ...]:
    if place.text_too and isinstance(value, str):
        value = value.split(os.pathsep)
    if not isinstance(value, list | tuple):
        raise ValueError(f"it is {type_in_words(value)}")
    return tuple(_parse_file(name, place) for name in value)


def _parse_amount(value: object, place: Place) -> str:
    """Which amounts a model takes is for the table of the models to say."""
    number = isinstance(value, int) and not isinstance(value, bool) and abs(value) < MAX_TOKENS
    return _parse_line(str(value) if number else value, place)


LINE = Kind("a line of text", _parse_line)
TEXT = Kind("a text, or @FILE", _parse_text)
DEVICE = Kind("a device's index or part of its name", _parse_device)
SWITCH = Kind("true or false", _parse_switch)
FILE = Kind("the path of a file", _parse_file)
WORDS = Kind("a command: a list of words, or one string", _parse_words)
NAMES = Kind("a list of names", _parse_names)
FILES = Kind("a list of paths", _parse_files)
THINKING = Kind("the name of a level, or a number of tokens", _parse_amount)
URL = Kind("an http or https address", _parse_url)
