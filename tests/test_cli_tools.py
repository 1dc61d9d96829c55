"""`voicecli tools`: what the model would be offered, and the same functions called by hand."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from voicecli.cli.app import app
from voicecli.errors import UsageError, VoicecliError

OWN = '''
from voicecli.tools import tool

@tool
def roll_dice(count: int, sides: int = 6) -> list[int]:
    """Rolls dice.

    Args:
        count: How many dice.
    """
    return [sides] * count

@tool(background=True)
def count_up(to: int):
    """Counts."""
    yield from range(1, to + 1)

@tool
def chatters() -> str:
    """Prints while it works."""
    print("thinking aloud")
    return "done"

@tool
def says(text: str) -> str:
    """Says \\x9b2J to the terminal."""
    if "error" in text:
        raise RuntimeError(text)
    return text

@tool
def fails() -> None:
    """Fails."""
    raise RuntimeError("no dice")
'''


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / ".config" / "voicecli"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('tools = ["tools.py"]\n')
    (folder / "tools.py").write_text(OWN)
    return tmp_path


def run(*args: str) -> Result:
    return CliRunner().invoke(app, ["tools", *args])


def refused(*args: str) -> VoicecliError:
    result = run(*args)
    assert isinstance(result.exception, VoicecliError)
    return result.exception


def test_the_list_tells_names_risk_origin_and_what_is_taken() -> None:
    result = run("list", "--tool", "shell")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "roll_dice  (safe; ~/.config/voicecli/tools.py)"
    assert lines[1] == "    Rolls dice."
    assert lines[2].startswith("    count: {")
    assert "How many dice." in lines[2]
    assert lines[3].startswith("    sides?: {")
    assert "count_up  (safe, in the background; ~/.config/voicecli/tools.py)" in lines
    assert "shell  (ask; built in)" in lines
    assert "Off: current_time" in result.stderr
    assert "shell" not in result.stderr


def test_the_list_as_json_is_what_the_model_would_get() -> None:
    dice, counting, _, _, failing = json.loads(run("list", "--json").stdout)
    assert dice["parameters"]["required"] == ["count"]
    assert dice["risk"] == "safe"
    assert counting["background"] is True
    assert failing["description"] == "Fails."


def test_what_is_withheld_is_not_listed() -> None:
    listed = json.loads(run("list", "--json", "--no-tool", "fails").stdout)
    assert [one["name"] for one in listed] == ["roll_dice", "count_up", "chatters", "says"]


def test_a_call_prints_its_result_as_json() -> None:
    result = run("call", "roll_dice", '{"count": 3}')
    assert (result.exit_code, result.stdout) == (0, "[6, 6, 6]\n")


def test_a_call_that_goes_on_prints_each_result_on_a_line() -> None:
    assert run("call", "count_up", '{"to": 3}').stdout == "1\n2\n3\n"


def test_what_a_function_prints_is_no_part_of_its_result() -> None:
    result = run("call", "chatters")
    assert result.stdout == '"done"\n'
    assert "thinking aloud" in result.stderr


def test_nothing_that_a_function_says_steers_the_terminal() -> None:
    odd = "\x1b[2J\x9b2J\u202e"
    called = run("call", "says", json.dumps({"text": odd})).stdout
    assert called.strip().isprintable()
    assert json.loads(called) == odd
    assert str(refused("call", "says", json.dumps({"text": f"error{odd}"}))).isprintable()
    listed = run("list", "--json").stdout
    assert listed.replace("\n", "").isprintable()
    assert "\x9b" in json.loads(listed)[3]["description"]


def test_functions_of_voicecli_can_be_called_without_being_offered() -> None:
    result = run("call", "calculator", '{"expression": "6*7"}')
    assert "42" in result.stdout


def test_wrong_arguments_are_told_as_the_model_would_be_told() -> None:
    error = refused("call", "roll_dice", '{"cuont": 3}')
    assert "cuont" in str(error)
    assert not isinstance(error, UsageError)


@pytest.mark.parametrize("text", ["{", "[]", "3", "x", "[" * 100_000], ids=range(5))
def test_arguments_that_are_no_json_object_are_refused_with_an_example(text: str) -> None:
    error = refused("call", "roll_dice", text)
    assert isinstance(error, UsageError)
    assert error.hint.startswith("voicecli tools call")


def test_a_function_that_fails_fails_the_command() -> None:
    assert str(refused("call", "fails")) == "fails failed: RuntimeError: no dice"


def test_a_name_that_nothing_has_is_told_with_those_that_there_are() -> None:
    error = refused("call", "rool_dice")
    assert isinstance(error, UsageError)
    assert "roll_dice" in str(error)


def test_a_file_with_a_mistake_is_told_with_its_line(home: Path) -> None:
    path = home / ".config" / "voicecli" / "tools.py"
    path.write_text('from voicecli.tools import tool\n\n@tool\ndef f(x):\n    """Does."""\n')
    error = refused("list")
    assert isinstance(error, UsageError)
    assert "tools.py" in str(error)
    assert "line 4" in str(error)
    assert "x" in str(error)


def test_a_servers_functions_are_listed_and_called_too(home: Path) -> None:
    server = Path(__file__).with_name("mcp_server.py")
    settings = f"[mcp_servers.odd]\ncommand = {json.dumps(sys.executable)}\n"
    settings += f"args = {json.dumps([str(server)])}\n"
    (home / ".config" / "voicecli" / "config.toml").write_text(settings)
    listed = json.loads(run("list", "--json").stdout)
    assert {one["origin"] for one in listed} == {"MCP server odd"}
    assert {one["risk"] for one in listed} == {"ask"}
