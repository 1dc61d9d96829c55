"""Faults as they are written: `[[fault]]` tables of a script, and `KIND key=value …` in words."""

from __future__ import annotations

import http
import shlex

from websockets.exceptions import ProtocolError
from websockets.frames import Close

from voicecli.errors import UsageError
from voicecli.local.faults import TIME_LEFT_S, Fault, Kind, Moment, moments_of
from voicecli.local.refusal import INTERNAL, MAX_REASON_BYTES
from voicecli.local.tables import Table

_COMMON_KEYS = ("kind", "at", "after_s", "times", "turn")
_OWN_KEYS = {
    Kind.GO_AWAY: ("time_left_s",),
    Kind.CLOSE: ("code", "reason"),
    Kind.STALL: ("for_s",),
    Kind.REFUSE: ("status",),
    Kind.EXPIRE_HANDLES: ("reason",),
    Kind.LATE_WORDS: ("for_s",),
    Kind.SLOW_SETUP: ("for_s",),
}
_TEXT_KEYS = ("kind", "at", "reason")
# `reason` of expire_handles: how a dead handle is refused.
INVALID = "invalid"


def parse_fault(text: str) -> Fault:
    """A fault in words: its kind, then `key=value`, quoted as for a shell. Raises UsageError."""
    name = f"fault `{text}`"
    try:
        kind, *pairs = shlex.split(text) or [""]
    except ValueError as error:
        raise UsageError(f"{name} is not usable", why=str(error)) from error
    values: dict[str, object] = {"kind": kind}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(
                f"{name} is not usable",
                why=f"`{pair}` is no key=value",
                hint="write it as in: close at=speaking code=1011",
            )
        if key in values:
            raise UsageError(f"{name} is not usable", why=f"`{key}` is there twice")
        values[key] = value if key in _TEXT_KEYS else _number(value)
    return read_fault(values, name)


def read_fault(values: object, name: str) -> Fault:
    """A fault from its table; `name` names it in errors. Raises UsageError."""
    any_keys = tuple(values) if isinstance(values, dict) else ()
    kind = Kind(Table(values, name, any_keys).choice("kind", tuple(Kind)))
    table = Table(values, name, (*_COMMON_KEYS, *_OWN_KEYS.get(kind, ())))
    return Fault(
        kind,
        at=Moment(table.choice("at", moments_of(kind))) if "at" in table.values else None,
        after_s=table.number("after_s", 0.0),
        times=table.integer("times", 1),
        turn=_turn(table),
        for_s=table.number("for_s", 0.0) if "for_s" in table.values else None,
        time_left_s=table.number("time_left_s", TIME_LEFT_S),
        code=_code(table),
        reason=_reason(table, kind),
        status=_status(table),
    )


def _number(text: str) -> object:
    """The number that `text` is, else the text, which is then refused by name."""
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return text


def _turn(table: Table) -> int:
    turn = table.integer("turn", 0)
    if "turn" in table.values and turn == 0:
        table.fail("turn", "turns count from 1; leave it out for any turn")
    return turn


def _code(table: Table) -> int:
    code = table.integer("code", INTERNAL)
    try:
        Close(code, "").check()
    except ProtocolError:
        table.fail("code", f"{code} cannot be sent in a close frame; 1006 is `drop` or `reset`")
    return code


def _reason(table: Table, kind: Kind) -> str | None:
    if "reason" not in table.values:
        return None
    if kind is Kind.EXPIRE_HANDLES:
        return table.choice("reason", (INVALID,))
    reason = table.text("reason")
    if len(reason.encode(errors="replace")) > MAX_REASON_BYTES:
        table.fail("reason", f"a close frame takes {MAX_REASON_BYTES} bytes")
    return reason


def _status(table: Table) -> int:
    status = table.integer("status", 503)
    known = [one.value for one in http.HTTPStatus]
    if status not in known or status < 400:
        table.fail("status", f"{status} is no status of an HTTP error")
    return status
