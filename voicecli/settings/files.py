"""The files that settings come from: TOML with profiles, `.env`, and any small text file."""

from __future__ import annotations

import difflib
import io
import logging
import re
import stat
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NewType

import dotenv

from voicecli.errors import UsageError
from voicecli.settings.fields import FIELDS, Field
from voicecli.settings.values import Place, type_in_words

log = logging.getLogger(__name__)

Origin = NewType("Origin", str)
"""Where a value came from, in words: `VOICECLI_MODEL in the environment`."""

# Far more than settings need, and little enough to read a hostile file without harm.
MAX_FILE_BYTES = 1_000_000
PROFILES_KEY = "profiles"
DOTENV_NAME = ".env"

_TABLES = frozenset(name.partition(".")[0] for name in FIELDS if "." in name)

# A name longer than this is no slip of the finger; comparing it would only cost time.
_MAX_SHOWN = 60
_BARE_NAME = re.compile(rf"[\w-]{{1,{_MAX_SHOWN}}}")

FILES_HINT = "`voicecli config path` shows the settings files"

# The only names that are taken from `.env`. A location becomes part of the host name that the
# key is sent to, so the shape of the Cloud names is checked: no dot or slash in a location.
_DOTENV_SHAPES: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "GOOGLE_API_KEY": re.compile(r".+", re.DOTALL),
        "GEMINI_API_KEY": re.compile(r".+", re.DOTALL),
        "GOOGLE_CLOUD_PROJECT": re.compile(r"[A-Za-z0-9.:-]{1,100}"),
        "GOOGLE_CLOUD_LOCATION": re.compile(r"[a-z0-9-]{1,40}"),
    }
)
DOTENV_ALLOWED = tuple(_DOTENV_SHAPES)


@dataclass(frozen=True, slots=True)
class Given:
    """A checked value and its origin."""

    value: object
    origin: Origin


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """What a TOML file sets: outside of profiles, and in each profile."""

    plain: Mapping[str, Given]
    profiles: Mapping[str, Mapping[str, Given]]


def read_small_file(path: Path, *, limit_bytes: int) -> bytes:
    """Read a regular file of at most `limit_bytes`; OSError otherwise.

    Pipes and devices are refused: they may never end, or never begin.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError("it is not a regular file")
    with path.open("rb") as file:
        content = file.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        raise OSError(f"it is larger than {limit_bytes // 1000} kB")
    return content


def reason(error: OSError) -> str:
    """Why a file could not be read, without Python's numbers."""
    return error.strerror or str(error)


def quoted(name: str) -> str:
    """A name out of a file, safe to print and not longer than a line."""
    return repr(name if len(name) <= _MAX_SHOWN else name[:_MAX_SHOWN] + "…")


def nearest(name: str, names: Iterable[str]) -> str:
    """The one of `names` that `name` was most likely meant to be, or ''."""
    lowered = {one.lower(): one for one in names}
    matches = difflib.get_close_matches(name[:_MAX_SHOWN].lower(), lowered, n=1)
    return lowered[matches[0]] if matches else ""


def check(field: Field, raw: object, place: Place, label: str, *, hint: str = "") -> object:
    """Read a raw value; UsageError says with `label` which setting it is and where it stands."""
    try:
        return field.kind.parse(raw, place)
    except ValueError as error:
        raise UsageError(
            f"{label} must be {field.kind.expects}", why=str(error), hint=hint
        ) from None


def load(path: Path, place: Place, label: str) -> SettingsFile:
    """Read and check a settings file; one that does not exist sets nothing.

    UsageError names the file as `label`, and the line or the key.
    """
    table = _read_toml(path, label)
    profiles = table.pop(PROFILES_KEY, {})
    if not isinstance(profiles, dict):
        raise UsageError(f"{PROFILES_KEY} in {label} must be tables, like [{PROFILES_KEY}.work]")
    checked = {}
    for name, values in profiles.items():
        shown = name if _BARE_NAME.fullmatch(name) else quoted(name)
        origin = f"profile {shown} in {label}"
        if not isinstance(values, dict):
            raise UsageError(f"{origin} must be a table", why=f"it is {type_in_words(values)}")
        checked[name] = _check_table(values, place, Origin(origin))
    return SettingsFile(_check_table(table, place, Origin(label)), checked)


def _read_toml(path: Path, label: str) -> dict[str, object]:
    try:
        # Editors on Windows start the file with a mark that TOML does not know.
        text = read_small_file(path, limit_bytes=MAX_FILE_BYTES).decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise UsageError(f"{label} cannot be read", why=reason(error)) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UsageError(f"{label}, line {line}: not UTF-8") from None
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise UsageError(f"{label}: values are nested too deeply") from None
    except ValueError as error:  # not only TOMLDecodeError: numbers can be too long for Python
        raise _syntax_error(str(error), text, label) from None


def _syntax_error(message: str, text: str, label: str) -> UsageError:
    """Tell the line first, as compilers do; Python < 3.14 has it in the message only."""
    at_line = re.search(r" \(at line (\d+), column \d+\)$", message)
    line = int(at_line[1]) if at_line else text.count("\n") + 1
    why = re.sub(r" \(at [^()]*\)$", "", message)
    return UsageError(f"{label}, line {line}: not valid TOML", why=why[:200])


def _check_table(table: Mapping[str, object], place: Place, origin: Origin) -> dict[str, Given]:
    checked = {}
    for name, raw in _flat(table):
        field = FIELDS.get(name)
        if field is None:
            meant = nearest(name, FIELDS)
            raise UsageError(
                f"unknown setting {quoted(name)} in {origin}",
                why=f"did you mean {meant}?" if meant else "`voicecli config show` lists all",
                hint=FILES_HINT,
            )
        if place.confined and field.trusted_only:
            raise UsageError(
                f"{name} may not be set in {origin}",
                why="anybody may have written this file, and this setting can run programs, "
                "send your key or words elsewhere or change what is kept of you; it belongs into "
                "your own settings file, "
                f"or into {field.environment_name} in the environment",
                hint="`voicecli config path` shows where your own settings file is",
            )
        label = f"{name} in {origin}"
        checked[name] = Given(check(field, raw, place, label, hint=FILES_HINT), origin)
    return checked


def _flat(table: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Names and values; those of settings that stand in a table of their own with its name."""
    for name, raw in table.items():
        if name in _TABLES and isinstance(raw, dict):
            yield from ((f"{name}.{inner}", value) for inner, value in raw.items())
        else:
            yield name, raw


def load_dotenv(folder: Path) -> dict[str, str]:
    """The allowed names from `.env`; what else is in there belongs to other programs.

    A file that cannot be used is no error, since it need not be meant for us: it is logged.
    """
    path = folder / DOTENV_NAME
    try:
        if not path.is_file():  # often absent, or the folder of a virtual environment
            return {}
        text = read_small_file(path, limit_bytes=MAX_FILE_BYTES).decode(errors="replace")
    except OSError as error:
        log.warning("%s is left out: %s", DOTENV_NAME, reason(error))
        return {}
    found = dotenv.dotenv_values(stream=io.StringIO(text), interpolate=False)
    values = {}
    for name, shape in _DOTENV_SHAPES.items():
        value = found.get(name)
        if not value:
            continue
        if shape.fullmatch(value):
            values[name] = value
        else:
            log.warning("%s in %s is left out: not a possible name", name, DOTENV_NAME)
    return values
