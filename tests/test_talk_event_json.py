"""`--json` is a contract: docs/events.md and the code say the same, whatever texts hold.

What was written comes back, and what others wrote is an event or nothing.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui_events import SAMPLES

from voicecli.live.patience import Patience
from voicecli.talk import events as talk
from voicecli.talk.event_json import TYPES, decode, encode, event_of, fields, parse

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "events.md"
OUTCOMES = {"result", "error", "cancelled"}
any_text = st.text(st.characters(codec=None))


def sections() -> dict[str, str]:
    """The document's sections by their heading."""
    parts = re.split(r"^## (\w+)\n", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_event_has_a_type_a_sample_and_a_section() -> None:
    classes = set(get_args(talk.TalkEvent))
    assert classes == set(TYPES) == {type(event) for event in SAMPLES}
    assert list(sections()) == [TYPES[type(event)] for event in SAMPLES]


@pytest.mark.parametrize("event", SAMPLES, ids=lambda event: TYPES[type(event)])
def test_the_documents_example_is_what_is_written(event: talk.TalkEvent) -> None:
    example = re.search(r"```json\n(.*)\n```", sections()[TYPES[type(event)]])
    assert example is not None
    assert example.group(1) == encode(event)


@pytest.mark.parametrize("event", SAMPLES, ids=lambda event: TYPES[type(event)])
def test_the_documents_table_names_exactly_the_fields(event: talk.TalkEvent) -> None:
    named = re.findall(r"^\| `(\w+)` \|", sections()[TYPES[type(event)]], re.MULTILINE)
    written = list(fields(event))
    assert written[:2] == ["type", "t"]
    if isinstance(event, talk.ToolFinished):
        named = [name for name in named if name not in OUTCOMES - {"result"}]
    assert written[2:] == named


@pytest.mark.parametrize(
    ("section", "values"),
    [("state", talk.State), ("patience", Patience), ("session", [*talk.Echo, *Patience])],
)
def test_the_document_names_every_value(section: str, values: Iterable[str]) -> None:
    named = set(re.findall(r"`([\w ]+)`", sections()[section].split("|")[0]))
    assert named - {field.name for field in dataclasses.fields(talk.SessionStarted)} == set(values)


def test_the_document_names_every_field_of_a_device() -> None:
    named = re.search(r"objects with (.*) \|", sections()["devices"])
    assert named is not None
    fields_of_a_device = [field.name for field in dataclasses.fields(talk.DeviceOption)]
    assert re.findall(r"`(\w+)`", named.group(1)) == fields_of_a_device


@pytest.mark.parametrize(
    ("finished", "outcome"),
    [
        (talk.ToolFinished(1, "f", "n", 1, result=None), ("result", None)),
        (talk.ToolFinished(1, "f", "n", 1, error="no"), ("error", "no")),
        (talk.ToolFinished(1, "f", "n", 1, cancelled=True), ("cancelled", True)),
    ],
)
def test_a_tool_result_has_one_outcome(
    finished: talk.ToolFinished, outcome: tuple[str, object]
) -> None:
    values = fields(finished)
    assert {name: values[name] for name in OUTCOMES & set(values)} == dict([outcome])


def test_times_have_three_decimals() -> None:
    assert encode(talk.AudioReceived(1.23456, 960, 0.0200004)) == (
        '{"type": "audio", "t": 1.235, "bytes": 960, "seconds": 0.02}'
    )


def test_text_is_kept_and_controls_are_escaped() -> None:
    line = encode(talk.Noted(0, "né\n\x1b[2J\x9b\u2028\u202e日"))
    assert "né" in line
    assert "日" in line
    assert re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u202e]", line) is None
    assert json.loads(line)["message"] == "né\n\x1b[2J\x9b\u2028\u202e日"


def test_half_a_surrogate_pair_becomes_the_replacement_character() -> None:
    line = encode(talk.Noted(0, "a\ud83db"))
    assert json.loads(line.encode())["message"] == "a\ufffdb"


@given(any_text, st.dictionaries(any_text, any_text))
def test_every_event_is_one_line_of_valid_utf8_json(text: str, args: dict[str, str]) -> None:
    for event in (talk.Noted(0, text), talk.ToolCalled(0, text, text, args)):
        line = encode(event).encode().decode()
        assert line.splitlines() == [line]
        json.loads(line)


