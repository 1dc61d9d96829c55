"""What was said is on disk at once, and survives a kill; what the disk refuses is told once."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
import wave
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sound_pieces import ramp
from ui_events import SAMPLES

from voicecli.talk import events as talk
from voicecli.talk.record_files import RecordFiles, read_facts
from voicecli.talk.recorder import MAKE_ROOM, PlayedSound, Recorder

NOW = datetime(2026, 11, 27, 21, 15, 2, tzinfo=UTC)
WORDS = talk.Transcript(1.0, "user", "hello", True, "hello")
FULL = Path("/dev/full")

# Writes events and sound until it is killed, and says when the first of each is there.
WRITING = """
import sys
from pathlib import Path
from voicecli.talk import events as talk
from voicecli.talk.record_files import RecordFiles
from voicecli.talk.recorder import Recorder

recorder = Recorder(RecordFiles.of(Path(sys.argv[1])), lambda event: "line\\n\\n",
                    server=None, sound=True)
count = 0
while True:
    count += 1
    recorder.record(talk.Transcript(count / 10, "user", f"turn {count}", True, ""))
    recorder.sent(b"\\x01\\x02" * 1600, count / 10)
    recorder.played(b"\\x03\\x04" * 2400, count / 10)
    if count == 20:
        print("going", flush=True)
