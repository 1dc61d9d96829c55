"""What is kept of a conversation, by the command as users run it, and by what it is made of."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from voicecli.cli.keeping import Keeping, keeping, to_go_on_with
from voicecli.errors import UsageError
from voicecli.live.endpoint import Endpoint
from voicecli.live.history import Said
from voicecli.paths import records_folder
from voicecli.settings import Settings
from voicecli.settings.key import ApiKey
from voicecli.talk import events as talk
from voicecli.talk.record_files import read_facts
from voicecli.talk.records import LAST, Record, Records

IN_TIME_S = 90
KEY = ApiKey("a-key", "the test")
GOOGLE, LOCAL = Endpoint(KEY), Endpoint(KEY, local=True)
SETTINGS = Settings(model="model-1")
HELLO = talk.Transcript(1.0, "user", "hello", True, "hello", typed=True)
HI = talk.Transcript(2.0, "model", "Hi there", True, "Hi")


def voicecli(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "voicecli", *args],
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=IN_TIME_S,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def say(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return voicecli("talk", "--local", "--no-speaker", *args, **env)


def kept() -> list[Record]:
    return Records(records_folder()).kept()


def held(
    *events: talk.TalkEvent,
    wanted: str | None = None,
    endpoint: Endpoint = GOOGLE,
    settings: Settings = SETTINGS,
    keeps: bool = True,
) -> Keeping:
    """A conversation of these events."""
    with keeping(settings, endpoint, wanted, keeps=keeps) as how:
        if how.recorder is not None:
            for event in events:
                how.recorder.record(event)
            how.recorder.keep_handle("secret", settings.model)
    return how


# the pieces


def test_a_new_record_says_what_it_is_of() -> None:
    held(HELLO)
    (record,) = kept()
    facts = read_facts(record.files.session)
    assert set(facts) == {"began", "version", "model", "local"}
    assert (facts["model"], facts["local"]) == ("model-1", False)
    assert datetime.fromisoformat(str(facts["began"])) == record.began
    assert "secret" in record.files.handle.read_text()


def test_a_conversation_in_which_nothing_was_said_leaves_nothing() -> None:
    held(talk.StateChanged(0, talk.State.CONNECTING), talk.Ended(0, "quit", 0, 0))
    assert list(records_folder().iterdir()) == []


def test_without_history_nothing_is_made() -> None:
    assert held(HELLO, keeps=False) == Keeping()
    assert not records_folder().exists()


def test_it_goes_on_by_handle_and_has_the_words_too() -> None:
    held(HELLO, HI)
    how = held(wanted=LAST)
    (record,) = kept()
    assert how.resume is not None
    assert how.resume.handle == "secret"
    assert how.resume.history == (Said("user", "hello"), Said("model", "Hi"))
    assert how.notes == (f"this goes on with the conversation {record.id}",)


@pytest.mark.parametrize(
    ("settings", "endpoint"),
    [
        (Settings(model="model-2"), GOOGLE),
        (SETTINGS, Endpoint(KEY, base_url="https://user:pw@proxy.example.org/v1")),
        (SETTINGS, LOCAL),
    ],
)
def test_with_another_model_or_server_it_goes_on_by_words(
    settings: Settings, endpoint: Endpoint
) -> None:
    held(HELLO)
    how = held(wanted=LAST, settings=settings, endpoint=endpoint)
    assert how.resume is not None
    assert how.resume.handle is None
    assert how.resume.history == (Said("user", "hello"),)


def test_a_servers_password_is_not_kept() -> None:
    held(HELLO, endpoint=Endpoint(KEY, base_url="https://user:hush@proxy.example.org:8443/v1"))
    (record,) = kept()
    assert read_facts(record.files.handle)["server"] == "proxy.example.org:8443"


def test_words_that_a_kill_left_unsettled_are_gone_on_with() -> None:
    held(talk.Transcript(1.0, "user", "and th", False, "and th"))
    how = held(wanted=LAST)
    assert how.resume is not None
    assert how.resume.history == (Said("user", "and th"),)


def test_a_record_in_use_cannot_be_gone_on_with() -> None:
    held(HELLO)
    with (
        keeping(SETTINGS, GOOGLE, LAST, keeps=True),
        pytest.raises(UsageError, match="still going on"),
        keeping(SETTINGS, GOOGLE, LAST, keeps=True),
    ):
        raise AssertionError("held twice")


def test_a_record_that_cannot_be_made_is_a_warning(home: Path) -> None:
    records_folder().parent.mkdir(parents=True)
    records_folder().write_text("in the way")
    how = held(HELLO)
    assert how.recorder is None
    ((message, hint),) = how.warnings
    assert "not all of this conversation is kept" in message
    assert hint


def test_wishes_that_do_not_go_together_are_wrong_usage() -> None:
    off = Settings(history=False)
    for settings, last, resumed, sound in [
        (SETTINGS, True, "x", False),
        (off, True, None, False),
        (off, False, "x", False),
        (off, False, None, True),
    ]:
        with pytest.raises(UsageError) as caught:
            to_go_on_with(settings, last=last, resumed=resumed, sound=sound)
        assert caught.value.hint
    assert to_go_on_with(SETTINGS, last=True, resumed=None, sound=True) == LAST
    assert to_go_on_with(SETTINGS, last=False, resumed="x", sound=False) == "x"
    assert to_go_on_with(off, last=False, resumed=None, sound=False) is None


# the command


def test_a_conversation_is_kept_with_its_sound_and_gone_on_with() -> None:
    first = say("--text", "hello", "--record")
    assert first.returncode == 0, first.stderr
    (record,) = kept()
    transcript = record.files.transcript.read_text(encoding="utf-8")
    assert "**you:** hello" in transcript
    assert not record.files.handle.exists()
    with wave.open(str(record.files.model_sound)) as wav:
        frames = wav.getnframes()
        assert frames > 24_000
    second = say("--text", "What time is it?", "--record", "--continue")
    assert second.returncode == 0, second.stderr
    assert f"goes on with the conversation {record.id}" in second.stderr
    assert kept() == [record]
    lines = [json.loads(line) for line in record.files.events.read_text().splitlines()]
    times = [line["t"] for line in lines]
    assert times == sorted(times)
    assert [line["type"] for line in lines].count("session") == 2
    whole = record.files.transcript.read_text(encoding="utf-8")
    assert whole.startswith(transcript + "\n---\n\n**you:** What time is it?\n")
    with wave.open(str(record.files.model_sound)) as wav:
        assert wav.getnframes() > frames
        assert wav.getnframes() / 24_000 <= times[-1]


def test_two_at_once_have_records_of_their_own() -> None:
    command = [sys.executable, "-m", "voicecli", "talk", "--local", "--no-speaker", "--text"]
    words = ("hello", "What time is it?")
    processes = [
        subprocess.Popen([*command, text], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for text in words
    ]
    assert [process.wait(timeout=IN_TIME_S) for process in processes] == [0, 0]
    said = [record.files.transcript.read_text(encoding="utf-8") for record in kept()]
    assert sorted(text.split("\n\n")[1] for text in said) == [
        "**you:** What time is it?",
        "**you:** hello",
    ]


def test_without_history_nothing_of_a_conversation_is_kept() -> None:
    assert say("--text", "hello", "--no-history").returncode == 0
    assert not records_folder().exists()


def test_the_demo_keeps_nothing() -> None:
    command = [sys.executable, "-m", "voicecli", "demo", "--json", "--no-speaker"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        assert any('"transcript"' in line for line in demo.stdout)
        assert not records_folder().exists()
        demo.terminate()


def test_old_records_go_when_the_next_conversation_begins() -> None:
    old = Records(records_folder()).create(datetime.now(UTC) - timedelta(days=99))
    old.files.events.write_text("")
    seconds = (datetime.now(UTC) - timedelta(days=3)).timestamp()
    os.utime(old.files.events, (seconds, seconds))
    assert say("--text", "hello", VOICECLI_HISTORY_DAYS="4").returncode == 0
    assert old in kept()
    assert say("--text", "hello", VOICECLI_HISTORY_DAYS="2").returncode == 0
    assert old not in kept()
    assert len(kept()) == 2


@pytest.mark.skipif(
    sys.platform != "linux", reason="only on Linux: a folder where nobody may write"
)
def test_where_nothing_can_be_written_the_conversation_goes_on_with_one_warning() -> None:
    done = say("--text", "hello", XDG_STATE_HOME="/proc")
    assert done.returncode == 0
    assert done.stdout.startswith("you: hello\nvoicecli: ")
    assert done.stderr.count("warning") == 1
    assert "not all of this conversation is kept" in done.stderr


@pytest.mark.parametrize(
    "args",
    [
        ("--continue",),
        ("--resume", "2026"),
        ("--continue", "--no-history"),
        ("--resume", "x", "--no-history"),
        ("--continue", "--resume", "x"),
        ("--record", "--no-history"),
    ],
)
def test_what_cannot_be_kept_or_gone_on_with_is_exit_2(args: tuple[str, ...]) -> None:
    done = say("--text", "hi", *args)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "hint: " in done.stderr
