"""`voicecli mcp`: whoever adds a server sees here whether it works, and no key on the screen."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from mcp_talk import SERVER
from tool_of import tool_of
from typer.testing import CliRunner, Result

from voicecli.cli.mcp import app, found_json, found_text, list_json, list_text
from voicecli.errors import ExitCode, UsageError
from voicecli.tools.mcp.config import ServerConfig
from voicecli.tools.mcp.inspection import Finding
from voicecli.tools.tool import Risk

SECRET = "hunter2hunter2"


@pytest.fixture
def settings(home: Path) -> Path:
    """The user's settings, with two servers."""
    file = home / ".config" / "voicecli" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(
        f"""
[mcp_servers.good]
command = "{sys.executable}"
args = ["{SERVER}", "--token", "{SECRET}"]
env = {{ TOKEN = "{SECRET}" }}
startup_timeout_s = 90

[mcp_servers.bad]
command = "./nowhere"
disabled = true
"""
    )
    return file


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def run_well(*words: str) -> Result:
    result = run(*words)
    assert result.exception is None
    assert result.exit_code == ExitCode.DONE
    return result


# list


@pytest.mark.usefixtures("settings")
def test_list_prints_a_line_for_each_and_no_secret() -> None:
    result = run_well("list")
    assert result.stdout.splitlines() == [
        f"good  on   {sys.executable} {SERVER} --token …",
        "bad   off  ./nowhere",
    ]


@pytest.mark.usefixtures("settings")
def test_list_as_json_says_the_same() -> None:
    assert json.loads(run_well("list", "--json").stdout)["servers"][1] == {
        "name": "bad",
        "over": "stdio",
        "reached": "./nowhere",
        "disabled": True,
    }


def test_without_servers_it_says_how_to_add_one() -> None:
    result = run_well("list")
    assert result.stdout == ""
    assert "docs/mcp.md" in result.stderr
    assert json.loads(run_well("list", "--json").stdout) == {"servers": []}


def test_what_is_wrong_in_the_settings_is_said(settings: Path) -> None:
    settings.write_text('[mcp_servers.files]\ncommand = "x"\nurl = "https://example.org"')
    result = run("list")
    assert isinstance(result.exception, UsageError)
    assert "files has both command and url" in str(result.exception)


def test_what_could_steer_the_terminal_is_shown_harmless() -> None:
    assert "\x1b" not in list_text([ServerConfig("a", "x\x1b[2J", command="x")])
    tool = tool_of(print, "f", description="says\x1b[2J\nmore")
    finding = Finding("a", 1.0, server="s\x1b[2J", tools=(tool,), left_out=("x\x1b: y",))
    assert "\x1b" not in found_text([finding])


def test_nothing_steers_the_terminal_out_of_json_either() -> None:
    odd = "s\x9b2J\u202e"
    written = list_json([ServerConfig("a", odd, command="x")])
    assert written.isprintable()
    assert json.loads(written)["servers"][0]["reached"] == odd
    tool = tool_of(print, "f", description=odd)
    found = found_json([Finding("a", 1.0, server=odd, tools=(tool,), left_out=(odd,))])
    assert found.isprintable()
    assert json.loads(found)["servers"][0]["tools"][0]["description"] == odd


# test


@pytest.mark.usefixtures("settings")
def test_test_tells_what_a_server_offers() -> None:
    result = run_well("test", "--json")
    (server,) = json.loads(result.stdout)["servers"]
    assert server["ok"]
    assert server["server"] == "misbehaving 1.2"
    assert server["tools"][0]["name"] == "echo"
    assert server["tools"][0]["risk"] == "ask"
    assert server["tools"][0]["parameters"]["required"] == ["text"]
    assert server["left_out"] == ["recursive: its schema is recursive"]
    assert SECRET not in result.stdout


@pytest.mark.usefixtures("settings")
def test_test_tries_a_server_that_is_off_if_it_is_named_and_fails_if_it_does() -> None:
    result = run("test", "bad")
    assert result.exit_code == ExitCode.FAILURE
    assert result.stdout.startswith("bad: failed after ")
    assert "nowhere cannot be run: No such file or directory" in result.stdout


@pytest.mark.usefixtures("settings")
def test_a_name_that_is_none_is_refused_with_those_there_are() -> None:
    error = run("test", "god").exception
    assert isinstance(error, UsageError)
    assert str(error) == "there is no MCP server 'god': there are good, bad"


def test_there_is_nothing_to_test_without_servers() -> None:
    assert isinstance(run("test").exception, UsageError)
    assert isinstance(run("test", "files").exception, UsageError)


def test_what_was_found_is_a_line_for_each_function() -> None:
    tools = (
        tool_of(print, "read", description="Reads.\nAt length.", risk=Risk.ASK),
        tool_of(print, "write_all", description="", risk=Risk.ASK),
    )
    good = Finding("a", 0.26, protocol="2025-11-25", server="files 1.0", tools=tools)
    bad = Finding("b", 10.0, problem="it did not answer within 10 s")
    odd = Finding("c", 1.0, protocol="2025-11-25", tools=tools[:1], left_out=("f: too large",))
    assert found_text([good, bad, odd]).splitlines() == [
        "a: files 1.0, protocol 2025-11-25, 2 functions, after 0.3 s",
        "  read       ask  Reads.",
        "  write_all  ask",
        "b: failed after 10.0 s: it did not answer within 10 s",
        "c: a server without a name, protocol 2025-11-25, 1 function, after 1.0 s",
        "  read  ask  Reads.",
        "  left out: f: too large",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="only on systems with signals")
def test_ctrl_c_ends_it_and_the_server(settings: Path) -> None:
    began = settings.parent / "began"
    program = f"import pathlib, time; pathlib.Path({str(began)!r}).touch(); time.sleep(600)"
    settings.write_text(
        "[mcp_servers.sleepy]\nstartup_timeout_s = 300\n"
        f"command = {json.dumps(sys.executable)}\nargs = ['-c', {json.dumps(program)}]"
    )
    command = [sys.executable, "-c", "from voicecli.cli.mcp import app; app()", "test"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while not began.exists():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED
    assert (out, err) == (b"", b"")