"""


def made(
    files: RecordFiles,
    *,
    sound: bool = False,
    from_s: float = 0.0,
    server: str | None = "google",
    markdown: Callable[[talk.TalkEvent], str] = lambda event: f"{event.t_s}\n",
) -> Recorder:
    return Recorder(files, markdown, server=server, from_s=from_s, sound=sound, now=lambda: NOW)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def frames(path: Path) -> tuple[int, bytes]:
    with wave.open(str(path)) as wav:
        return wav.getframerate(), wav.readframes(wav.getnframes())


def test_every_event_is_out_at_once_but_what_would_only_be_noise(tmp_path: Path) -> None:
    files = RecordFiles.of(tmp_path)
    recorder, count = made(files), 0
    for event in SAMPLES:
        recorder.record(event)
        count += not isinstance(event, talk.AudioReceived | talk.DevicesListed)
        assert len(lines(files.events)) == count
    assert count == len(SAMPLES) - 2
    assert recorder.take_trouble() is None
    recorder.close()
    recorder.close()


def test_the_transcript_grows_by_what_an_event_adds(tmp_path: Path) -> None:
    files = RecordFiles.of(tmp_path)
    recorder = made(files, markdown=lambda event: "é\n" if event.t_s > 1 else "")
    for t_s in (1.0, 2.0, 3.0):
        recorder.record(talk.Noted(t_s, ""))
    assert files.transcript.read_text(encoding="utf-8") == "é\né\n"


def test_a_conversation_that_goes_on_has_one_time_line(tmp_path: Path) -> None:
    files = RecordFiles.of(tmp_path)
    for from_s in (0.0, 10.0):
        recorder = made(files, from_s=from_s, sound=True)
        recorder.record(replace(WORDS, t_s=1.5))
        recorder.sent(ramp(1, 160), 1.5)
        recorder.close()
    assert [line["t"] for line in lines(files.events)] == [1.5, 11.5]
    _, pcm = frames(files.user_sound)
    assert len(pcm) == 2 * round(11.5 * 16_000)
    assert pcm.endswith(ramp(1, 160))


def test_the_sound_of_both_sides_lies_where_it_was(tmp_path: Path) -> None:
    files = RecordFiles.of(tmp_path)
    recorder = made(files, sound=True)
    recorder.sent(ramp(1, 1_600), 0.1)
    PlayedSound(recorder, lambda: 2.0).append(ramp(1, 2_400))
    recorder.sent(ramp(1_601, 1_600), 1.1)
    assert frames(files.user_sound) == (
        16_000,
        ramp(1, 1_600) + bytes(2 * 14_400) + ramp(1_601, 1_600),
    )
    assert frames(files.model_sound) == (24_000, bytes(2 * 45_600) + ramp(1, 2_400))


def test_sound_is_kept_only_if_it_is_wanted(tmp_path: Path) -> None:
    files = RecordFiles.of(tmp_path)
    recorder = made(files)
    recorder.sent(ramp(1, 160), 1)
    recorder.played(ramp(1, 160), 1)
    assert list(tmp_path.iterdir()) == []
    assert not recorder.anything_said


def test_whether_anything_was_said_is_known(tmp_path: Path) -> None:
    recorder = made(RecordFiles.of(tmp_path))
    recorder.record(talk.Noted(0, "a note"))
    assert not recorder.anything_said
    recorder.record(WORDS)
    assert recorder.anything_said


def test_the_handle_stands_in_its_own_file_and_nowhere_else(tmp_path: Path) -> None:
    files = RecordFiles.of(tmp_path)
    recorder = made(files)
    recorder.record(WORDS)
    for handle in ("secret-1", "secret-2"):
        recorder.keep_handle(handle, "model-1")
    facts = read_facts(files.handle)
    assert facts == {
        "handle": "secret-2",
        "model": "model-1",
        "server": "google",
        "issued": NOW.isoformat(),
    }
    for path in tmp_path.iterdir():
        assert (b"secret" in path.read_bytes()) is (path == files.handle)


def test_a_server_that_dies_with_the_process_leaves_no_handle(tmp_path: Path) -> None:
    made(RecordFiles.of(tmp_path), server=None).keep_handle("secret", "model-1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: modes of files")
def test_every_file_is_for_its_owner_only(tmp_path: Path) -> None:
    recorder = made(RecordFiles.of(tmp_path), sound=True)
    recorder.record(WORDS)
    recorder.sent(ramp(1, 160), 1)
    recorder.played(ramp(1, 160), 1)
    recorder.keep_handle("secret", "model-1")
    paths = list(tmp_path.iterdir())
    assert len(paths) == 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}


@pytest.mark.skipif(not FULL.exists(), reason="only on systems with /dev/full")
def test_a_full_disk_is_told_once_and_the_other_files_go_on(tmp_path: Path) -> None:
    files = replace(RecordFiles.of(tmp_path), events=FULL, user_sound=FULL)
    recorder = made(files, sound=True)
    recorder.record(WORDS)
    message, hint = recorder.take_trouble() or ("", "")
    assert "not all of this conversation is kept: /dev/full" in message
    assert "No space left" in message
    assert hint == MAKE_ROOM
    recorder.record(WORDS)
    recorder.sent(ramp(1, 160), 1)
    recorder.played(ramp(1, 160), 1)
    recorder.close()
    assert recorder.take_trouble() is None
    assert files.transcript.read_text() == "1.0\n1.0\n"
    assert frames(files.model_sound)[1].endswith(ramp(1, 160))


def test_a_folder_that_is_gone_is_told_once(tmp_path: Path) -> None:
    recorder = made(RecordFiles.of(tmp_path / "gone"), sound=True)
    for _ in range(2):
        recorder.record(WORDS)
        recorder.sent(ramp(1, 160), 1)
        recorder.played(ramp(1, 160), 1)
        recorder.keep_handle("secret", "model-1")
    message, hint = recorder.take_trouble() or ("", "")
    assert "No such file" in message
    assert hint == f"ls -ld {tmp_path / 'gone'}"
    assert recorder.take_trouble() is None


def test_a_file_that_is_no_recording_is_left_as_it_is(tmp_path: Path) -> None:
    files = RecordFiles.of(tmp_path)
    files.user_sound.write_text("something else")
    recorder = made(files, sound=True)
    recorder.sent(ramp(1, 160), 1)
    message, _ = recorder.take_trouble() or ("", "")
    assert "it is no WAV file" in message
    assert files.user_sound.read_text() == "something else"


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: signals")
@pytest.mark.parametrize("attempt", range(3))
def test_after_a_kill_all_is_readable(tmp_path: Path, attempt: int) -> None:
    files = RecordFiles.of(tmp_path)
    command = [sys.executable, "-c", WRITING, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "going\n"
        process.send_signal(signal.SIGKILL)
    whole = files.events.read_text().rpartition("\n")[0].split("\n")
    assert [json.loads(line)["text"] for line in whole] == [
        f"turn {number}" for number in range(1, len(whole) + 1)
    ]
    assert len(whole) >= 20
    for path, sample in ((files.user_sound, b"\x01\x02"), (files.model_sound, b"\x03\x04")):
        rate_hz, pcm = frames(path)
        assert len(pcm) >= 19 * 2 * rate_hz // 10
        assert pcm == sample * (len(pcm) // 2)
    recorder = made(files, from_s=len(whole) / 10, sound=True)
    recorder.record(WORDS)
    recorder.sent(ramp(1, 160), 0.01)
    assert recorder.take_trouble() is None
    assert json.loads(files.events.read_text().splitlines()[-1])["text"] == "hello"
    assert frames(files.user_sound)[1].endswith(ramp(1, 160))
