"""Whatever became of a record, what can be read of it is read."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ui_events import SAMPLES

from voicecli.live.patience import Patience
from voicecli.talk import events as talk
from voicecli.talk.event_json import encode
from voicecli.talk.record_files import write_facts
from voicecli.talk.record_lines import LineWriting
from voicecli.talk.record_reading import (
    HANDLE_LASTS,
    LONGEST_GAP_S,
    MAX_FIRST_CHARS,
    events_of,
    handle_facts,
    settled_events_of,
    summary_of,
    usable_handle,
)
from voicecli.talk.records import Record, Records

NOW = datetime(2026, 11, 27, 21, 15, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SESSION = talk.SessionStarted(1, "model-1", None, True, None, None, None, False, Patience.NORMAL)


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return Records(tmp_path).create(NOW, lambda: "aaaa")


def said(t_s: float, role: talk.Role, text: str, *, final: bool = True) -> talk.Transcript:
    return talk.Transcript(t_s, role, text, final, text)


def write(record: Record, *events: talk.TalkEvent) -> None:
    text = "".join(f"{encode(event)}\n" for event in events)
    record.files.events.write_text(text, encoding="utf-8")


def test_a_conversation_at_a_glance(record: Record) -> None:
    write(
        record,
        SESSION,
        said(2, "user", "Hello", final=False),
        said(3, "model", "Hi"),
        said(4, "user", "Hello there"),
        talk.TurnEnded(5, 1, False, 1.0),
        talk.TurnEnded(9, 2, False, 1.0),
        talk.Ended(62.5, "quit", 2, 0),
    )
    one = summary_of(record)
    assert (one.id, one.began, one.running) == (record.id, NOW, False)
    assert (one.duration_s, one.turns, one.model) == (62.5, 2, "model-1")
    assert one.words == "Hello there"


def test_a_killed_process_left_words_that_are_not_lost(record: Record) -> None:
    write(record, SESSION, said(2, "user", "and then", final=False))
    assert summary_of(record).words == "and then"
    assert list(settled_events_of(record))[-1] == talk.Ended(2, "", 0, 0)


def test_an_end_that_is_there_is_the_end(record: Record) -> None:
    write(record, SESSION, talk.Ended(3, "quit", 0, 0))
    assert list(settled_events_of(record)) == [SESSION, talk.Ended(3, "quit", 0, 0)]


def test_a_record_of_nothing_is_a_line_in_the_list_too(record: Record) -> None:
    record.files.events.write_bytes(os.urandom(5_000) + b'\n{"type": "transcript", "t": 1, "ro')
    one = summary_of(record)
    assert (one.duration_s, one.turns, one.model, one.words) == (0.0, 0, "", "")
    write_facts(record.files.session, {"model": ["a list"]})
    assert summary_of(record).model == ""
    write_facts(record.files.session, {"model": "model-2"})
    assert summary_of(record).model == "model-2"


def test_broken_lines_are_left_out_and_the_others_read(record: Record) -> None:
    lines = [encode(said(1, "user", "a")), "{", "\0\0", '{"type": "note"}', encode(SESSION)]
    record.files.events.write_text("\n".join(lines) + '\n{"type": "no')
    assert list(events_of(record)) == [said(1, "user", "a"), SESSION]


def test_time_never_goes_back_and_nowhere_far_ahead(record: Record) -> None:
    far = talk.Noted(LONGEST_GAP_S + 10, "far")
    write(record, talk.Noted(5, "a"), far, talk.Noted(3, "b"), talk.Noted(-9, "c"))
    assert list(events_of(record)) == [talk.Noted(5, "a"), talk.Noted(5, "b"), talk.Noted(5, "c")]


def test_the_first_words_are_short(record: Record) -> None:
    write(record, said(1, "user", "x" * 10_000))
    assert len(summary_of(record).words) == MAX_FIRST_CHARS


def test_one_of_each_event_is_read(record: Record) -> None:
    write(record, *SAMPLES)
    assert [type(event) for event in events_of(record)] == [
        type(event) for event in SAMPLES if event.t_s < LONGEST_GAP_S
    ]


# handles


def handed(record: Record, *, ended: datetime = NOW, issued: datetime = NOW) -> None:
    record.files.events.touch()
    os.utime(record.files.events, (ended.timestamp(), ended.timestamp()))
    write_facts(record.files.handle, handle_facts("secret", "model-1", "google", issued))


def test_a_handle_is_good_for_two_hours_after_the_end(record: Record) -> None:
    ended = NOW + 5 * HANDLE_LASTS
    handed(record, ended=ended)
    for now in (ended, ended + HANDLE_LASTS):
        assert usable_handle(record, "model-1", "google", now) == "secret"
    for now in (ended - SECOND, ended + HANDLE_LASTS + SECOND):
        assert usable_handle(record, "model-1", "google", now) is None


def test_a_handle_is_for_its_model_and_server(record: Record) -> None:
    handed(record)
    assert usable_handle(record, "model-2", "google", NOW) is None
    assert usable_handle(record, "model-1", "localhost:8443", NOW) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"handle": ""},
        {"handle": 7},
        {"handle": "x" * 20_000},
        {"issued": "yesterday"},
        {"issued": None},
        {"issued": "2026-11-27T21:15:02"},
    ],
)
def test_a_handle_that_somebody_else_wrote_is_none(
    record: Record, changes: dict[str, object]
) -> None:
    facts = handle_facts("secret", "model-1", "google", NOW)
    write_facts(record.files.handle, {**facts, **changes})
    assert usable_handle(record, "model-1", "google", NOW) is None


def test_without_a_handle_there_is_none(record: Record) -> None:
    assert usable_handle(record, "model-1", "google", NOW) is None


def test_a_glance_leaves_out_growing_words_and_keeps_their_time(record: Record) -> None:
    writing = LineWriting()
    grown = [said(3 + n / 10, "model", "word " * n, final=False) for n in range(1, 50)]
    events: list[talk.TalkEvent] = [
        SESSION,
        said(2, "user", 'I said "more": "final": true'),
        *grown,
    ]
    text = "".join(f"{writing.line(event)}\n" for event in events)
    record.files.events.write_text(text, encoding="utf-8")
    one = summary_of(record)
    assert one.words == 'I said "more": "final": true'
    assert one.duration_s == grown[-1].t_s


def test_words_that_only_grew_are_at_a_glance_too(record: Record) -> None:
    writing = LineWriting()
    events = [said(1 + n, "user", "word " * n, final=False) for n in range(1, 4)]
    text = "".join(f"{writing.line(event)}\n" for event in events)
    record.files.events.write_text(text, encoding="utf-8")
    assert summary_of(record).words == "word word word "
