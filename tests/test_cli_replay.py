"""A recorded conversation comes again: on a terminal, in a pipe, for a program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from voicecli.audio.wav_writer import WavWriter
from voicecli.live.patience import Patience
from voicecli.paths import records_folder
from voicecli.talk import events as talk
from voicecli.talk.record_lines import LineWriting
from voicecli.talk.records import Record, Records

if sys.platform != "win32":
    from pty_child import on_pty

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: pseudo-terminals")
SESSION = talk.SessionStarted(0, "model-1", None, True, None, None, None, False, Patience.NORMAL)
CONVERSATION: tuple[talk.TalkEvent, ...] = (
    talk.StateChanged(0, talk.State.CONNECTING),
    SESSION,
    talk.Transcript(0.2, "user", "Hello \x1b[2J", True, "Hello \x1b[2J"),
    talk.StateChanged(0.3, talk.State.SPEAKING),
    talk.Transcript(0.4, "model", "Hi", False, ""),
    talk.Transcript(0.8, "model", "Hi there", True, "Hi"),
    talk.TurnEnded(0.8, 1, True, 0.5),
)
END = talk.Ended(1.0, "you left", 1, 5)


def keep(*events: talk.TalkEvent, sound_s: float = 0.0) -> Record:
    record = Records(records_folder()).create(datetime.now(UTC), lambda: "aaaa")
    writing = LineWriting()
    record.files.events.write_text("".join(f"{writing.line(event)}\n" for event in events))
    if sound_s:
        for path, rate_hz in (
            (record.files.user_sound, 16_000),
            (record.files.model_sound, 24_000),
        ):
            writer = WavWriter(path, rate_hz)
            writer.append(b"\x00\x10" * int(sound_s * rate_hz))
            writer.close()
    return record


def command(*args: str) -> list[str]:
    return [sys.executable, "-m", "voicecli", "replay", *args]


def replay(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*args),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=90,
        check=False,
    )


def test_in_a_pipe_it_is_plain_lines() -> None:
    keep(*CONVERSATION, END, sound_s=1.0)
    done = replay("last", "--speed", "4", "--no-speaker")
    assert done.returncode == 0
    assert done.stdout == "you: Hello ␛[2J\nvoicecli: Hi [not heard: there]\n"
    assert done.stderr.splitlines()[-1] == "voicecli: ended: 1 turn · 0:01 · you left"
    assert "no sound" not in done.stderr


def test_for_a_program_it_is_the_events_at_their_times() -> None:
    keep(*CONVERSATION, END)
    lines = [json.loads(line) for line in replay("last", "--json").stdout.splitlines()]
    assert [line["type"] for line in lines] == [
        "note",
        *("state", "session", "transcript", "state", "transcript", "transcript", "turn", "end"),
    ]
    assert "no sound" in lines[0]["message"]
    assert [line["t"] for line in lines[1:-1]] == [event.t_s for event in CONVERSATION]
    assert (lines[-1]["reason"], lines[-1]["exit_code"]) == ("you left", 0)


def test_a_speaker_that_is_not_there_is_a_warning_and_the_rest_is_silent() -> None:
    keep(*CONVERSATION, END, sound_s=1.0)
    done = replay("last", "--speed", "16", "--output-device", "no such device")
    assert done.returncode == 0
    assert done.stderr.count("warning: no sound: ") == 1
    assert "you: Hello" in done.stdout


def test_a_record_of_garbage_ends_at_once() -> None:
    record = keep()
    record.files.events.write_bytes(os.urandom(2_000) + b'\n{"type": "transcript"')
    record.files.model_sound.write_bytes(os.urandom(2_000))
    done = replay("last")
    assert done.returncode == 0
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("args", [("x",), ("last", "--speed", "0"), ("last", "--speed", "nan"), ()])
def test_wrong_usage_is_exit_2(args: tuple[str, ...]) -> None:
    done = replay(*args)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@POSIX
def test_on_a_terminal_it_looks_as_it_did_and_leaves_the_terminal_as_it_was() -> None:
    keep(*CONVERSATION, END)
    with on_pty(command("last")) as child:
        assert child.ended() == 0
        assert child.restored
        assert "you › Hello ␛[2J" in child.emulator.text
        assert "voicecli › Hi [not heard: there]" in child.emulator.text
        assert child.emulator.lines[-1] == "— 1 turn · 0:01 · you left"
        assert b"\x1b[2J" not in child.raw


@POSIX
def test_space_stops_it_and_goes_on_and_q_quits() -> None:
    keep(*CONVERSATION, talk.Noted(3_000, "never"), END)
    with on_pty(command("last")) as child:
        child.until_shows("not heard: there")
        child.send(b" ")
        child.until_shows("· stopped; space goes on")
        child.send(b" ")
        child.until_shows("· goes on")
        child.send(b"-")
        child.until_shows(" 90%")
        child.send(b"t")  # types nothing, so that q is still a command
        child.send(b"q")
        assert child.ended() == 0
        assert child.restored
        assert "never" not in child.emulator.text


@POSIX
def test_a_signal_ends_it_politely() -> None:
    keep(*CONVERSATION, talk.Noted(3_000, "never"))
    process = subprocess.Popen(command("last", "--json"), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert any('"turn"' in line for line in process.stdout)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert json.loads(output.splitlines()[-1])["type"] == "end"
