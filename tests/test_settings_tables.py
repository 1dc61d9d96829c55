"""Tables in the settings: what is called with or without a question, and which MCP servers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.settings.tables import RISK_WORDS, RISKS, SERVERS, ServerTables
from voicecli.settings.values import Kind, Place

HERE = Path("/home/ada")
TOML_PLACE = Place(HERE)
ENVIRONMENT = Place(HERE, text_too=True)


def why_not(kind: Kind, value: object, place: Place = TOML_PLACE) -> str:
    with pytest.raises(ValueError, match=r".") as caught:
        kind.parse(value, place)
    return str(caught.value)


@given(
    st.dictionaries(st.from_regex(r"[a-z_]+", fullmatch=True), st.sampled_from(RISK_WORDS)),
    st.sampled_from((" ", ", ", ",")),
)
def test_risks_are_the_same_as_a_table_and_as_text(risks: dict[str, str], between: str) -> None:
    text = between.join(f"{name}={risk}" for name, risk in risks.items())
    assert RISKS.parse(risks, TOML_PLACE) == risks
    assert RISKS.parse(text, ENVIRONMENT) == risks


@pytest.mark.parametrize("bad", [{"shell": "never"}, {"shell": True}, {"shell": ["deny"]}])
def test_a_risk_is_one_of_three_words(bad: object) -> None:
    assert "one of safe, ask and deny" in why_not(RISKS, bad)


def test_text_with_a_name_alone_has_no_risk() -> None:
    assert "one of safe" in why_not(RISKS, "shell", ENVIRONMENT)


def test_a_table_is_needed() -> None:
    assert why_not(RISKS, "shell=deny") == "it is a string"
    assert why_not(RISKS, 1, ENVIRONMENT) == "it is a number"
    assert why_not(SERVERS, "{}") == "it is a string"
    assert why_not(SERVERS, [], ENVIRONMENT) == "it is a list"


def test_servers_remember_the_folder_that_their_paths_start_in() -> None:
    tables = {"files": {"command": "serve", "cwd": "data"}}
    assert SERVERS.parse(tables, TOML_PLACE) == ServerTables(tables, HERE)


def test_servers_are_json_in_the_environment() -> None:
    parsed = SERVERS.parse('{"files": {"url": "https://localhost/mcp"}}', ENVIRONMENT)
    assert parsed == ServerTables({"files": {"url": "https://localhost/mcp"}}, HERE)


@pytest.mark.parametrize("bad", ["{", "[" * 100_000, "x"], ids=range(3))
def test_text_that_is_no_json_is_refused_without_repeating_it(bad: str) -> None:
    assert why_not(SERVERS, bad, ENVIRONMENT) == "it is not JSON"


def test_the_keys_that_servers_need_are_not_printed() -> None:
    tables = {"files": {"command": "serve", "env": {"TOKEN": "hush"}}}
    assert "hush" not in repr(SERVERS.parse(tables, TOML_PLACE))
