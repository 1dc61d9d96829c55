"""What is in a record, as far as it can be read: its events, and a summary for the list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from voicecli.talk import events as talk
from voicecli.talk.record_files import lines_of, read_facts
from voicecli.talk.record_lines import LineReading
from voicecli.talk.records import Record
from voicecli.talk.turn_order import TurnOrder

# A record goes on where it ended, so no gap is as long as this: such a time is a broken line's.
LONGEST_GAP_S = 7 * 24 * 3600.0

# As much of the first words as a line of a list has room for.
MAX_FIRST_CHARS = 200

# As the recorder writes them; inside a text the quotation marks have a stroke before them.
_GROWS = '"more": '
_SETTLED = '"final": true'

# From the service's announcement (ai.google.dev/gemini-api/docs/live-session): a handle is good
# for two hours after the session's end.
HANDLE_LASTS = timedelta(hours=2)
MAX_HANDLE_CHARS = 10_000


@dataclass(frozen=True, slots=True)
class Summary:
    """A conversation at a glance; `words` are the first that were said, "" if none were."""

    id: str
    began: datetime
    duration_s: float
    turns: int
    model: str
    words: str
    running: bool


def events_of(record: Record) -> Iterator[talk.TalkEvent]:
    """The events that can be read, in order; `t_s` never goes back, and nowhere far ahead."""
    return _in_time(lines_of(record.files.events))


def settled_events_of(record: Record) -> Iterator[talk.TalkEvent]:
    """The events that can be read, with an end where a killed process left none."""
    return _settled(events_of(record))


def summary_of(record: Record) -> Summary:
    """The record at a glance."""
    order, words, turns, last_s = TurnOrder(), "", 0, 0.0
    model = read_facts(record.files.session).get("model")
    for event in _settled(_in_time(_telling(lines_of(record.files.events)))):
        last_s = event.t_s
        turns += isinstance(event, talk.TurnEnded)
        if isinstance(event, talk.SessionStarted):
            model = event.model
        settled = () if words else order.take(event)
        words = words or next((turn.text for turn in settled if turn.text.strip()), "")
    return Summary(
        id=record.id,
        began=record.began,
        duration_s=last_s,
        turns=turns,
        model=model if isinstance(model, str) else "",
        words=words[:MAX_FIRST_CHARS],
        running=record.running,
    )


def handle_facts(handle: str, model: str, server: str, now: datetime) -> dict[str, object]:
    """What `usable_handle` has to know of a handle that the service gave at `now`."""
    return {"handle": handle, "model": model, "server": server, "issued": now.isoformat()}


def usable_handle(record: Record, model: str, server: str, now: datetime) -> str | None:
    """The handle to go on with, if the service is likely to take it.

    It is for the same model and server, and up to two hours after the conversation's end.
    """
    facts = read_facts(record.files.handle)
    handle = facts.get("handle")
    if facts.get("model") != model or facts.get("server") != server:
        return None
    if not isinstance(handle, str) or not 0 < len(handle) <= MAX_HANDLE_CHARS:
        return None
    try:
        issued = datetime.fromisoformat(str(facts.get("issued")))
        age = now - max(issued, record.ended)
    except (ValueError, TypeError):  # TypeError: a time without its zone
        return None
    return handle if timedelta(0) <= age <= HANDLE_LASTS else None


def _in_time(lines: Iterable[str]) -> Iterator[talk.TalkEvent]:
    reading, latest_s = LineReading(), 0.0
    for line in lines:
        event = reading.event(line)
        if event is not None and event.t_s <= latest_s + LONGEST_GAP_S:
            latest_s = max(latest_s, event.t_s)
            yield replace(event, t_s=latest_s)


def _settled(events: Iterable[talk.TalkEvent]) -> Iterator[talk.TalkEvent]:
    event: talk.TalkEvent | None = None
    for event in events:
        yield event
    if not isinstance(event, talk.Ended):
        yield talk.Ended(0.0 if event is None else event.t_s, "", 0, 0)


def _telling(lines: Iterable[str]) -> Iterator[str]:
    """The lines without the growth of words, nine in ten of them, but to the first that settle.

    The last one is there in any case, for its time.
    """
    settled, skipped = False, ""
    for line in lines:
        grows = _GROWS in line
        settled = settled or _SETTLED in line
        if not (grows and settled):
            yield line
        skipped = line if grows and settled else ""
    if skipped:
        yield skipped
