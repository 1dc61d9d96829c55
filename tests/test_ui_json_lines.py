"""`--json` is a contract: docs/events.md and the code say the same, whatever texts hold."""

from __future__ import annotations

import asyncio
import dataclasses
import io
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui_controls import Recorder
from ui_events import SAMPLES

from voicecli.live.patience import Patience
from voicecli.talk import events as talk
from voicecli.ui.json_lines import TYPES, JsonView, encode, fields

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


def test_a_stream_that_is_not_utf8_gets_ascii() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="cp1252")
    JsonView(stream).show(talk.Noted(0, "日é"))
    assert raw.getvalue().isascii()
    assert json.loads(raw.getvalue())["message"] == "日é"


def test_the_view_writes_a_line_for_each_event_and_serves_nothing() -> None:
    out = io.StringIO()
    view = JsonView(out)
    for event in SAMPLES:
        view.show(event)
    asyncio.run(view.run(Recorder()))
    view.close()
    view.close()
    assert [json.loads(line)["type"] for line in out.getvalue().splitlines()] == list(
        TYPES.values()
    )
