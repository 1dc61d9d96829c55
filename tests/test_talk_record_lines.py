"""A record's lines hold every event, and do not grow with the square of a long answer."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui_events import SAMPLES

from voicecli.live.patience import Patience
from voicecli.talk import events as talk
from voicecli.talk.event_json import parse
from voicecli.talk.record_lines import LineReading, LineWriting

SESSION = talk.SessionStarted(5, "m", None, True, None, None, None, False, Patience.NORMAL)


DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "record.md"


def growing(*texts: str, role: talk.Role = "model", heard: int = 0) -> list[talk.Transcript]:
    return [talk.Transcript(1.5, role, text, False, text[:heard]) for text in texts]


def written(*events: talk.TalkEvent) -> list[str]:
    writing = LineWriting()
    return [writing.line(event) for event in events]


def read(lines: list[str]) -> list[talk.TalkEvent | None]:
    reading = LineReading()
    return [reading.event(line) for line in lines]


def test_every_event_comes_back() -> None:
    rounded = [dataclasses.replace(event, t_s=round(event.t_s, 3)) for event in SAMPLES]
    assert read(written(*SAMPLES)) == rounded


def test_words_that_grew_say_what_came() -> None:
    events = [*growing("The", "The sea"), *growing("The sea", heard=3)]
    assert [parse(line) for line in written(*events)[1:]] == [
        {"type": "transcript", "t": 1.5, "role": "model", "more": " sea", "heard": 0},
        {"type": "transcript", "t": 1.5, "role": "model", "more": "", "heard": 3},
    ]
    assert read(written(*events)) == events


def test_words_that_were_replaced_stand_there_whole() -> None:
    events = growing("wreck a nice", "recognise", role="user")
    assert read(written(*events)) == events
    assert "more" not in written(*events)[1]


def test_settled_words_stand_there_whole_so_that_they_can_be_read_alone() -> None:
    final = talk.Transcript(2, "model", "The sea", True, "The")
    (line,) = written(*growing("The"), final)[1:]
    assert read([line]) == [final]


def test_the_words_of_the_two_sides_grow_apart() -> None:
    events = [*growing("a"), *growing("b", role="user"), *growing("a c"), *growing("b d")]
    assert read(written(*events)) == events


def test_a_new_session_begins_its_words_anew() -> None:
    assert "more" not in written(*growing("a"), SESSION, *growing("a b"))[2]
    lines = written(*growing("a", "a b"))
    session = written(SESSION)
    assert read([lines[0], *session, lines[1]])[2] is None


def test_an_hour_of_a_growing_answer_is_of_the_size_of_its_words() -> None:
    text = "word " * 2_000
    events = growing(*(text[: 5 * count] for count in range(1, 2_001)))
    assert sum(map(len, written(*events))) < 90 * len(events)


@pytest.mark.parametrize(
    "line",
    [
        '{"type": "transcript", "t": 1, "role": "model", "more": 1, "heard": 0}',
        '{"type": "transcript", "t": 1, "role": "model", "more": "x", "heard": true}',
        '{"type": "transcript", "t": 1, "role": "model", "more": "x"}',
        '{"type": "transcript", "t": "now", "role": "model", "more": "x", "heard": 0}',
        '{"type": "transcript", "t": 1, "role": ["model"], "more": "x", "heard": 0}',
        '{"type": "transcript", "t": 1, "role": "user", "more": "x", "heard": 0}',
        '{"type": "transcript", "t": 1, "role": "mod',
        "\\0\\0\\0",
    ],
)
def test_a_broken_line_is_left_out_and_the_rest_is_read(line: str) -> None:
    lines = written(*growing("a", "a b"))
    assert read([lines[0], line, lines[1]]) == [growing("a")[0], None, growing("a b")[0]]


def test_more_heard_than_there_is_means_all() -> None:
    line = '{"type": "transcript", "t": 1.5, "role": "model", "more": "b", "heard": 99}'
    assert read([*written(*growing("a")), line])[1] == growing("ab", heard=2)[0]
    assert read([*written(*growing("a")), line.replace("99", "-1")])[1] == growing("ab")[0]


words = st.builds(
    talk.Transcript,
    st.just(1.0),
    st.sampled_from(["user", "model"]),
    st.text("ab ", max_size=4),
    st.booleans(),
    st.text("ab ", max_size=4),
    st.booleans(),
)


@given(st.lists(words, max_size=20))
def test_any_course_of_words_comes_back(events: list[talk.Transcript]) -> None:
    assert read(written(*events)) == events


def test_the_documents_example_is_what_is_written_and_its_table_has_every_field() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    example = re.search(r"```json\n(.*?)\n```", text, re.DOTALL)
    assert example is not None
    lines = example.group(1).split("\n")
    events = [event for event in read(lines) if event is not None]
    assert written(*events) == lines
    grown = parse(lines[1])
    assert grown is not None
    table = text.split("## events.jsonl")[1].split("```")[0]
    assert list(grown) == re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
