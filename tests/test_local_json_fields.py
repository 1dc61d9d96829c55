"""What comes from a client is untrusted, and spelled in two cases and two alphabets.

A wrong type must refuse the message with a path that says where, and never raise anything else.
"""

from __future__ import annotations

import base64
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.local.json_fields import Fields, parse_object, snake_case
from voicecli.local.refusal import Refusal

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@pytest.mark.parametrize("name", ["turnComplete", "turn_complete"])
def test_a_field_is_found_in_either_case(name: str) -> None:
    assert Fields({name: True}).flag("turnComplete") is True


def test_snake_case_of_a_name_without_capitals_is_the_name() -> None:
    assert (snake_case("setup"), snake_case("audioStreamEnd")) == ("setup", "audio_stream_end")


def test_missing_and_null_fields_read_as_nothing() -> None:
    for data in ({}, {"x": None}):
        fields = Fields(data)
        assert not fields.has("x")
        assert fields.text("x") == ""
        assert fields.blob("x") == b""
        assert fields.flag("x") is None
        assert fields.integer("x") is None
        assert fields.message("x") is None
        assert fields.messages("x") == []
        assert fields.texts("x") == []


def test_a_choice_is_one_of_the_names_or_left_out() -> None:
    assert Fields({"x": "LOW"}).choice("x", "LOW", "HIGH") == "LOW"
    assert Fields({}).choice("x", "LOW", "HIGH") == ""
    for other in ("low", "MIDDLE", 1):
        with pytest.raises(Refusal, match="Invalid value at 'x'"):
            Fields({"x": other}).choice("x", "LOW", "HIGH")


def test_whole_numbers_may_be_written_as_floats() -> None:
    assert Fields({"x": 500.0}).integer("x") == 500
    assert Fields({"x": 500}).integer("x") == 500


def test_lists_of_texts_and_objects_are_read() -> None:
    fields = Fields({"names": ["a", "b"], "items": [{"x": 1}, {"x": 2}]})
    assert fields.texts("names") == ["a", "b"]
    assert [item.integer("x") for item in fields.messages("items")] == [1, 2]


@pytest.mark.parametrize(
    ("getter", "value"),
    [
        ("text", 1),
        ("flag", "true"),
        ("integer", "5"),
        ("integer", True),
        ("integer", 1.5),
        ("integer", float("inf")),
        ("integer", float("nan")),
        ("integer", 2**31),
        ("integer", -1e300),
        ("blob", "*"),
        ("blob", "A"),
        ("blob", "ü"),
        ("blob", 7),
        ("message", []),
        ("messages", {}),
        ("messages", [1]),
        ("texts", "AUDIO"),
        ("texts", [1]),
    ],
)
def test_a_wrong_type_is_refused_with_its_path(getter: str, value: object) -> None:
    fields = Fields({"innerField": value}, "setup.config")
    with pytest.raises(Refusal) as refused:
        getattr(fields, getter)("innerField")
    assert refused.value.code == 1007
    assert refused.value.reason.startswith("Invalid value at 'setup.config.inner_field")


def test_paths_of_lists_carry_the_index() -> None:
    item = Fields({"tools": [{}, {"x": 1}]}, "setup").messages("tools")[1]
    with pytest.raises(Refusal, match=r"'setup\.tools\[1\]\.x'"):
        item.text("x")


@given(st.binary(), st.booleans(), st.booleans())
def test_both_base64_alphabets_are_read_padded_or_not(
    data: bytes, url_safe: bool, padded: bool
) -> None:
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    sent = encode(data).decode()
    assert Fields({"data": sent if padded else sent.rstrip("=")}).blob("data") == data


@given(JSON_VALUES)
def test_any_value_is_read_or_refused(value: object) -> None:
    fields = Fields({"x": value})
    for getter in ("text", "flag", "integer", "blob", "message", "messages", "texts"):
        with suppress(Refusal):
            getattr(fields, getter)("x")


def test_text_and_binary_frames_are_parsed_alike() -> None:
    text = json.dumps({"a": "ü"}, ensure_ascii=False)
    assert parse_object(text).data == parse_object(text.encode()).data == {"a": "ü"}


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "{",
        "[]",
        '"setup"',
        "null",
        '{"x": NaN}',
        '{"x": "\\ud800"}',
        b"\xff{}",
        "[" * 100_000,
        '{"x":' * 100_000,
        '{"x": ' + "1" * 5000 + "}",
    ],
)
def test_what_is_no_json_object_is_refused(frame: str | bytes) -> None:
    with pytest.raises(Refusal, match=r"^Invalid JSON payload received\."):
        parse_object(frame)


def test_whole_surrogate_pairs_are_characters() -> None:
    assert parse_object('{"x": "\\ud83d\\ude00"}').text("x") == "😀"
