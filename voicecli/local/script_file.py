"""Read a script from TOML; every mistake names the file, the entry and the key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from voicecli.errors import UsageError
from voicecli.local.matching import words_of
from voicecli.local.script import PLACEHOLDER, Call, Reply, Script, SourceRef, Turn

# A script is written by hand; a file above this is something else.
MAX_FILE_BYTES = 1_000_000

_FILE_KEYS = ("turn", "fallback")
_REPLY_KEYS = ("say", "think", "call", "calls", "search", "sources")
_TURN_KEYS = ("user", *_REPLY_KEYS)
_CALL_KEYS = ("name", "args")
_SOURCE_KEYS = ("uri", "title")


def load(path: Path | None) -> Script:
    """The script in `path`, or the built-in one. Raises UsageError naming entry and key."""
    return built_in() if path is None else read(path)


def built_in() -> Script:
    """The script that comes with the package."""
    return parse(files("voicecli.local").joinpath("default_script.toml").read_bytes(), "built-in")


def read(path: Path) -> Script:
    """The script in the file `path`. Raises UsageError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"cannot read the script {path}",
            why=error.strerror or str(error),
            hint="leave the script out to use the built-in one",
        ) from error
    return parse(data, str(path))


def parse(data: bytes, source: str) -> Script:
    """The script in the TOML text `data`; `source` names it in errors. Raises UsageError."""
    if len(data) > MAX_FILE_BYTES:
        raise UsageError(f"{source} is no script", why=f"it is larger than {MAX_FILE_BYTES} bytes")
    try:
        tables = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{source} is not TOML", why=str(error)) from error
    file = _Table(tables, source, _FILE_KEYS)
    turns = tuple(
        _turn(_Table(entry, f"{source}, turn {number}", _TURN_KEYS))
        for number, entry in enumerate(file.tables("turn"), start=1)
    )
    fallback = file.values.get("fallback")
    if fallback is None:
        return Script(turns)
    return Script(turns, _reply(_Table(fallback, f"{source}, fallback", _REPLY_KEYS)))


class _Table:
    """A TOML table with the keys it may have, and its name for errors."""

    def __init__(self, values: object, name: str, allowed: tuple[str, ...]) -> None:
        self.name = name
        if not isinstance(values, dict):
            raise UsageError(f"{name}: this has to be a table", why=f"it is {_type_of(values)}")
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
            self.fail(key, f"a text is needed, not {_type_of(value)}")
        if required and not value.strip():
            self.fail(key, "it is missing or empty")
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
            self.fail(key, f"a list of tables is needed, not {_type_of(value)}")
        return value


def _turn(table: _Table) -> Turn:
    phrases = table.texts("user")
    if not phrases:
        table.fail("user", "it is missing")
    for phrase in phrases:
        if not words_of(phrase):
            table.fail("user", f"`{phrase}` has no words")
    return Turn(phrases, _reply(table))


def _reply(table: _Table) -> Reply:
    calls = _calls(table)
    say = table.text("say")
    if not say.strip() and not calls:
        table.fail("say", "it is missing, and there is no call either")
    _check_placeholders(table, say, after_call=bool(calls))
    return Reply(
        say=say,
        think=table.text("think"),
        calls=calls,
        search=table.texts("search"),
        sources=_sources(table),
    )


def _calls(table: _Table) -> tuple[Call, ...]:
    if "call" in table.values and "calls" in table.values:
        table.fail("call", "there is `calls` as well; put the call into that list")
    entries = [table.values["call"]] if "call" in table.values else table.tables("calls")
    calls = []
    for entry in entries:
        call = _Table(entry, f"{table.name}, call", _CALL_KEYS)
        args = call.values.get("args", {})
        if not isinstance(args, dict):
            call.fail("args", f"a table is needed, not {_type_of(args)}")
        if not _is_json(args):
            call.fail("args", "JSON has no dates and times, no infinity and no NaN; use a text")
        calls.append(Call(call.text("name", required=True), args))
    return tuple(calls)


def _sources(table: _Table) -> tuple[SourceRef, ...]:
    sources = []
    for entry in table.tables("sources"):
        source = _Table(entry, f"{table.name}, source", _SOURCE_KEYS)
        uri = source.text("uri", required=True)
        if not _is_web_address(uri):
            source.fail("uri", f"`{uri}` is no http or https address")
        sources.append(SourceRef(uri=uri, title=source.text("title", required=True)))
    return tuple(sources)


def _check_placeholders(table: _Table, say: str, *, after_call: bool) -> None:
    for name in PLACEHOLDER.findall(say):
        if name == "user":
            continue
        if name != "result" and not (name.startswith("result.") and len(name) > len("result.")):
            table.fail("say", f"{{{name}}} is none of {{user}}, {{result}} and {{result.KEY}}")
        if not after_call:
            table.fail("say", f"{{{name}}} needs a call")


def _is_web_address(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _is_json(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(map(_is_json, value.values()))
    if isinstance(value, list):
        return all(map(_is_json, value))
    if isinstance(value, float):
        return value - value == 0  # not infinite, not NaN
    return isinstance(value, str | int)


def _type_of(value: object) -> str:
    named = {dict: "a table", list: "a list", str: "a text", bool: "true or false"}
    other = "a number" if isinstance(value, int | float) else "a date or time"
    return named.get(type(value), other)
