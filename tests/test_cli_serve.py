"""`voicecli serve` as a process: its first lines point any Gemini SDK at it, and signals end it.

A client that knows nothing but these lines, put into its environment, must be able to talk.
"""

from __future__ import annotations

import os
import shlex
import signal
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from voicecli.cli.serve import environment

DEADLINE_S = 30

CLIENT = """
import asyncio
from google import genai

async def talk():
    async with genai.Client().aio.live.connect(model="gemini-3.8-live") as session:
        await session.send_realtime_input(text="thank you")
        async for message in session.receive():
            content = message.server_content
            if content and content.output_transcription:
                print(content.output_transcription.text)
                return

asyncio.run(talk())
"""


@contextmanager
def serving(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`voicecli serve` with `arguments`, killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "voicecli", "serve", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        # Asked politely first, so that it takes its folder away.
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(DEADLINE_S)
        process.kill()
        process.communicate(timeout=DEADLINE_S)


def lines_of(process: subprocess.Popen[str], count: int) -> dict[str, str]:
    """The variables that the first `count` lines set."""
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(count)]
    assert all(lines), process.communicate(timeout=DEADLINE_S)[1]
    pairs = [shlex.split(line)[0].partition("=") for line in lines]
    return {name: value for name, _, value in pairs}


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, errors = process.communicate(timeout=DEADLINE_S)
    return process.returncode, errors


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "voicecli", "serve", *arguments],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )


def test_a_plain_sdk_talks_to_it_with_nothing_but_its_first_lines() -> None:
    with serving() as process:
        variables = lines_of(process, 2)
        assert list(variables) == ["GOOGLE_GEMINI_BASE_URL", "SSL_CERT_FILE"]
        client = subprocess.run(
            [sys.executable, "-c", CLIENT],
            env={**os.environ, **variables, "GOOGLE_API_KEY": "local"},
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        assert client.stdout.startswith("You are welcome."), client.stderr
        process.send_signal(signal.SIGINT)
        assert ended(process)[0] == 0
        assert not Path(variables["SSL_CERT_FILE"]).exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it_with_exit_0(number: signal.Signals) -> None:
    with serving("--no-tls") as process:
        assert lines_of(process, 1)["GOOGLE_GEMINI_BASE_URL"].startswith("http://localhost:")
        process.send_signal(number)
        code, errors = ended(process)
    assert code == 0
    assert "Ctrl-C ends the server" in errors
    assert "Traceback" not in errors


def test_the_authority_goes_where_it_is_wanted_and_stays(tmp_path: Path) -> None:
    ca_file = tmp_path / "my ca.pem"
    with serving("--ca-file", str(ca_file)) as process:
        assert lines_of(process, 2)["SSL_CERT_FILE"] == str(ca_file)
        assert stat.S_IMODE(ca_file.stat().st_mode) == 0o600
        process.send_signal(signal.SIGTERM)
        assert ended(process)[0] == 0
    ssl.create_default_context(cafile=ca_file)


def test_the_lines_are_quoted_for_a_shell() -> None:
    assert environment("https://localhost:1", Path("/a b/ca.pem")) == [
        "GOOGLE_GEMINI_BASE_URL=https://localhost:1",
        "SSL_CERT_FILE='/a b/ca.pem'",
    ]
    assert environment("http://localhost:1", None) == ["GOOGLE_GEMINI_BASE_URL=http://localhost:1"]


def test_a_port_of_ones_own_is_taken_and_a_busy_one_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        failed = run("--port", str(port))
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert f"cannot listen on port {port}" in failed.stderr
    assert "--port" in failed.stderr.partition("hint:")[2]
    assert "Traceback" not in failed.stderr
    with serving("--no-tls", "--port", str(port)) as process:
        assert lines_of(process, 1) == {"GOOGLE_GEMINI_BASE_URL": f"http://localhost:{port}"}


def test_mistakes_are_usage_errors_of_one_sentence(tmp_path: Path) -> None:
    script = tmp_path / "script.toml"
    script.write_text("[[turn]]\nusr = 'hello'\n")
    for arguments in (
        ("--ca-file", str(tmp_path / "missing" / "ca.pem")),
        ("--no-tls", "--ca-file", str(tmp_path / "ca.pem")),
        ("--script", str(script)),
        ("--script", str(tmp_path / "missing.toml")),
        ("--fault", "clos"),
        ("--fault", "close", "--fault", "close at=never"),
    ):
        failed = run(*arguments)
        assert failed.returncode == 2, failed.stderr
        assert failed.stdout == ""
        assert "Traceback" not in failed.stderr


def test_a_script_of_ones_own_is_answered_from(tmp_path: Path) -> None:
    script = tmp_path / "script.toml"
    script.write_text('[fallback]\nsay = "Indeed."\n')
    with serving("--script", str(script)) as process:
        variables = lines_of(process, 2)
        client = subprocess.run(
            [sys.executable, "-c", CLIENT],
            env={**os.environ, **variables, "GOOGLE_API_KEY": "local"},
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        assert client.stdout == "Indeed.\n", client.stderr


WRONG_CLIENT = """
import asyncio
from google import genai
from google.genai import types

async def talk():
    detection = types.AutomaticActivityDetection(disabled=True)
    config = types.LiveConnectConfig(
        realtime_input_config=types.RealtimeInputConfig(automatic_activity_detection=detection)
    )
    async with genai.Client().aio.live.connect(model="gemini-3.8-live", config=config) as session:
        await session.send_realtime_input(audio_stream_end=True)
        await session.send_realtime_input(text="thank you")
        async for message in session.receive():
            pass

asyncio.run(talk())
"""


def test_faults_strike_and_what_the_client_does_wrong_is_told() -> None:
    arguments = ("--fault", "refuse status=503", "--fault", "close at=speaking code=1008 reason=no")
    with serving(*arguments) as process:
        variables = lines_of(process, 2)
        environ = {**os.environ, **variables, "GOOGLE_API_KEY": "local"}
        for error in ("HTTP 503", "1008"):
            client = subprocess.run(
                [sys.executable, "-c", WRONG_CLIENT],
                env=environ,
                capture_output=True,
                text=True,
                timeout=DEADLINE_S,
                check=False,
            )
            assert error in client.stderr.splitlines()[-1]
        process.send_signal(signal.SIGINT)
        code, errors = ended(process)
    assert code == 0
    assert "voicecli: the client sent audioStreamEnd, which means nothing" in errors
