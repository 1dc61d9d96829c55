"""What is kept can be looked at, taken out and thrown away; nothing in it reaches a terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from voicecli.live.patience import Patience
from voicecli.paths import records_folder
from voicecli.talk import events as talk
from voicecli.talk.event_json import decode
from voicecli.talk.record_lines import LineWriting
from voicecli.talk.records import Record, Records

if sys.platform != "win32":
    from pty_child import on_pty

NOW = datetime.now(UTC).replace(microsecond=0)
SESSION = talk.SessionStarted(1, "model-1", None, True, None, None, None, False, Patience.NORMAL)
HELLO = talk.Transcript(2, "user", "Hello", True, "Hello")
HOSTILE = "\x1b[2Jgone \u202e\x07 " + "x" * 5_000
CONVERSATION: tuple[talk.TalkEvent, ...] = (
    SESSION,
    HELLO,
    talk.Transcript(3, "model", "Hi", False, ""),
    talk.Transcript(4, "model", "Hi there", True, "Hi"),
    talk.TurnEnded(4, 1, True, 0.5),
    talk.Ended(62, "quit", 1, 0),
)
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: pseudo-terminals")


def sessions(*args: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "voicecli", "sessions", *args],
        input=stdin,
        env=os.environ | {"TZ": "UTC"} | env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def keep(
    *events: talk.TalkEvent, began: datetime = NOW, end: str = "aaaa", raw: bytes = b""
) -> Record:
    """A record that was written to last when it began."""
    record = Records(records_folder()).create(began, lambda: end)
    writing = LineWriting()
    text = "".join(f"{writing.line(event)}\n" for event in events)
    record.files.events.write_bytes(text.encode() + raw)
    os.utime(record.files.events, (began.timestamp(), began.timestamp()))
    return record


def test_the_list_tells_what_there_is_the_oldest_first() -> None:
    second = keep(*CONVERSATION, end="bbbb")
    first = keep(began=NOW - timedelta(days=1))
    done = sessions("list")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split() for line in done.stdout.splitlines()] == [
        [first.id, *f"{first.began:%Y-%m-%d %H:%M}".split(), "0:00", "0", "-"],
        [second.id, *f"{NOW:%Y-%m-%d %H:%M}".split(), "1:02", "1", "model-1", "Hello"],
    ]


def test_the_list_as_json_has_one_object_a_line() -> None:
    record = keep(*CONVERSATION)
    (line,) = sessions("list", "--json").stdout.splitlines()
    assert json.loads(line) == {
        "id": record.id,
        "began": NOW.isoformat(),
        "seconds": 62.0,
        "turns": 1,
        "model": "model-1",
        "words": "Hello",
        "running": False,
    }


def test_without_any_record_the_list_is_empty() -> None:
    for args in (("list",), ("list", "--json")):
        done = sessions(*args)
        assert (done.returncode, done.stdout) == (0, "")


def test_a_conversation_that_goes_on_is_marked() -> None:
    record = keep(*CONVERSATION)
    with record.held():
        assert "goes on" in sessions("list").stdout
        assert json.loads(sessions("list", "--json").stdout)["running"] is True


def test_broken_records_are_listed_and_shown_as_far_as_they_can_be_read() -> None:
    keep(raw=os.urandom(3_000), end="aaaa")
    keep(*CONVERSATION[:2], raw=b'{"type": "transcript", "t": 3, "ro', end="bbbb")
    keep(raw=b"[" * 100_000 + b'\n{"type": "note", "t": {}}\n', end="cccc")
    done = sessions("list")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 3
    for record in Records(records_folder()).kept():
        for args in (("show", record.id), ("export", record.id)):
            shown = sessions(*args)
            assert (shown.returncode, shown.stderr) == (0, "")
            assert ("Hello" in shown.stdout) is record.id.endswith("bbbb")


def test_show_prints_the_lines_of_the_conversation() -> None:
    keep(*CONVERSATION)
    done = sessions("show", "last")
    assert done.stdout == "you: Hello\nvoicecli: Hi [not heard: there]\n"


def test_a_document_is_markdown_unless_asked_otherwise() -> None:
    record = keep(*CONVERSATION)
    text = sessions("export", record.id[:8]).stdout
    assert text == (
        f"# Conversation of {NOW:%Y-%m-%d %H:%M} UTC\n\n**you:** Hello\n\n"
        "**voicecli:** Hi *\\[not heard: there\\]*\n"
    )
    assert sessions("export", "last", "--format", "txt").stdout == sessions("show", "last").stdout
    lines = sessions("export", "last", "--format", "jsonl").stdout.splitlines()
    assert [decode(line) for line in lines] == list(CONVERSATION)


def test_an_export_holds_no_handle() -> None:
    record = keep(*CONVERSATION)
    record.files.handle.write_text('{"handle": "secret"}')
    for form in ("md", "jsonl", "txt"):
        assert "secret" not in sessions("export", "last", "--format", form).stdout


def test_a_file_is_written_whole_for_its_owner_only(tmp_path: Path) -> None:
    keep(*CONVERSATION)
    path = tmp_path / "talk.jsonl"
    done = sessions("export", "last", "-o", str(path), "--format", "jsonl")
    assert (done.returncode, done.stdout) == (0, "")
    assert [decode(line) for line in path.read_text().splitlines()] == list(CONVERSATION)
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o777 == 0o600
    assert sessions("export", "last", "-o", str(tmp_path / "no" / "x")).returncode == 2


def test_lines_for_a_program_are_ascii_where_utf8_is_not_spoken() -> None:
    keep(SESSION, replace(HELLO, text="é", heard="é"))
    for args in (("list", "--json"), ("export", "last", "--format", "jsonl")):
        done = sessions(*args, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
        assert done.stdout.isascii()
        assert "\\u00e9" in done.stdout


def test_hostile_words_are_harmless_wherever_they_are_shown() -> None:
    session = replace(SESSION, model=HOSTILE)
    said = replace(HELLO, text=HOSTILE, heard=HOSTILE)
    tool = talk.ToolCalled(3, HOSTILE, HOSTILE, {HOSTILE: HOSTILE})
    keep(session, said, tool, talk.SourcesCited(4, (HOSTILE,), ()))
    for args in (
        ("list",),
        ("list", "--json"),
        ("show", "last"),
        ("export", "last"),
        ("export", "last", "--format", "txt"),
        ("export", "last", "--format", "jsonl"),
    ):
        done = sessions(*args)
        assert (done.returncode, done.stderr) == (0, "")
        assert not set(done.stdout) & set("\x1b\x07\u202e")


# throwing away


def test_delete_needs_a_yes_where_nobody_can_be_asked() -> None:
    record = keep(*CONVERSATION)
    done = sessions("delete", record.id)
    assert done.returncode == 2
    assert f"hint: voicecli sessions delete --yes {record.id}" in done.stderr
    assert record.folder.exists()
    done = sessions("delete", "--yes", record.id)
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 conversation removed" in done.stderr
    assert not record.folder.exists()


def test_delete_takes_several_and_none_if_one_is_not_there() -> None:
    first, second = keep(*CONVERSATION), keep(*CONVERSATION, end="bbbb")
    assert sessions("delete", "--yes", first.id, "x").returncode == 2
    assert first.folder.exists()
    assert sessions("delete", "--yes", first.id, second.id, first.id).returncode == 0
    assert Records(records_folder()).all() == []


def test_a_conversation_that_goes_on_is_not_deleted() -> None:
    record = keep(*CONVERSATION)
    with record.held():
        done = sessions("delete", "--yes", record.id)
    assert done.returncode == 2
    assert "still going on" in done.stderr
    assert record.files.events.exists()


@POSIX
@pytest.mark.parametrize(("answer", "gone"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_on_a_terminal_delete_asks(answer: str, gone: bool) -> None:
    record = keep(*CONVERSATION)
    with on_pty([sys.executable, "-m", "voicecli", "sessions", "delete", "last"]) as child:
        child.until_shows("for good?")
        assert record.id in child.emulator.text.replace("\n", "")
        child.send(answer.encode())
        assert (child.ended() == 0) is gone
    assert record.folder.exists() is not gone


@POSIX
def test_on_a_terminal_the_list_is_a_table() -> None:
    record = keep(*CONVERSATION)
    with on_pty([sys.executable, "-m", "voicecli", "sessions", "list"], 120, 24) as child:
        assert child.ended() == 0
        header, row = child.emulator.lines[:2]
    assert header.split() == ["id", "when", "length", "turns", "model", "first", "words"]
    assert row.startswith(record.id)
    assert row.endswith("Hello")


@POSIX
@pytest.mark.parametrize(
    ("width", "names"),
    [
        (40, ["id"]),
        (80, ["id", "when", "length", "turns"]),
        (90, ["id", "when", "length", "turns", "model"]),
    ],
)
def test_on_a_narrow_terminal_each_row_is_a_line_with_the_whole_id(
    width: int, names: list[str]
) -> None:
    words = "Tell me about the sea and about all that lives in it, please"
    record = keep(SESSION, talk.Transcript(1, "user", words, True, words))
    with on_pty([sys.executable, "-m", "voicecli", "sessions", "list"], width, 24) as child:
        assert child.ended() == 0
        header, row, *rest = child.emulator.lines
    assert header.split() == [*names, "first", "words"]
    assert row.startswith(record.id)
    assert "  Tell me" in row
    assert row.endswith("…")
    assert "".join(rest) == ""


def test_prune_goes_by_the_days_of_the_settings_or_the_option() -> None:
    old = keep(*CONVERSATION, began=NOW - timedelta(days=31))
    newer = keep(*CONVERSATION, began=NOW - timedelta(days=8))
    assert "1 conversation removed" in sessions("prune").stderr
    assert not old.folder.exists()
    assert "0 conversations removed" in sessions("prune", "--days", "9").stderr
    assert "1 conversation removed" in sessions("prune", VOICECLI_HISTORY_DAYS="7").stderr
    assert not newer.folder.exists()


def test_prune_all_leaves_what_goes_on() -> None:
    gone, running = keep(*CONVERSATION), keep(*CONVERSATION, end="bbbb")
    with running.held():
        refused = sessions("prune", "--all")
        assert refused.returncode == 2
        assert "voicecli sessions prune --all --yes" in refused.stderr
        assert sessions("prune", "--all", "--yes").returncode == 0
    assert not gone.folder.exists()
    assert running.files.events.exists()


@pytest.mark.parametrize(
    "args",
    [
        ("show", "x"),
        ("export", "x"),
        ("delete", "x", "--yes"),
        ("prune", "--days", "0"),
        ("prune", "--days", "7", "--all"),
        ("export", "last", "--format", "pdf"),
        ("sing",),
    ],
)
def test_wrong_usage_is_exit_2_with_words_on_stderr_only(args: tuple[str, ...]) -> None:
    done = sessions(*args)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_a_reader_that_leaves_is_no_error_to_report() -> None:
    keep(SESSION, *(replace(HELLO, text=f"turn {n}" * 100) for n in range(2_000)))
    shell = f"{sys.executable} -m voicecli sessions show last | head -1"
    done = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("you: turn 0")
    assert done.stderr == ""
