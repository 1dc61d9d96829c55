"""One list drives everything about settings; these tests keep its rows whole."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from voicecli.settings import FIELDS, Settings
from voicecli.settings.fields import Field
from voicecli.settings.values import Place

EVERY_FIELD = pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)


def test_the_list_has_every_setting_in_order() -> None:
    attributes = [field.attribute for field in FIELDS.values()]
    assert attributes == [field.name for field in dataclasses.fields(Settings)]


@EVERY_FIELD
def test_a_default_is_a_possible_value(field: Field) -> None:
    if field.default is not None:
        assert field.kind.parse(field.default, Place(Path())) == field.default


@EVERY_FIELD
def test_an_example_is_a_possible_value(field: Field) -> None:
    assert field.kind.parse(field.example, Place(Path())) is not None


@EVERY_FIELD
def test_a_setting_is_explained_in_whole_sentences(field: Field) -> None:
    assert field.about[0].isupper()
    assert field.about.endswith(".")
    assert "|" not in field.about  # it would end the cell of the table in the documentation


def test_names_of_flags_and_variables_follow_the_setting() -> None:
    assert FIELDS["input_device"].flag == "--input-device"
    assert FIELDS["input_device"].environment_name == "VOICECLI_INPUT_DEVICE"


def test_the_base_url_has_the_name_that_the_sdk_gives_it() -> None:
    assert FIELDS["base_url"].environment_name == "GOOGLE_GEMINI_BASE_URL"


def test_variables_are_distinct() -> None:
    assert len({field.environment_name for field in FIELDS.values()}) == len(FIELDS)


def test_what_runs_programs_moves_the_key_or_keeps_words_is_for_trusted_places() -> None:
    trusted_only = {field.name for field in FIELDS.values() if field.trusted_only}
    kept = {"history", "history_days", "record"}
    called = {"tools", "offer", "tool_risk", "mcp_servers"}
    reached = {"notes_file", "read_folders", "shell_env"}
    told = {"base_url", "url_context"}
    assert trusted_only == {"api_key_command", *told, *kept, *called, *reached}


def test_printed_settings_hide_what_may_hold_a_key() -> None:
    printed = repr(Settings(api_key_command=("echo", "hush"), base_url="https://u:hush@h"))
    assert "hush" not in printed
    assert "gemini-3.8-live" in printed
