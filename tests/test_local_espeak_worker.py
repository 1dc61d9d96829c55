"""The worker's protocol, as its docstring tells it; the program itself is run and spoken to."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from voicecli.local import espeak_worker
from voicecli.local.espeak import Installation, installation
from voicecli.local.espeak_worker import MAX_PCM_BYTES, RATE_HZ

INSTALLED = installation()
pytestmark = pytest.mark.skipif(INSTALLED is None, reason="espeakng-loader is not installed")

Worker = subprocess.Popen[bytes]
Word = tuple[int, int]


def started(installed: Installation) -> Worker:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", espeak_worker.__file__, str(installed.library)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=installed.data.parent,
    )


@pytest.fixture(name="worker")
def ready_worker() -> Iterator[Worker]:
    assert INSTALLED is not None
    with started(INSTALLED) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"ready\n"
        yield worker
        worker.kill()


def ask(
    worker: Worker, text: str, *, languages: list[str] | None = None, pitch: int = 50
) -> tuple[bytes, list[Word]]:
    assert worker.stdin is not None
    assert worker.stdout is not None
    request = {
        "text": text,
        "languages": languages or ["en-us"],
        "variant": "f2",
        "pitch": pitch,
    }
    worker.stdin.write(json.dumps(request).encode() + b"\n")
    worker.stdin.flush()
    header = json.loads(worker.stdout.readline())
    pcm = worker.stdout.read(header["pcm_bytes"])
    return pcm, [(char, start_ms) for char, start_ms in header["words"]]


def test_a_sentence_comes_back_as_sound_with_the_start_of_each_word(worker: Worker) -> None:
    text = "How tall is it?"
    pcm, words = ask(worker, text)
    assert 0.5 < len(pcm) / 2 / RATE_HZ < 3
    assert [text[char:].split()[0] for char, _ in words] == ["How", "tall", "is", "it?"]
    starts_ms = [start_ms for _, start_ms in words]
    assert starts_ms == sorted(starts_ms)
    assert starts_ms[0] < 50
    assert starts_ms[-1] < len(pcm) / 2 / RATE_HZ * 1000


def test_positions_are_characters_whatever_the_alphabet(worker: Worker) -> None:
    text = "café ünï 日本 end"
    _, words = ask(worker, text)
    assert text.index("end") in [char for char, _ in words]


def test_one_answer_holds_nothing_of_the_last(worker: Worker) -> None:
    first = ask(worker, "one")
    ask(worker, "something quite different and much longer")
    assert [char for char, _ in ask(worker, "one")[1]] == [char for char, _ in first[1]] == [0]


def test_the_first_language_that_exists_is_spoken(worker: Worker) -> None:
    text = "Guten Tag, wie geht es Ihnen?"
    german = len(ask(worker, text, languages=["de", "en-us"])[0])
    english = len(ask(worker, text)[0])
    assert abs(german - english) > RATE_HZ // 5
    unknown_first = len(ask(worker, text, languages=["xx-yy", "de", "en-us"])[0])
    assert abs(unknown_first - german) < RATE_HZ // 50
    unknown = len(ask(worker, text, languages=["xx-yy", "en-us"])[0])
    assert abs(unknown - english) < RATE_HZ // 50


def test_the_pitch_is_heard(worker: Worker) -> None:
    assert ask(worker, "hello", pitch=20)[0] != ask(worker, "hello", pitch=90)[0]


def test_markup_is_read_out_and_not_obeyed(worker: Worker) -> None:
    obeyed_s = 10
    pcm, words = ask(worker, f"<speak><break time='{obeyed_s}s'/></speak>")
    assert len(words) > 3
    assert len(pcm) / 2 / RATE_HZ < obeyed_s


def test_endless_speech_is_stopped(worker: Worker) -> None:
    pcm, _ = ask(worker, "9 " * 4_000)
    assert MAX_PCM_BYTES <= len(pcm) < MAX_PCM_BYTES + 10 * RATE_HZ


def test_it_ends_with_its_input(worker: Worker) -> None:
    assert worker.stdin is not None
    worker.stdin.close()
    assert worker.wait(timeout=20) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX can a child be sent Ctrl-C")
def test_ctrl_c_is_left_to_the_program_that_started_it(worker: Worker) -> None:
    worker.send_signal(signal.SIGINT)
    assert ask(worker, "still here")[0]


def test_a_library_that_is_none_ends_it_at_once() -> None:
    assert INSTALLED is not None
    with started(Installation(INSTALLED.data / "phontab", INSTALLED.data)) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b""
        assert worker.wait(timeout=20) != 0