@given(st.text())
def test_text_comes_back_as_it_was(text: str) -> None:
    for ascii_only in (False, True):
        line = encode(talk.Noted(0, text), ascii_only=ascii_only)
        assert json.loads(line)["message"] == text


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Anything that may stand in a field of this type."""
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return st.one_of([values_of(member) for member in args])
    if origin is Literal:
        return st.sampled_from(args)
    if origin is tuple:
        return st.lists(values_of(args[0]), max_size=3).map(tuple)
    if origin is Mapping:
        return st.dictionaries(st.text(), values_of(args[1]), max_size=3)
    if dataclasses.is_dataclass(kind):
        return events_of(kind)
    plain: dict[Any, st.SearchStrategy[Any]] = {
        object: st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists),
        float: st.integers(0, 10**9).map(lambda thousandths: thousandths / 1000),
        int: st.integers(-(10**9), 10**9),
        str: st.text(),
    }
    return plain[kind] if kind in plain else st.from_type(kind)


def events_of(kind: Any) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    return st.builds(kind, **{name: values_of(hint) for name, hint in hints.items()})


@pytest.mark.parametrize("event", SAMPLES, ids=lambda event: TYPES[type(event)])
def test_what_was_written_comes_back(event: talk.TalkEvent) -> None:
    rounded = dataclasses.replace(event, t_s=round(event.t_s, 3))
    assert decode(encode(event)) == rounded
    assert decode(encode(event, ascii_only=True)) == rounded


@given(st.one_of([events_of(kind) for kind in get_args(talk.TalkEvent)]))
def test_every_event_comes_back(event: talk.TalkEvent) -> None:
    again = decode(encode(event))
    assert again is not None
    if not isinstance(event, talk.ToolFinished):  # of several outcomes one is written
        assert again == event
    assert encode(again) == encode(event)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "no JSON",
        "[1, 2]",
        '{"t": 1}',
        '{"type": "unheard of", "t": 1}',
        '{"type": ["note"], "t": 1, "message": "x"}',
        '{"type": "note", "t": 1}',
        '{"type": "note", "t": "1", "message": "x"}',
        '{"type": "note", "t": true, "message": "x"}',
        '{"type": "note", "t": NaN, "message": "x"}',
        '{"type": "note", "t": Infinity, "message": "x"}',
        '{"type": "note", "t": 1e400, "message": "x"}',
        '{"type": "note", "t": 1, "message": 7}',
        '{"type": "note", "t": 1, "message": "cut of',
        '{"type": "note", "t": 1' + "0" * 400 + ', "message": "x"}',
        '{"type": "note", "t": 1' + "0" * 9000 + ', "message": "x"}',
        '{"type": "mute", "t": 1, "muted": 1}',
        '{"type": "volume", "t": 1, "percent": 60.5}',
        '{"type": "state", "t": 1, "state": "asleep"}',
        '{"type": "transcript", "t": 1, "role": "system", "text": "", "final": true, "heard": ""}',
        '{"type": "tool_call", "t": 1, "id": "a", "name": "b", "args": []}',
        '{"type": "sources", "t": 1, "queries": [], "sources": [{"uri": "x"}]}',
        "[" * 100_000,
    ],
)
def test_what_is_no_event_is_none(line: str) -> None:
    assert decode(line) is None


@given(st.text() | st.binary().map(lambda data: data.decode("utf-8", "replace")))
def test_nothing_that_others_wrote_raises(line: str) -> None:
    decode(line)


@given(
    st.sampled_from(SAMPLES),
    st.dictionaries(
        st.sampled_from(["t", "text", "role", "args", "result", "sources", "state", "final"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        ),
    ),
)
def test_whatever_an_event_is_made_of_it_can_be_written_again(
    sample: talk.TalkEvent, changes: dict[str, object]
) -> None:
    event = event_of({**fields(sample), **changes})
    if event is not None:
        assert parse(encode(event)) is not None


def test_fields_of_a_later_version_are_left_alone_and_defaults_fill_in() -> None:
    line = '{"type": "transcript", "t": 1, "role": "user", "text": "a", "final": true, "heard": "a"'
    expected = talk.Transcript(1.0, "user", "a", True, "a")
    assert decode(line + ', "mood": {"x": 1}}') == expected


def test_calls_in_records_of_an_earlier_version_are_read() -> None:
    called = decode('{"type": "tool_call", "t": 1, "id": "f1", "name": "now", "args": {"a": 1}}')
    assert called == talk.ToolCalled(1.0, "f1", "now", {"a": 1}, background=False)


def test_half_a_surrogate_pair_does_not_come_in() -> None:
    assert decode('{"type": "note", "t": 1, "message": "a\\ud800"}') == talk.Noted(1.0, "a\ufffd")


def test_deep_values_end() -> None:
    deep = "[" * 500 + "]" * 500
    event = decode(
        '{"type": "tool_result", "t": 1, "id": "", "name": "", "seconds": 0, "result": '
        + deep
        + "}"
    )
    assert event is not None
    assert "…" in encode(event)
