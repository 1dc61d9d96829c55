"""The command line as a shell sees it: help, exit codes, one sentence for an error."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from voicecli import __version__

COMMANDS = ("talk", "sessions", "replay", "transcribe", "demo", "devices", "serve", "config")


def voicecli(*args: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    """Run voicecli as a user would, in a pipe."""
    return subprocess.run(
        [sys.executable, "-m", "voicecli", *args],
        input=stdin,
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def test_help_names_every_command_and_the_exit_codes() -> None:
    done = voicecli("--help")
    assert done.returncode == 0
    assert done.stderr == ""
    for command in COMMANDS:
        assert command in done.stdout
    assert "130 interrupted" in " ".join(done.stdout.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    done = voicecli(command, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_the_version_is_told() -> None:
    assert voicecli("--version").stdout == f"voicecli {__version__}\n"


@pytest.mark.parametrize(
    "args",
    [
        ("sing",),
        ("talk", "--tempo"),
        ("talk", "--temperature", "hot"),
        ("talk", "--local", "--temperature", "3", "--text", "hi"),
        ("talk", "--local", "--text", "@missing.txt"),
        ("talk", "--local", "--system", "@missing.txt", "--text", "hi"),
        ("talk", "--local", "--profile", "none", "--text", "hi"),
        ("talk", "--local", "--no-mic"),
        ("talk", "--local", "--text", "hi", "--max-cost", "1"),
        ("talk", "--local", "--text", "hi", "--max-minutes", "0"),
        ("talk", "--local", "--text", "hi", "--save-audio", "no/such/folder/x.wav"),
        ("talk", "--local", "--text", "hi", "--save-transcript", "no/such/folder/x.txt"),
    ],
)
def test_wrong_usage_is_exit_2_with_words_on_stderr_only(args: tuple[str, ...]) -> None:
    done = voicecli(*args)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_key_the_three_ways_and_the_keyless_one_are_named() -> None:
    done = voicecli("talk", "--text", "hi")
    assert done.returncode == 3
    for way in ("GOOGLE_API_KEY", ".env", "api_key_command", "voicecli talk --local"):
        assert way in done.stderr
    assert done.stdout == ""


def test_a_service_that_is_not_there_is_exit_5_and_the_key_stays_secret() -> None:
    done = voicecli(
        *("talk", "--text", "hi", "--no-speaker"),
        GOOGLE_API_KEY="a-key-that-nobody-may-see",
        GOOGLE_GEMINI_BASE_URL="https://localhost:9",
    )
    assert done.returncode == 5
    assert "cannot be reached" in done.stderr
    assert "a-key-that-nobody-may-see" not in done.stdout + done.stderr


def test_an_error_ends_with_one_next_command() -> None:
    lines = voicecli("talk", "--text", "hi").stderr.splitlines()
    assert lines[0].startswith("voicecli: ")
    assert lines[-1].startswith("hint: ")


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: signals")
def test_ctrl_c_before_anything_runs_is_exit_130(home: Path) -> None:
    fifo = home / "lines"
    os.mkfifo(fifo)
    process = subprocess.Popen(
        [sys.executable, "-m", "voicecli", "talk", "--local", "--text", f"@{fifo}"],
        stderr=subprocess.PIPE,
        text=True,
    )
    with open(fifo, "w"):  # returns when the other side reads: it is at work, without a loop
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in errors


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="only on systems with /dev/full")
@pytest.mark.parametrize(
    "args", [("talk", "--local", "--text", "hi", "--no-speaker"), ("--version",)]
)
def test_an_output_that_cannot_be_written_is_a_failure(args: tuple[str, ...]) -> None:
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "voicecli", *args],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=90,
            check=False,
        )
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: a shell closes streams")
def test_streams_that_are_closed_count_as_empty() -> None:
    command = f"{sys.executable} -m voicecli talk --local --text - <&- >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], timeout=90, check=False).returncode == 2


@pytest.mark.parametrize("texts", [("--text", ""), ("--text", "-")])
def test_a_script_without_a_word_is_exit_2(texts: tuple[str, ...]) -> None:
    done = voicecli("talk", "--local", "--no-speaker", *texts)
    assert done.returncode == 2
    assert "nothing to say" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: signals")
def test_ctrl_c_twice_is_exit_130_as_well() -> None:
    stdin, keeps_it_open = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "voicecli", "talk", "--local", "--text", "-", "--json"],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert any('"session"' in line for line in process.stdout)
    # Stopped meanwhile, so that both arrive before the first is acted on.
    for number in (signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGCONT):
        process.send_signal(number)
    output, errors = process.communicate(timeout=30)
    os.close(stdin)
    os.close(keeps_it_open)
    assert process.returncode == 130
    assert '"end"' in output.splitlines()[-1]
    assert "Traceback" not in errors
