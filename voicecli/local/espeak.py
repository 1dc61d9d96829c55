"""eSpeak NG in a process of its own (`espeak_worker.py` says why), started anew when it crashes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Timer
from typing import IO

from voicecli.local import espeak_worker
from voicecli.local.voice_names import Sound

# 4000 characters take 0.6 s on a slow machine; one that takes longer hangs.
MAX_WAIT_S = 20.0

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,2}")
_FALLBACK_LANGUAGE = "en-us"
# Where eSpeak and BCP 47 use different names.
_OTHER_NAMES = {"zh": "cmn", "no": "nb", "fil": "tl"}


@dataclass(frozen=True, slots=True)
class WordStart:
    """Where a word begins in the text (characters from 0) and in the sound."""

    first_char: int
    start_s: float


@dataclass(frozen=True, slots=True)
class Spoken:
    """16-bit mono sound of `espeak_worker.RATE_HZ` in the machine's byte order, and its words."""

    pcm: bytes
    words: tuple[WordStart, ...]


@dataclass(frozen=True, slots=True)
class Installation:
    """Where eSpeak's shared library and the folder `espeak-ng-data` are."""

    library: Path
    data: Path


def installation() -> Installation | None:
    """What `espeakng-loader` brings; None where it is not installed or has no data."""
    try:
        import espeakng_loader

        library, data = espeakng_loader.get_library_path(), espeakng_loader.get_data_path()
    except (ImportError, RuntimeError):
        # RuntimeError is the loader's own way to say that the data is missing.
        return None
    return Installation(Path(library), Path(data))


class Espeak:
    """Speaks in one worker process, one text at a time; safe to use from any thread.

    `program` is the worker's file; one that gives no answer for `max_wait_s` is stopped.
    """

    def __init__(
        self,
        installed: Installation,
        *,
        program: str = espeak_worker.__file__,
        max_wait_s: float = MAX_WAIT_S,
    ) -> None:
        self._installed = installed
        self._program = program
        self._max_wait_s = max_wait_s
        self._lock = Lock()
        self._worker: _Worker | None = None

    def starts(self) -> bool:
        """Whether the worker runs; starts it if need be. Blocking, some 30 ms."""
        with self._lock:
            return self._started() is not None

    def speak(self, text: str, sound: Sound, language: str) -> Spoken | None:
        """`text` as sound, blocking; None if eSpeak cannot speak it.

        `language` is a BCP 47 tag; an unknown one is spoken as US English.
        """
        request = {
            "text": text,
            "languages": list(_language_names(language)),
            "variant": sound.variant,
            "pitch": sound.pitch,
        }
        with self._lock:
            worker = self._started()
            try:
                return worker.ask(request) if worker else None
            except (OSError, ValueError):
                # The worker has crashed, or was stopped because it took too long.
                self._worker = None
                return None

    def _started(self) -> _Worker | None:
        if self._worker is None:
            try:
                self._worker = _Worker(self._installed, self._program, self._max_wait_s)
            except OSError:
                return None
        return self._worker


class _Worker:
    """The worker process. Raises OSError when it cannot be started."""

    def __init__(self, installed: Installation, program: str, max_wait_s: float) -> None:
        self._max_wait_s = max_wait_s
        # -I and -S: nothing in the current folder, the environment or site-packages is run.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", program, str(installed.library)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # eSpeak complains there about texts it finds odd
            cwd=installed.data.parent,
        )
        self._finalizer = weakref.finalize(self, _end, self._process)
        if self._read_line() != b"ready\n":
            self._finalizer()
            raise OSError("eSpeak NG does not start")

    def ask(self, request: dict[str, object]) -> Spoken:
        """The answer to one request. Raises OSError or ValueError when there is none."""
        try:
            stdin = _pipe(self._process.stdin)
            stdin.write(json.dumps(request).encode() + b"\n")
            stdin.flush()
            header = json.loads(self._read_line())
            size = int(header["pcm_bytes"])
            pcm = _pipe(self._process.stdout).read(size)
            if len(pcm) != size:
                raise OSError("eSpeak NG has ended")
        except BaseException:
            # What is left of this answer would be taken for the next one.
            self._finalizer()
            raise
        return Spoken(pcm, tuple(WordStart(char, ms / 1000) for char, ms in header["words"]))

    def _read_line(self) -> bytes:
        """The next line; short or empty if the worker ended or had to be stopped."""
        timer = Timer(self._max_wait_s, self._process.kill)
        timer.daemon = True
        timer.start()
        try:
            return _pipe(self._process.stdout).readline()
        finally:
            timer.cancel()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None  # Popen was given PIPE
    return stream


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()  # it holds nothing that wants to be finished
    process.communicate()


def _language_names(language: str) -> Iterator[str]:
    """eSpeak's names to try for a BCP 47 tag; one becomes part of a path, so they are checked."""
    tag = language.lower()
    if _LANGUAGE.fullmatch(tag):
        base = tag.partition("-")[0]
        yield tag
        yield _OTHER_NAMES.get(base, base)
    yield _FALLBACK_LANGUAGE
