"""The lines of a record: events as JSON, growing words as what came. docs/record.md has the form.

Pure. A turn's words grow to thousands of events, each with all of its text: kept like that, a
record grows with the square of what was said.
"""

from __future__ import annotations

from dataclasses import replace

from voicecli.talk import events as talk
from voicecli.talk.event_json import TYPES, as_line, encode, event_of, parse

_TRANSCRIPT = TYPES[talk.Transcript]


class LineWriting:
    """Events to lines, for one reader that sees all of them."""

    def __init__(self) -> None:
        self._open: dict[str, talk.Transcript] = {}

    def line(self, event: talk.TalkEvent) -> str:
        """`event` as one line without its newline."""
        if isinstance(event, talk.SessionStarted):
            self._open.clear()
        if not isinstance(event, talk.Transcript):
            return encode(event)
        before = self._open.pop(event.role, None)
        if event.final:
            return encode(event)
        self._open[event.role] = event
        if before is None or not _grew(before, event):
            return encode(event)
        return as_line(
            {
                "type": _TRANSCRIPT,
                "t": round(event.t_s, 3),
                "role": event.role,
                "more": event.text[len(before.text) :],
                "heard": len(event.heard),
            }
        )


class LineReading:
    """Lines back to events; of lines that are broken, the rest is read all the same."""

    def __init__(self) -> None:
        self._open: dict[str, talk.Transcript] = {}

    def event(self, line: str) -> talk.TalkEvent | None:
        """The event in `line`; None for what is none. Never raises."""
        values = parse(line)
        if values is None:
            return None
        if values.get("type") == _TRANSCRIPT and "more" in values:
            return self._grown(values)
        event = event_of(values)
        if isinstance(event, talk.SessionStarted):
            self._open.clear()
        if isinstance(event, talk.Transcript):
            self._open.pop(event.role, None)
            if not event.final:
                self._open[event.role] = event
        return event

    def _grown(self, values: dict[str, object]) -> talk.Transcript | None:
        role, more, heard = values.get("role"), values.get("more"), values.get("heard")
        before = self._open.get(role) if isinstance(role, str) else None
        if before is None or not isinstance(more, str) or type(heard) is not int:
            return None
        text = before.text + more
        whole = {**values, "text": text, "final": False, "heard": text[: max(heard, 0)]}
        event = event_of(whole)
        if not isinstance(event, talk.Transcript):
            return None
        self._open[event.role] = event = replace(event, typed=before.typed)
        return event


def _grew(before: talk.Transcript, event: talk.Transcript) -> bool:
    return (
        event.typed == before.typed
        and event.text.startswith(before.text)
        and event.text.startswith(event.heard)
    )
