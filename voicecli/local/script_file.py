"""Read a script from TOML; every mistake names the file, the entry and the key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from voicecli.errors import UsageError
from voicecli.local.fault_file import read_fault
from voicecli.local.matching import words_of
from voicecli.local.script import (
    PAGE_STATUSES,
    PLACEHOLDER,
    Call,
    Code,
    PageRef,
    Reply,
    Script,
    SourceRef,
    Turn,
)
from voicecli.local.tables import Table, type_of

# A script is written by hand; a file above this is something else.
MAX_FILE_BYTES = 1_000_000

_FILE_KEYS = ("turn", "fallback", "fault")
_REPLY_KEYS = ("say", "think", "call", "calls", "search", "sources", "code", "urls")
_TURN_KEYS = ("user", *_REPLY_KEYS)
_CALL_KEYS = ("name", "args", "cancel_after_s", "expect", "expect_error")
_SOURCE_KEYS = ("uri", "title")
_CODE_KEYS = ("language", "source", "output", "failed")
_URL_KEYS = ("uri", "status")


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
    file = Table(tables, source, _FILE_KEYS)
    turns = tuple(
        _turn(Table(entry, f"{source}, turn {number}", _TURN_KEYS))
        for number, entry in enumerate(file.tables("turn"), start=1)
    )
    faults = tuple(
        read_fault(entry, f"{source}, fault {number}")
        for number, entry in enumerate(file.tables("fault"), start=1)
    )
    fallback = file.values.get("fallback")
    if fallback is None:
        return Script(turns, faults=faults)
    reply = _reply(Table(fallback, f"{source}, fallback", _REPLY_KEYS))
    return Script(turns, reply, faults)


def _turn(table: Table) -> Turn:
    phrases = table.texts("user")
    if not phrases:
        table.fail("user", "it is missing")
    for phrase in phrases:
        if not words_of(phrase):
            table.fail("user", f"`{phrase}` has no words")
    return Turn(phrases, _reply(table))


def _reply(table: Table) -> Reply:
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
        code=_code(table),
        urls=_urls(table),
    )


def _calls(table: Table) -> tuple[Call, ...]:
    if "call" in table.values and "calls" in table.values:
        table.fail("call", "there is `calls` as well; put the call into that list")
    entries = [table.values["call"]] if "call" in table.values else table.tables("calls")
    calls = []
    for entry in entries:
        call = Table(entry, f"{table.name}, call", _CALL_KEYS)
        limited, checked = "cancel_after_s" in call.values, "expect" in call.values
        calls.append(
            Call(
                call.text("name", required=True),
                _json_object(call, "args"),
                cancel_after_s=call.number("cancel_after_s", 0) if limited else None,
                expect=_json_object(call, "expect") if checked else None,
                expect_error=call.flag("expect_error"),
            )
        )
    return tuple(calls)


def _json_object(table: Table, key: str) -> Mapping[str, object]:
    value = table.values.get(key, {})
    if not isinstance(value, dict):
        table.fail(key, f"a table is needed, not {type_of(value)}")
    if not _is_json(value):
        table.fail(key, "JSON has no dates and times, no infinity and no NaN; use a text")
    return value


def _sources(table: Table) -> tuple[SourceRef, ...]:
    sources = []
    for entry in table.tables("sources"):
        source = Table(entry, f"{table.name}, source", _SOURCE_KEYS)
        uri = _web_address(source)
        sources.append(SourceRef(uri=uri, title=source.text("title", required=True)))
    return tuple(sources)


def _code(table: Table) -> Code | None:
    if "code" not in table.values:
        return None
    code = Table(table.values["code"], f"{table.name}, code", _CODE_KEYS)
    return Code(
        source=code.text("source", required=True),
        output=code.text("output"),
        failed=code.flag("failed"),
        language=code.text("language", required=True) if "language" in code.values else "PYTHON",
    )


def _urls(table: Table) -> tuple[PageRef, ...]:
    pages = []
    for entry in table.tables("urls"):
        page = Table(entry, f"{table.name}, url", _URL_KEYS)
        status = page.choice("status", PAGE_STATUSES) if "status" in page.values else "SUCCESS"
        pages.append(PageRef(_web_address(page), status))
    return tuple(pages)


def _check_placeholders(table: Table, say: str, *, after_call: bool) -> None:
    for name in PLACEHOLDER.findall(say):
        if name == "user":
            continue
        if name != "result" and not (name.startswith("result.") and len(name) > len("result.")):
            table.fail("say", f"{{{name}}} is none of {{user}}, {{result}} and {{result.KEY}}")
        if not after_call:
            table.fail("say", f"{{{name}}} needs a call")


def _web_address(table: Table) -> str:
    uri = table.text("uri", required=True)
    try:
        parts = urlsplit(uri)
        usable = parts.scheme in ("http", "https") and bool(parts.netloc)
    except ValueError:
        usable = False
    if not usable:
        table.fail("uri", f"`{uri}` is no http or https address")
    return uri


def _is_json(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(map(_is_json, value.values()))
    if isinstance(value, list):
        return all(map(_is_json, value))
    if isinstance(value, float):
        return value - value == 0  # not infinite, not NaN
    return isinstance(value, str | int)
