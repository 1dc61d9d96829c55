"""`config show` is what people paste into bug reports: whole, clear, and without a secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from settings_folder import ANY_SPEED, Machine

from voicecli.settings import FIELDS
from voicecli.settings.show import Row, key_in_words, rows, visible


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def row(machine: Machine, name: str, user: str, env: dict[str, str] | None = None) -> Row:
    (found,) = (row for row in rows(machine.resolve(user=user, env=env)) if row.name == name)
    return found


def test_there_is_a_row_for_every_setting(machine: Machine) -> None:
    assert [row.name for row in rows(machine.resolve())] == list(FIELDS)


def test_a_row_tells_value_and_origin(machine: Machine) -> None:
    origin = str(machine.user_file)
    assert row(machine, "voice", 'voice = "Kore"') == Row("voice", "Kore", "Kore", origin)
    assert row(machine, "temperature", "temperature = 1") == Row("temperature", 1.0, "1", origin)
    assert row(machine, "local", "local = true") == Row("local", True, "true", origin)
    assert row(machine, "local", "") == Row("local", False, "false", "default")
    assert row(machine, "voice", "") == Row("voice", None, "-", "default")


def test_a_long_text_is_cut_in_the_table_only(machine: Machine) -> None:
    found = row(machine, "system", f'system = "{"a" * 100}"')
    assert found.value == "a" * 100
    assert found.shown == "a" * 60 + "…"


def test_control_characters_are_made_visible(machine: Machine) -> None:
    found = row(machine, "system", r'system = "\u001b]0;evil\u0007\nnext"')
    assert found.shown == r"\x1b]0;evil\x07\nnext"


def test_a_command_is_shown_without_its_words(machine: Machine) -> None:
    found = row(machine, "api_key_command", 'api_key_command = "echo my-secret"')
    assert (found.value, found.shown) == ("echo …", "echo …")
    assert row(machine, "api_key_command", 'api_key_command = "/bin/mine"').shown == "/bin/mine"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://localhost:8443/v1", "https://localhost:8443/v1"),
        ("https://ada:hush@h:1/x", "https://h:1/x (more is hidden)"),
        ("https://h/x?key=hush", "https://h/x (more is hidden)"),
        ("https://h/#hush", "https://h/ (more is hidden)"),
        ("https://hush@[::1]:5", "https://[::1]:5 (more is hidden)"),
    ],
)
def test_an_address_is_shown_without_its_secrets(machine: Machine, url: str, shown: str) -> None:
    assert row(machine, "base_url", f'base_url = "{url}"').shown == shown


def test_what_looks_like_a_key_is_hidden_wherever_it_stands(machine: Machine) -> None:
    key = "AIzaSyD-0123456789_abcdefghijklmnopqrstu"
    for name in ("model", "voice", "system", "input_device", "local_script"):
        found = row(machine, name, f'{name} = "{key}"')
        assert key not in f"{found.value}{found.shown}"


def test_the_key_is_told_as_set_or_not(machine: Machine) -> None:
    assert key_in_words(machine.resolve()) == "not set"
    resolved = machine.resolve(env={"GOOGLE_API_KEY": "hush"})
    assert key_in_words(resolved) == "set (GOOGLE_API_KEY in the environment)"


def test_the_command_for_the_key_is_not_run(machine: Machine, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    resolved = machine.resolve(user=f'api_key_command = ["touch", "{trace}"]')
    assert key_in_words(resolved) == "set (api_key_command (touch))"
    assert not trace.exists()


@ANY_SPEED
@given(st.text(st.characters()))
def test_visible_text_is_always_printable(text: str) -> None:
    assert visible(text).isprintable()
    if text.isprintable():
        assert visible(text) == text


def test_lists_and_tables_are_shown_by_their_names(machine: Machine) -> None:
    assert row(machine, "offer", 'offer = ["timer", "notes"]').shown == "timer, notes"
    assert row(machine, "tool_risk", 'tool_risk = { shell = "deny" }').shown == "shell=deny"
    servers = 'mcp_servers.files = { command = "serve", env = { TOKEN = "hush" } }'
    assert row(machine, "mcp_servers", servers).value == "files"
