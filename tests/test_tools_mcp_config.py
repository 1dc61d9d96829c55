"""What people paste from other MCP clients works, and nothing that is secret shows anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.errors import UsageError
from voicecli.tools.mcp.config import ServerConfig, read_servers

FOLDER = Path("/home/me/.config/voicecli")
SECRET = "sk-0123456789abcdef"


def read(table: object, name: str = "files", **environ: str) -> ServerConfig:
    (config,) = read_servers({name: table}, environ, FOLDER)
    return config


def refusal(table: object, name: str = "files", **environ: str) -> str:
    with pytest.raises(UsageError) as caught:
        read(table, name, **environ)
    assert caught.value.hint
    return str(caught.value)


def test_a_server_of_another_client_reads_as_it_is() -> None:
    config = read(
        {
            "type": "stdio",
            "command": "npx",
            "args": ["-y", "@modelcontextprotocol/server-filesystem", "/home/me/notes"],
            "env": {"LOG_LEVEL": "debug"},
        }
    )
    assert config.command == "npx"
    assert config.args == ("-y", "@modelcontextprotocol/server-filesystem", "/home/me/notes")
    assert config.env == {"LOG_LEVEL": "debug"}
    assert config.cwd == FOLDER
    assert config.origin == "MCP server files"
    assert (config.startup_timeout_s, config.timeout_s, config.disabled) == (10.0, 30.0, False)


@pytest.mark.parametrize("kind", [{}, {"type": "http"}, {"type": "streamable-http"}])
def test_a_server_on_the_network_has_url_and_headers(kind: dict[str, object]) -> None:
    config = read({**kind, "url": "https://example.org/mcp", "headers": {"X-Team": "blue"}})
    assert config.url == "https://example.org/mcp"
    assert config.headers == {"X-Team": "blue"}


def test_servers_keep_their_order() -> None:
    tables = {name: {"command": name} for name in ("b", "a", "c")}
    assert [config.name for config in read_servers(tables, {}, FOLDER)] == ["b", "a", "c"]


def test_times_are_seconds_and_a_server_can_be_switched_off() -> None:
    config = read({"command": "x", "startup_timeout_s": 60, "timeout_s": 2.5, "disabled": True})
    assert (config.startup_timeout_s, config.timeout_s, config.disabled) == (60.0, 2.5, True)


# paths


def test_paths_start_in_the_folder_of_the_settings_and_names_are_looked_up(
    home: Path,
) -> None:
    assert read({"command": "./serve", "cwd": "work"}).command == str(FOLDER / "serve")
    assert read({"command": "./serve", "cwd": "work"}).cwd == FOLDER / "work"
    assert read({"command": "/usr/bin/serve"}).command == "/usr/bin/serve"
    assert read({"command": "~/serve", "cwd": "~"}).command == str(home / "serve")
    assert read({"command": "~/serve", "cwd": "~"}).cwd == home
    assert read({"command": "serve"}).command == "serve"


# variables


def test_variables_are_taken_from_the_environment() -> None:
    config = read(
        {
            "command": "serve",
            "args": ["--key", "${KEY}", "${PORT:-80}", "${env:KEY}"],
            "env": {"TOKEN": "Bearer ${KEY}", "EMPTY": "${NOTHING:-}"},
        },
        KEY=SECRET,
    )
    assert config.args == ("--key", SECRET, "80", SECRET)
    assert config.env == {"TOKEN": f"Bearer {SECRET}", "EMPTY": ""}


def test_variables_stand_in_url_and_headers_too() -> None:
    config = read(
        {"url": "https://${HOST}/mcp", "headers": {"Authorization": "Bearer ${KEY}"}},
        HOST="example.org",
        KEY=SECRET,
    )
    assert config.url == "https://example.org/mcp"
    assert config.headers == {"Authorization": f"Bearer {SECRET}"}


def test_a_variable_that_is_not_set_is_named() -> None:
    why = refusal({"command": "serve", "env": {"TOKEN": "${MY_TOKEN}"}})
    assert "files" in why
    assert "MY_TOKEN" in why
    assert "env.TOKEN" in why


def test_a_server_that_is_off_needs_no_variables() -> None:
    assert read({"command": "x", "env": {"A": "${MY_TOKEN}"}, "disabled": True}).disabled


def test_what_is_no_variable_stays() -> None:
    assert read({"command": "x", "args": ["$HOME", "${}", "${a b}"]}).args == (
        "$HOME",
        "${}",
        "${a b}",
    )


# secrets


@pytest.mark.parametrize(
    "table",
    [
        {"command": "x", "env": {"TOKEN": SECRET}},
        {"command": "x", "args": ["--api-key", SECRET]},
        {"command": "x", "args": [f"--api-key={SECRET}"]},
        {"command": "x", "args": ["--header", f"Authorization: Bearer {SECRET}"]},
        {"command": "x", "args": [f"postgres://me:{SECRET}@db/notes"]},
        {"command": "x", "args": ["${KEY}"]},
        {"url": "https://example.org/mcp", "headers": {"Authorization": f"Bearer {SECRET}"}},
        {"url": f"https://me:{SECRET}@example.org/mcp"},
        {"url": f"https://example.org/mcp?key={SECRET}"},
        {"url": f"https://example.org/s/{SECRET}/mcp"},
    ],
)
def test_no_secret_shows(table: dict[str, object]) -> None:
    config = read(table, KEY=SECRET)
    assert SECRET not in repr(config)
    assert SECRET not in config.shown


def test_how_it_is_reached_shows_what_helps() -> None:
    assert (
        read({"command": "uvx", "args": ["mcp-server-git", "/w"]}).shown == "uvx mcp-server-git /w"
    )
    assert read({"url": "https://example.org:8443/mcp"}).shown == "https://example.org:8443"
    assert read({"command": "x", "args": ["--token", "t", "y"]}).shown == "x --token … y"


def test_foreign_text_is_shown_without_the_secrets_in_it() -> None:
    config = read(
        {"url": "https://example.org", "headers": {"Authorization": f"Bearer {SECRET}"}}, KEY="k"
    )
    assert config.redact(f"{SECRET} was refused") == "… was refused"
    assert read({"command": "x", "env": {"A": "true"}}).redact("it is true") == "it is true"


@pytest.mark.parametrize(
    "table",
    [
        {"command": "x", "env": {"TOKEN": 5, "B": SECRET}},
        {"command": "x", "env": [SECRET]},
        {"command": "x", "args": SECRET},
        {"command": ["x", SECRET]},
        {"url": f"ftp://{SECRET}"},
        {"url": f"https://{SECRET} x"},
        {"url": "https://example.org", "headers": {"A": f"{SECRET}\n"}},
        {"url": "https://example.org", "headers": {"A": f"{SECRET}é"}},
        {"url": "https://[" + SECRET},
        {"command": "x", "env": {"A": SECRET + "\0"}},
        {"command": "x", "timeout_s": SECRET},
    ],
)
def test_an_error_names_server_and_key_and_no_value(table: dict[str, object]) -> None:
    why = refusal(table)
    assert "files" in why
    assert SECRET not in why


# what is not possible


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"command": "x", "url": "https://example.org"}, "both command and url"),
        ({}, "neither command nor url"),
        ({"args": ["x"]}, "neither command nor url"),
        ({"command": ""}, "empty command"),
        ({"command": "x", "headers": {}}, "headers"),
        ({"url": "https://example.org", "args": []}, "args"),
        ({"url": "https://example.org", "type": "sse"}, "streamable HTTP"),
        ({"url": "https://example.org", "type": "stdio"}, "does not go with its type"),
        ({"command": "x", "type": "carrier pigeon"}, "does not go with its type"),
        ({"command": "x", "comand": "y"}, "unknown key: 'comand'"),
        ({"command": "x", "disabled": "yes"}, "true or false"),
        ({"command": "x", "timeout_s": 0}, "seconds"),
        ({"command": "x", "timeout_s": True}, "seconds"),
        ({"command": "x", "timeout_s": float("inf")}, "seconds"),
        ({"command": "x", "startup_timeout_s": float("nan")}, "seconds"),
        ({"command": "x", "env": {"A=B": "c"}}, "A=B"),
        ({"url": "https://example.org", "headers": {"A B": "c"}}, "A B"),
        ("npx", "must be a table"),
    ],
)
def test_what_is_wrong_is_said(table: object, said: str) -> None:
    assert said in refusal(table)


@pytest.mark.parametrize("name", ["", "my server", "ä", "-x", "a" * 41, "a\x1b[31m", "a.b"])
def test_a_name_is_short_and_plain(name: str) -> None:
    why = refusal({"command": "x"}, name)
    assert "\x1b" not in why


any_value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(
    [*("command", "args", "env", "cwd", "url", "headers", "type"), "disabled", "timeout_s", "x"]
)


@given(st.dictionaries(keys, any_value, max_size=5))
def test_any_table_is_read_or_refused(table: dict[str, object]) -> None:
    try:
        config = read(table)
    except UsageError as error:
        config, refused = None, str(error)
    assert refused.isprintable() if config is None else bool(config.command) != bool(config.url)
