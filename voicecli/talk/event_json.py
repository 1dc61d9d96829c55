"""Events as lines of JSON, and back: for `--json` and the record. docs/events.md has the form."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from typing import Final

from voicecli.talk import events as talk
from voicecli.talk.json_values import jsonable
from voicecli.talk.typed_values import build

TYPES: Final[dict[type[talk.TalkEvent], str]] = {
    talk.SessionStarted: "session",
    talk.StateChanged: "state",
    talk.MuteChanged: "mute",
    talk.TalkingChanged: "talking",
    talk.Ducked: "ducked",
    talk.VolumeChanged: "volume",
    talk.PatienceChanged: "patience",
    talk.DevicesListed: "devices",
    talk.DeviceChanged: "device",
    talk.Transcript: "transcript",
    talk.Thinking: "thinking",
    talk.AudioReceived: "audio",
    talk.ToolCalled: "tool_call",
    talk.ToolAsked: "tool_question",
    talk.ToolDecided: "tool_decision",
    talk.ToolProgress: "tool_progress",
    talk.ToolFinished: "tool_result",
    talk.CodeWritten: "code",
    talk.CodeRan: "code_result",
    talk.SourcesCited: "sources",
    talk.Interrupted: "interrupted",
    talk.TurnEnded: "turn",
    talk.UsageReported: "usage",
    talk.Noted: "note",
    talk.Warned: "warning",
    talk.Failed: "error",
    talk.Ended: "end",
}

_NAMES: Final = {
    "t_s": "t",
    "byte_count": "bytes",
    "call_id": "id",
    "duration_s": "seconds",
    "heard_s": "heard_seconds",
    "dropped_s": "dropped_seconds",
}
_CLASSES: Final = {name: kind for kind, name in TYPES.items()}

# Valid inside JSON strings, but some readers split lines at them and some terminals obey them.
_ESCAPED = re.compile(r"[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
# No Unicode text can hold half a pair; strict readers refuse even its escape.
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


def fields(event: talk.TalkEvent) -> dict[str, object]:
    """The JSON object for `event`: `type` and `t` first, times in seconds with 3 decimals."""
    values: dict[str, object] = {"type": TYPES[type(event)]}
    for field in dataclasses.fields(event):
        value = jsonable(getattr(event, field.name))
        if field.name.endswith("_s") and isinstance(value, float):
            value = round(value, 3)
        values[_NAMES.get(field.name, field.name)] = value
    if isinstance(event, talk.ToolFinished):
        for name in {"result", "error", "cancelled"} - {_outcome(event)}:
            del values[name]
    return values


def encode(event: talk.TalkEvent, *, ascii_only: bool = False) -> str:
    """`event` as one line of JSON without its newline, whatever its texts contain."""
    return as_line(fields(event), ascii_only=ascii_only)


def as_line(values: Mapping[str, object], *, ascii_only: bool = False) -> str:
    """`values`, which JSON can hold, as one line."""
    line = harmless(json.dumps(values, ensure_ascii=False, allow_nan=False))
    return json.dumps(json.loads(line)) if ascii_only else line


def harmless(written: str) -> str:
    """JSON text that says the same, without characters that could steer a terminal."""
    whole = _LONE_SURROGATE.sub("\ufffd", written)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", whole)


def parse(line: str) -> dict[str, object] | None:
    """The JSON object in `line`; None if it holds anything else."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def event_of(values: Mapping[str, object]) -> talk.TalkEvent | None:
    """The event that `fields` would make `values` of.

    None for an unknown type, a wrong value, or a missing one that has no default. What is there
    beyond the event's fields is ignored.
    """
    name = values.get("type")
    kind = _CLASSES.get(name) if isinstance(name, str) else None
    if kind is None:
        return None
    try:
        return build(kind, values, _NAMES)
    except ValueError:
        return None


def decode(line: str) -> talk.TalkEvent | None:
    """The event in a line that `encode` wrote; None for what is none. Never raises."""
    values = parse(line)
    return None if values is None else event_of(values)


def _outcome(event: talk.ToolFinished) -> str:
    if event.cancelled:
        return "cancelled"
    return "result" if event.error is None else "error"
