"""A shell command always asks, and runs as the user would run it, but for secrets."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from voicecli.tools.approval import Answer, Approval
from voicecli.tools.built_in.shell import shell_command, shell_tool
from voicecli.tools.runner import Outcome, run
from voicecli.tools.tool import Risk
from voicecli.tools.toolbox import Toolbox

pytestmark = pytest.mark.skipif(os.name == "nt", reason="only on POSIX")

ENVIRON = {"PATH": os.environ.get("PATH", os.defpath), "GEMINI_API_KEY": "k", "SHELL": "/bin/sh"}


def outcome_of(command: str, *names: str) -> Outcome:
    tool = shell_tool(ENVIRON, names)
    return asyncio.run(run(tool, {"command": command}, lambda result: None))


def test_the_model_gets_exit_code_and_output() -> None:
    assert outcome_of("echo hello | tr a-z A-Z; exit 2").response == {
        "result": {"exit_code": 2, "output": "HELLO\n"}
    }


def test_a_note_tells_what_is_missing() -> None:
    result = outcome_of("seq 10000").result
    assert isinstance(result, dict)
    assert "left out" in result["note"]


def test_it_runs_in_the_current_folder(home: Path) -> None:
    (home / "here").touch()
    assert outcome_of("ls").result == {"exit_code": 0, "output": "here\n"}


def test_no_secret_reaches_it_unless_it_is_named() -> None:
    command = 'echo "$GEMINI_API_KEY" "$TERM"'
    assert outcome_of(command).result == {"exit_code": 0, "output": " dumb\n"}
    named = outcome_of(command, "GEMINI_API_KEY")
    assert named.result == {"exit_code": 0, "output": "k dumb\n"}


def test_no_setting_and_no_answer_spares_the_question() -> None:
    tool = shell_tool(ENVIRON, ())
    approval = Approval(Toolbox([tool], {"shell": Risk.SAFE}))
    assert approval.answered(tool, Answer.ALWAYS)
    assert approval.risk(tool) is Risk.ASK


@pytest.mark.parametrize("shell", ["", "fish", "/no/such/shell"])
def test_without_a_shell_of_the_users_the_systems_own_is_taken(shell: str) -> None:
    assert shell_command("ls", {"SHELL": shell}) == ("/bin/sh", "-c", "ls")


def test_the_users_shell_is_taken(home: Path) -> None:
    shell = home / "zsh"
    shell.touch(mode=0o755)
    assert shell_command("ls", {"SHELL": str(shell)}) == (str(shell), "-c", "ls")
