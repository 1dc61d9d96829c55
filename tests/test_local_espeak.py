"""A crash of eSpeak may cost a sentence, never the server: its process is watched and replaced.

The programs that crash, hang and babble are little stand-ins for the worker.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from pathlib import Path

import pytest

from voicecli.local.espeak import Espeak, Installation, Spoken, installation
from voicecli.local.voice_names import sound_of

INSTALLED = installation()
needs_espeak = pytest.mark.skipif(INSTALLED is None, reason="espeakng-loader is not installed")

ANSWER = """
import json, sys, time
print("ready", flush=True)
for line in sys.stdin:
    request = json.loads(line)
    if request["text"] == "crash":
        sys.exit(1)
    if request["text"] == "half":
        print('{"pcm_bytes": 100, "words": []}\\nxx', flush=True)
        sys.exit(1)
    if request["text"] == "babble":
        print("no JSON", flush=True)
    if request["text"] == "hang":
        time.sleep(1000)
    words = [[i, 250 * i] for i, _ in enumerate(request["languages"])]
    print(json.dumps({"pcm_bytes": 4, "words": words}) + "\\nabcd", end="", flush=True)
"""


def stand_in(folder: Path, source: str = ANSWER, max_wait_s: float = 20.0) -> Espeak:
    program = folder / "program.py"
    program.write_text(source)
    installed = Installation(library=folder / "library", data=folder / "espeak-ng-data")
    return Espeak(installed, program=str(program), max_wait_s=max_wait_s)


def say(espeak: Espeak, text: str, language: str = "en-US") -> Spoken | None:
    return espeak.speak(text, sound_of("Kore"), language)


def languages_tried(espeak: Espeak, language: str) -> int:
    """The stand-in answers with a word for each language that it is asked to try."""
    spoken = say(espeak, "x", language)
    assert spoken is not None
    return len(spoken.words)


def test_the_answer_is_sound_and_words_in_seconds(tmp_path: Path) -> None:
    spoken = say(stand_in(tmp_path), "hello")
    assert spoken is not None
    assert spoken.pcm == b"abcd"
    assert [(word.first_char, word.start_s) for word in spoken.words] == [
        (0, 0.0),
        (1, 0.25),
        (2, 0.5),
    ]


@pytest.mark.parametrize("text", ["crash", "half", "babble"])
def test_after_a_crash_the_next_text_is_spoken(tmp_path: Path, text: str) -> None:
    espeak = stand_in(tmp_path)
    assert espeak.starts()
    assert say(espeak, text) is None
    assert say(espeak, "hello") is not None
    assert say(espeak, text) is None
    assert espeak.starts()


def test_a_worker_that_hangs_is_stopped(tmp_path: Path) -> None:
    espeak = stand_in(tmp_path, max_wait_s=1.0)
    assert say(espeak, "hang") is None


@pytest.mark.parametrize("source", ["raise SystemExit(1)", "print('hello')", "syntax error"])
def test_a_worker_that_does_not_start_speaks_nothing(tmp_path: Path, source: str) -> None:
    espeak = stand_in(tmp_path, source)
    assert not espeak.starts()
    assert say(espeak, "hello") is None


def test_a_folder_that_is_gone_is_no_error_of_the_servers(tmp_path: Path) -> None:
    espeak = Espeak(Installation(tmp_path / "library", tmp_path / "gone" / "espeak-ng-data"))
    assert not espeak.starts()


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX does signal 0 ask for a process")
def test_the_worker_ends_with_its_owner(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    source = (
        "import os, pathlib, sys\n"
        f"pathlib.Path({str(note)!r}).write_text(str(os.getpid()))\n"
        "print('ready', flush=True)\nsys.stdin.read()\n"
    )
    espeak = stand_in(tmp_path, source)
    assert espeak.starts()
    pid = int(note.read_text())
    os.kill(pid, 0)
    del espeak
    gc.collect()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize(
    ("language", "tried"),
    [
        ("de-DE", 3),  # de-de, de, en-us
        ("cmn-Hans-CN", 3),
        ("../../etc/passwd", 1),
        ("en+../x", 1),
        ("", 1),
        ("x" * 1_000, 1),
    ],
)
def test_only_language_tags_reach_the_library(tmp_path: Path, language: str, tried: int) -> None:
    assert languages_tried(stand_in(tmp_path), language) == tried


def test_threads_take_turns(tmp_path: Path) -> None:
    espeak = stand_in(tmp_path)
    found: list[Spoken | None] = []
    threads = [
        threading.Thread(target=lambda: found.extend(say(espeak, "hello") for _ in range(20)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(found) == 80
    assert {spoken.pcm for spoken in found if spoken} == {b"abcd"}


@needs_espeak
def test_the_real_one_speaks() -> None:
    assert INSTALLED is not None
    spoken = say(Espeak(INSTALLED), "Hello there.")
    assert spoken is not None
    assert len(spoken.words) == 2
    assert len(spoken.pcm) > 10_000


@needs_espeak
def test_its_data_may_lie_deep_in_the_file_system(tmp_path: Path) -> None:
    assert INSTALLED is not None
    deep = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 8)
    deep.mkdir(parents=True)
    (deep / INSTALLED.data.name).symlink_to(INSTALLED.data, target_is_directory=True)
    assert Espeak(Installation(INSTALLED.library, deep / INSTALLED.data.name)).starts()


@needs_espeak
def test_what_lies_in_the_current_folder_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert INSTALLED is not None
    mark = tmp_path / "was-run"
    for name in ("json.py", "ctypes.py", "sitecustomize.py"):
        (tmp_path / name).write_text(f"open({str(mark)!r}, 'w')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert Espeak(INSTALLED).starts()
    assert not mark.exists()


def test_without_the_loader_there_is_no_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    assert installation() is None
