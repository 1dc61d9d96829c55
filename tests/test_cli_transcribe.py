"""What scripts rely on: words on stdout, notes on stderr, an honest exit code, no half a file.

The command runs as users run it, in a process of its own, against a server on this machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scripted_server import Act, Call, CloseAtSetup, ScriptedServer, scripted_server

from voicecli.local.embedded import EmbeddedServer

MIC_RATE_HZ = 16_000
SENTENCE = "please tell me what the weather is like today"
COMMAND = (sys.executable, "-m", "voicecli", "transcribe")
IN_TIME_S = 60

hears = pytest.mark.skipif(
    shutil.which("flite") is None or find_spec("pocketsphinx") is None,
    reason="flite or pocketsphinx is not installed",
)


def transcribe(
    *arguments: str | Path, stdin: bytes = b"", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments],
        input=stdin,
        capture_output=True,
        timeout=IN_TIME_S,
        env={**os.environ, **(env or {})},
    )


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("speech") / "weather.wav"
    subprocess.run(["flite", "-voice", "slt", "-t", SENTENCE, "-o", path], check=True)
    return path


@pytest.fixture(scope="module")
def long_speech(speech: Path) -> Path:
    """The sentence and a minute of silence, so that there is time to interrupt."""
    samples, rate_hz = soundfile.read(speech, dtype="int16")
    path = speech.with_name("long.wav")
    soundfile.write(path, np.concatenate([samples, np.zeros(60 * rate_hz, "int16")]), rate_hz)
    return path


@pytest.fixture
def silence(tmp_path: Path) -> Path:
    path = tmp_path / "silence.wav"
    soundfile.write(path, np.zeros(MIC_RATE_HZ // 2), MIC_RATE_HZ)
    return path


@pytest.fixture(scope="module")
def service() -> Iterator[dict[str, str]]:
    """The environment that points the command at a server, with a key, as at Google's."""
    with EmbeddedServer() as server:
        yield {
            "GOOGLE_API_KEY": "test-key-of-no-worth",
            "GOOGLE_GEMINI_BASE_URL": server.base_url,
            "SSL_CERT_FILE": str(server.ca_file),
        }


