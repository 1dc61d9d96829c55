"""`voicecli config` answers "why does it do that?": it must tell the truth and no secret."""

from __future__ import annotations

import io
import json
import stat
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from voicecli.cli.config import app
from voicecli.errors import UsageError, VoicecliError
from voicecli.settings import FIELDS

KEY = "AIzaSyD-0123456789_abcdefghijklmnopqrstu"


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def run_well(*words: str) -> Result:
    result = run(*words)
    assert result.exception is None
    assert result.exit_code == 0
    return result


TOOL_SETTINGS = (
    "tools",
    "offer",
    "tool_risk",
    "notes_file",
    "read_folders",
    "shell_env",
    "mcp_servers",
)
GOOGLE_S_OWN = ("search", "code", "url_context", "thoughts")


def user_file(home: Path) -> Path:
    return home / ".config" / "voicecli" / "config.toml"


def write_user_file(home: Path, text: str) -> None:
    user_file(home).parent.mkdir(parents=True)
    user_file(home).write_text(text)


# show


def test_show_prints_aligned_lines_with_value_and_origin(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_user_file(home, 'model = "other-model"')
    Path("voicecli.toml").write_text('language = "de-DE"')
    monkeypatch.setenv("VOICECLI_VOICE", "Kore")
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    result = run_well("show")
    assert result.stdout.splitlines() == [
        "model                               other-model  ~/.config/voicecli/config.toml",
        "voice                               Kore         VOICECLI_VOICE in the environment",
        "language                            de-DE        ./voicecli.toml",
        "system                              -            default",
        "temperature                         -            default",
        "input_device                        -            default",
        "output_device                       -            default",
        "echo_cancel                         true         default",
        "headphones                          false        default",
        "barge_in                            true         default",
        "patience                            normal       default",
        "push_to_talk                        false        default",
        "context_compression.trigger_tokens  64000        default",
        "context_compression.target_tokens   32000        default",
        "history                             true         default",
        "history_days                        30           default",
        "record                              false        default",
        *(f"{name:35} -            default" for name in TOOL_SETTINGS),
        *(f"{name:35} false        default" for name in GOOGLE_S_OWN),
        "thinking                            -            default",
        "local                               false        default",
        "local_script                        -            default",
        "api_key_command                     -            default",
        "base_url                            -            default",
        "api_key                             set (GEMINI_API_KEY in the environment)",
    ]


def test_show_as_json_has_typed_values_and_origins(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_user_file(home, "temperature = 0.5\nlocal = true")
    monkeypatch.setenv("GOOGLE_API_KEY", KEY)
    result = run_well("show", "--json")
    told = json.loads(result.stdout)
    assert list(told) == [*FIELDS, "api_key"]
    assert told["temperature"] == {"value": 0.5, "origin": "~/.config/voicecli/config.toml"}
    assert told["local"]["value"] is True
    assert told["voice"] == {"value": None, "origin": "default"}
    assert told["api_key"] == {"set": True, "origin": "GOOGLE_API_KEY in the environment"}
    assert KEY not in result.output


def test_show_as_json_without_a_key() -> None:
    assert json.loads(run_well("show", "--json").stdout)["api_key"] == {
        "set": False,
        "origin": None,
    }


def test_show_takes_a_profile(home: Path) -> None:
    write_user_file(home, '[profiles.work]\nvoice = "Puck"')
    told = json.loads(run_well("show", "--json", "--profile", "work").stdout)
    assert told["voice"]["origin"] == "profile work in ~/.config/voicecli/config.toml"


def test_show_tells_a_broken_file_as_usage_error() -> None:
    Path("voicecli.toml").write_text("modle = 1")
    error = run("show").exception
    assert isinstance(error, UsageError)
    assert "did you mean model?" in str(error)


def test_show_never_shows_a_secret(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_user_file(home, 'api_key_command = ["echo", "hush1"]')
    Path(".env").write_text("GOOGLE_API_KEY=hush2\n")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "https://ada:hush3@h/?key=hush4")
    monkeypatch.setenv("VOICECLI_SYSTEM", f"The key is {KEY}.")
    for words in (["show"], ["show", "--json"]):
        output = run_well(*words).output
        assert "hush" not in output
        assert KEY not in output
        assert "GOOGLE_API_KEY in ./.env" in output


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown_on_a_terminal(monkeypatch: pytest.MonkeyPatch, **env: str) -> str:
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("COLUMNS", "80")
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    app(["show"], standalone_mode=False)
    return screen.getvalue()


def test_show_draws_a_table_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown_on_a_terminal(monkeypatch, VOICECLI_VOICE="[bold]Kore[/]")
    assert "setting" in text
    assert "\x1b[36m" in text
    assert "[bold]Kore[/]" in text  # data, not markup


def test_show_draws_without_colour_where_colour_is_not_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = shown_on_a_terminal(monkeypatch, NO_COLOR="1")
    assert "\x1b[36m" not in text
    assert "gemini-3.8-live" in text


# path


def test_path_prints_the_users_file_alone_and_notes_that_it_is_missing(home: Path) -> None:
    result = run_well("path")
    assert result.stdout == f"{user_file(home)}\n"
    assert "voicecli config init" in result.stderr


def test_path_prints_both_files_if_they_exist(home: Path) -> None:
    write_user_file(home, "")
    Path("voicecli.toml").write_text("")
    result = run_well("path")
    assert result.stdout.splitlines() == [
        str(user_file(home)),
        str((home / "voicecli.toml").resolve()),
    ]
    assert result.stderr == ""


# init


def test_init_writes_the_example_for_the_user_only(home: Path) -> None:
    assert run_well("init").stdout == f"{user_file(home)}\n"
    assert user_file(home).read_text() == Path(__file__).parent.parent.joinpath(
        "config.example.toml"
    ).read_text(encoding="utf-8")
    assert stat.S_IMODE(user_file(home).stat().st_mode) == 0o600
    assert stat.S_IMODE(user_file(home).parent.stat().st_mode) == 0o700
    assert run_well("show").exit_code == 0


@pytest.mark.parametrize("existing", ["file", "broken link"])
def test_init_overwrites_nothing(home: Path, existing: str) -> None:
    user_file(home).parent.mkdir(parents=True)
    if existing == "file":
        user_file(home).write_text('voice = "Kore"')
    else:
        user_file(home).symlink_to(home / "elsewhere")
    error = run("init").exception
    assert isinstance(error, UsageError)
    assert error.exit_code == 2
    assert "config.toml exists already" in str(error)
    assert error.hint
    assert not (home / "elsewhere").exists()
    assert existing != "file" or user_file(home).read_text() == 'voice = "Kore"'


@pytest.mark.parametrize("blocked", [".config", ".config/voicecli"])
def test_init_tells_what_is_in_its_way(home: Path, blocked: str) -> None:
    path = home / blocked
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    error = run("init").exception
    assert isinstance(error, VoicecliError)
    assert error.exit_code == 1
    assert "cannot be written" in str(error)
