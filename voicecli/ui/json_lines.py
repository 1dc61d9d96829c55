"""`--json`: every event as one JSON object on one line. docs/events.md documents the form."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Final, TextIO

from voicecli.talk import events as talk
from voicecli.talk.view import Controls
from voicecli.ui.json_values import jsonable
from voicecli.ui.line_writer import LineWriter

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
    talk.ToolFinished: "tool_result",
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
    line = json.dumps(fields(event), ensure_ascii=False, allow_nan=False)
    whole = _LONE_SURROGATE.sub("\ufffd", line)
    if ascii_only:
        return json.dumps(json.loads(whole))
    return _ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", whole)


class JsonView:
    """Writes each event to `stdout` at once; has no keys and no screen.

    `show` raises BrokenPipeError, once, when the reader is gone.
    """

    def __init__(self, stdout: TextIO) -> None:
        self._lines = LineWriter(stdout)
        self._ascii_only = not self._lines.encoding.lower().replace("-", "").startswith("utf")

    def show(self, event: talk.TalkEvent) -> None:
        """Write `event` as one line."""
        self._lines.write(encode(event, ascii_only=self._ascii_only))

    async def run(self, controls: Controls) -> None:
        """Return at once: there is nothing to serve."""

    def close(self) -> None:
        """Do nothing: every line is out already."""


def _outcome(event: talk.ToolFinished) -> str:
    if event.cancelled:
        return "cancelled"
    return "result" if event.error is None else "error"