# --- refusals --------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [None, b"", b"this is no sound", b"RIFF\x24\0\0\0WAVEfmt "])
def test_bad_input_is_one_sentence_and_exit_code_2(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.wav"
    if content is not None:
        path.write_bytes(content)
    done = transcribe(path, "--local")
    assert (done.returncode, done.stdout) == (2, b"")
    first, *rest = done.stderr.decode().splitlines()
    assert first.startswith("voicecli: ")
    assert all(line.startswith("hint: ") for line in rest)


def test_without_a_key_the_exit_code_is_3(silence: Path) -> None:
    done = transcribe(silence)
    assert (done.returncode, done.stdout) == (3, b"")


def test_an_unreachable_service_is_exit_code_5_and_leaves_no_file(silence: Path) -> None:
    env = {"GOOGLE_API_KEY": "x", "GOOGLE_GEMINI_BASE_URL": "https://127.0.0.1:1"}
    done = transcribe(silence, "-o", "out.txt", env=env)
    assert done.returncode == 5
    assert not Path("out.txt").exists()


def test_a_place_that_cannot_be_written_is_refused_before_the_work(silence: Path) -> None:
    done = transcribe(silence, "--local", "-o", "no/such/folder/out.txt")
    assert done.returncode == 2
    assert b"there is no folder" in done.stderr


def test_without_the_recogniser_local_says_how_to_get_it(silence: Path, tmp_path: Path) -> None:
    # A module that cannot be found is what an installation without the extra looks like.
    blocker = "import sys; sys.modules['pocketsphinx'] = None; from voicecli.cli.app import main;"
    done = subprocess.run(
        [sys.executable, "-c", f"{blocker} main()", "transcribe", "--local", silence],
        capture_output=True,
        timeout=IN_TIME_S,
    )
    assert done.returncode == 2
    assert b"recogniser is not installed" in done.stderr
    assert b'hint: pip install "voicecli[local]"' in done.stderr


# --- words -----------------------------------------------------------------------------------


@hears
def test_words_go_to_stdout_and_the_note_about_the_recogniser_once_to_stderr(speech: Path) -> None:
    done = transcribe(speech, "--local")
    assert (done.returncode, done.stdout.decode()) == (0, f"{SENTENCE}\n")
    assert done.stderr.decode().count("offline recogniser") == 1
    assert b"\x1b" not in done.stderr


@hears
def test_a_pipe_is_read_and_json_is_written(speech: Path) -> None:
    done = transcribe("-", "--local", "--format", "json", stdin=speech.read_bytes())
    said = json.loads(done.stdout)
    end_s = said["utterances"][0].pop("end_s")
    assert said == {
        "file": "standard input",
        "duration_s": pytest.approx(2.7, abs=0.2),
        "engine": "local",
        "model": "pocketsphinx",
        "complete": True,
        "utterances": [{"text": SENTENCE}],
    }
    assert 2.0 < end_s <= said["duration_s"]


@hears
def test_a_file_gets_the_words_and_stdout_nothing(speech: Path) -> None:
    done = transcribe(speech, "--local", "-o", "out.txt")
    assert (done.returncode, done.stdout) == (0, b"")
    assert Path("out.txt").read_text(encoding="utf-8") == f"{SENTENCE}\n"
    assert [path.name for path in Path().glob("*out*")] == ["out.txt"]


@hears
def test_another_model_is_asked_for_by_name(speech: Path, service: dict[str, str]) -> None:
    options = ("--model", "gemini-3.8-live", "--language", "en-US", "--format", "json")
    done = transcribe(speech, *options, env=service)
    said = json.loads(done.stdout)
    assert (said["engine"], said["model"]) == ("live", "gemini-3.8-live")
    assert said["utterances"][0]["text"] == SENTENCE


def test_a_model_that_does_not_exist_is_exit_code_2(silence: Path, service: dict[str, str]) -> None:
    done = transcribe(silence, "--model", "gemini-0-deaf", env=service)
    assert done.returncode == 2
    assert b"is not in the table" in done.stderr


def test_silence_cut_short_is_an_empty_transcript_and_two_notes(
    silence: Path, service: dict[str, str]
) -> None:
    silence.write_bytes(silence.read_bytes()[:8_000])
    done = transcribe(silence, "-o", "out.txt", env=service)
    assert (done.returncode, done.stdout) == (0, b"")
    cut, silent = done.stderr.decode().splitlines()
    assert "was cut short" in cut
    assert "no speech was recognised" in silent
    assert Path("out.txt").read_text() == ""


# --- a service that fails --------------------------------------------------------------------

WORDS = {"serverContent": {"inputTranscription": {"text": "hello there"}}}
QUOTA = (1011, "You exceeded your current quota")


def transcribe_with(
    folder: Path, scenes: Sequence[Act], *arguments: str | Path
) -> tuple[int, str, str, ScriptedServer]:
    """Exit code, stdout, stderr and what the service saw."""

    async def run() -> tuple[int, str, str, ScriptedServer]:
        async with scripted_server(folder, scenes) as server, asyncio.timeout(IN_TIME_S):
            endpoint = server.endpoint
            process = await asyncio.create_subprocess_exec(
                *COMMAND,
                *arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={
                    **os.environ,
                    "GOOGLE_API_KEY": endpoint.key.value,
                    "GOOGLE_GEMINI_BASE_URL": str(endpoint.base_url),
                    "SSL_CERT_FILE": str(endpoint.ca_file),
                },
            )
            out, notes = await process.communicate()
            assert process.returncode is not None
            return process.returncode, out.decode(), notes.decode(), server

    return asyncio.run(run())


async def hear_the_end(call: Call) -> None:
    while "audioStreamEnd" not in (await call.hear()).get("realtime_input", {}):
        pass


def test_the_service_is_asked_for_a_transcript_only(silence: Path, tmp_path: Path) -> None:
    async def scene(call: Call) -> None:
        await hear_the_end(call)
        await call.say(WORDS)
        await call.hang_up(1000)

    code, out, notes, server = transcribe_with(tmp_path, [scene], silence, "--language", "de-DE")
    assert (code, out, notes) == (0, "hello there\n", "")
    (setup,) = server.setups
    assert setup["model"] == "models/gemini-3.5-transcribe-live"
    assert setup["generationConfig"] == {"responseModalities": ["TEXT"]}
    assert setup["inputAudioTranscription"] == {"language_codes": ["de-DE"]}
    assert not setup.keys() & {"tools", "systemInstruction", "outputAudioTranscription"}


def test_a_service_that_breaks_off_leaves_the_words_so_far_and_exit_code_6(
    silence: Path, tmp_path: Path
) -> None:
    async def scene(call: Call) -> None:
        await call.hear()
        await call.say(WORDS)
        await call.hang_up(*QUOTA)

    options = ("--format", "json", "-o", "out.json")
    code, out, notes, _ = transcribe_with(
        tmp_path, [scene, CloseAtSetup(*QUOTA)], silence, *options
    )
    assert (code, out) == (6, "")
    assert "the quota is used up" in notes
    said = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert (said["utterances"], said["complete"]) == ([{"text": "hello there"}], False)


def test_a_service_that_breaks_off_without_a_word_leaves_an_old_transcript_alone(
    silence: Path, tmp_path: Path
) -> None:
    async def scene(call: Call) -> None:
        await call.hear()
        await call.hang_up(*QUOTA)

    Path("out.txt").write_text("old")
    code, out, notes, _ = transcribe_with(
        tmp_path, [scene, CloseAtSetup(*QUOTA)], silence, "-o", "out.txt"
    )
    assert (code, out) == (5, "")
    assert "the quota is used up" in notes
    assert Path("out.txt").read_text() == "old"


def test_a_lost_connection_is_crossed_and_not_passed_off_as_done(
    silence: Path, tmp_path: Path
) -> None:
    async def first(call: Call) -> None:
        await call.hear()
        await call.say(WORDS)
        await call.hang_up(1011, "The service is currently unavailable.")

    async def second(call: Call) -> None:
        await hear_the_end(call)
        await call.say({"serverContent": {"inputTranscription": {"text": "and good-bye"}}})
        await call.hang_up(1000)

    code, out, notes, _ = transcribe_with(tmp_path, [first, second], silence)
    assert (code, out) == (6, "hello there\nand good-bye\n")
    assert "the connection was lost at" in notes


# --- interruptions and terminals -------------------------------------------------------------


def read_until(terminal: int, wanted: bytes) -> bytes:
    """What `terminal` shows until it shows `wanted`; fails in the end."""
    shown, until_s = b"", time.monotonic() + IN_TIME_S
    while wanted not in shown:
        ready, _, _ = select.select([terminal], [], [], max(0.0, until_s - time.monotonic()))
        assert ready, f"{wanted!r} is not in {shown!r}"
        shown += os.read(terminal, 65_536)
    return shown


@pytest.mark.skipif(sys.platform == "win32", reason="only on systems with pseudo terminals")
@hears
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_prints_what_is_there_and_restores_the_terminal(
    long_speech: Path, service: dict[str, str], number: signal.Signals
) -> None:
    terminal, theirs = os.openpty()
    process = subprocess.Popen(
        [*COMMAND, long_speech, "--format", "json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, **service, "COLUMNS": "100"},
    )
    os.close(theirs)
    with process:
        shown = read_until(terminal, b"like today")
        assert b"/ 1:02" in shown
        process.send_signal(number)
        shown += read_until(terminal, b"interrupted at ")
        assert process.stdout is not None
        said = json.loads(process.stdout.read())
        if b"\x1b[?25h" not in shown:
            shown += read_until(terminal, b"\x1b[?25h")
    os.close(terminal)
    assert process.returncode == 130
    assert [one["text"] for one in said["utterances"]] == [SENTENCE]
    assert said["complete"] is False
    assert shown.count(b"\x1b[?25l") == shown.count(b"\x1b[?25h") > 0
