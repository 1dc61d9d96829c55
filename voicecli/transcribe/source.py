"""A recording as the Live API wants it: 16 kHz mono 16-bit PCM, whatever the file holds."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from voicecli.audio.pcm import FULL_SCALE, MIC_RATE_HZ, byte_count
from voicecli.errors import UsageError
from voicecli.transcribe.wav_header import MAGIC_BYTES, is_wav, missing_bytes

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Warn = Callable[[str], None]
"""Told, in one sentence, what may be missing from the transcript."""

STDIN = "-"
BLOCK_MS = 100
BLOCK_BYTES = byte_count(BLOCK_MS, MIC_RATE_HZ)

# Outside of these a header is broken rather than unusual: speech is recorded at 8 to 96 kHz.
LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 1_000, 384_000

# Four and a half hours of raw PCM: enough for any session, and a pipe that never ends does not
# fill the disk.
MOST_PIPED_BYTES = 512 * 1024 * 1024

_READ_SAMPLES = 65_536
_MOST_HEADER_BYTES = 4_096
_COPY_BYTES = 1024 * 1024

# Raw PCM has no mark of its own, so a pipe with another kind of sound would be sent as noise.
_OTHER_MARKS = (b"fLaC", b"OggS", b"ID3", b"FORM", b"\x1aE\xdf\xa3", b".snd", b"caff")


class Recording:
    """An open recording; `duration_s` is what its header promises and the file can hold."""

    def __init__(self, sound: Any, name: str, warn: Warn) -> None:
        self.name = name
        self._sound = sound
        self._warn = warn
        self.duration_s = float(sound.frames / sound.samplerate)

    def blocks(self) -> Iterator[bytes]:
        """The sound from its start to its end, in blocks of `BLOCK_MS`; the last is shorter.

        Damage in the middle ends the recording there and is told to `warn`.
        """
        pending = bytearray()
        for pcm in self._converted():
            pending += pcm
            whole = len(pending) - len(pending) % BLOCK_BYTES
            for start in range(0, whole, BLOCK_BYTES):
                yield bytes(pending[start : start + BLOCK_BYTES])
            del pending[:whole]
        if pending:
            yield bytes(pending)

    def _converted(self) -> Iterator[bytes]:
        import numpy as np
        import soxr

        if self._sound.samplerate == MIC_RATE_HZ:
            for mono in self._mono():
                yield pcm_of(mono)
            return
        resampler = soxr.ResampleStream(self._sound.samplerate, MIC_RATE_HZ, 1, dtype="float32")
        for mono in self._mono():
            yield pcm_of(resampler.resample_chunk(mono))
        yield pcm_of(resampler.resample_chunk(np.zeros(0, np.float32), last=True))

    def _mono(self) -> Iterator[npt.NDArray[np.float32]]:
        import soundfile

        frames_left = self._sound.frames
        frames_per_read = max(1, _READ_SAMPLES // self._sound.channels)
        while frames_left > 0:
            try:
                frames = self._sound.read(frames_per_read, dtype="float32", always_2d=True)
            except (soundfile.SoundFileError, OSError):
                frames = ()
            if len(frames) == 0:
                self._warn(f"{self.name} is damaged and cannot be read to its end")
                return
            frames_left -= len(frames)
            yield mixed(frames)


def mixed(frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Frames of any number of channels as one channel; what is no number becomes silence."""
    import numpy as np

    usable = np.nan_to_num(frames, nan=0.0, posinf=1.0, neginf=-1.0).clip(-1.0, 1.0)
    mono: npt.NDArray[np.float32] = usable.mean(axis=1, dtype=np.float32)
    return mono


def pcm_of(mono: npt.NDArray[np.float32]) -> bytes:
    """Samples from -1 to 1 as 16-bit PCM; what a resampler's ripple carries over is clipped."""
    import numpy as np

    scaled = np.rint(mono * FULL_SCALE).clip(-FULL_SCALE, FULL_SCALE - 1)
    return scaled.astype("<i2").tobytes()


@contextmanager
def open_recording(
    file: str | Path, warn: Warn, piped: BinaryIO | None = None
) -> Iterator[Recording]:
    """Open a WAV file, or with `-` the WAV or raw 16 kHz mono PCM that comes through `piped`.

    `piped` is standard input by default. Raises UsageError for what is not a readable recording.
    """
    if str(file) == STDIN:
        stream = sys.stdin.buffer if piped is None else piped
        if stream.isatty():
            raise UsageError(
                "standard input is a terminal",
                why="`-` reads a recording from a pipe",
                hint="arecord -f S16_LE -r 16000 -t wav -d 10 | voicecli transcribe -",
            )
        with _spooled(stream, "standard input") as path:
            yield from _open(path, "standard input", warn, raw_allowed=True)
    elif _is_pipe(Path(file)):
        with _opened_pipe(Path(file)) as stream, _spooled(stream, str(file)) as path:
            yield from _open(path, str(file), warn, raw_allowed=True)
    else:
        yield from _open(Path(file), str(file), warn, raw_allowed=False)


def _is_pipe(path: Path) -> bool:
    """Whether `path` is a pipe, as `<(sox …)` makes in a shell; refuses what is no file."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}") from None
    except OSError as error:
        raise _unreadable(str(path), error) from None
    if stat.S_ISDIR(mode):
        raise UsageError(f"{path} is a folder, not a WAV file")
    if not stat.S_ISREG(mode) and not stat.S_ISFIFO(mode):
        raise UsageError(f"{path} is a device, not a WAV file")
    return stat.S_ISFIFO(mode)


def _opened_pipe(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise _unreadable(str(path), error) from None


@contextmanager
def _spooled(stream: BinaryIO, name: str) -> Iterator[Path]:
    """A copy of `stream` that can be read from any place, removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="voicecli-") as folder:
        path = Path(folder) / "piped"
        written = 0
        with path.open("wb") as copy:
            while piece := stream.read(_COPY_BYTES):
                written += len(piece)
                if written > MOST_PIPED_BYTES:
                    most = MOST_PIPED_BYTES // (1024 * 1024)
                    raise UsageError(f"more than {most} MiB came through {name}")
                copy.write(piece)
        yield path


def _open(path: Path, name: str, warn: Warn, *, raw_allowed: bool) -> Iterator[Recording]:
    """Yield the recording in `path` once, and close it; meant for `yield from`."""
    import soundfile

    raw, cut_short = _looked_over(path, name, raw_allowed=raw_allowed)
    layout: dict[str, Any] = {}
    if raw:
        layout = {"format": "RAW", "subtype": "PCM_16", "endian": "LITTLE"}
        layout |= {"channels": 1, "samplerate": MIC_RATE_HZ}
    try:
        sound = soundfile.SoundFile(os.fspath(path), **layout)
    except (soundfile.SoundFileError, OSError, TypeError, ValueError):
        raise UsageError(f"{name} begins like a WAV file, but its header is broken") from None
    with sound:
        _check(sound, name)
        if cut_short:
            warn(f"{name} was cut short: its header promises more sound than it holds")
        yield Recording(sound, name, warn)


def _looked_over(path: Path, name: str, *, raw_allowed: bool) -> tuple[bool, bool]:
    """Whether `path` holds raw PCM rather than a WAV, and whether it was cut short.

    Refuses anything else.
    """
    try:
        with path.open("rb") as file:
            start = file.read(MAGIC_BYTES)
            file_bytes = file.seek(0, os.SEEK_END)
            if is_wav(start):
                return False, missing_bytes(file, file_bytes) > 0
    except OSError as error:
        raise _unreadable(name, error) from None
    if not start:
        raise UsageError(f"{name} is empty")
    if raw_allowed and not start.startswith(_OTHER_MARKS):
        return True, False
    hint = "ffmpeg -i INPUT -ac 1 -ar 16000 OUTPUT.wav" if len(start) == MAGIC_BYTES else ""
    raise UsageError(f"{name} is not a WAV file", hint=hint)


def _check(sound: Any, name: str) -> None:
    if not LOWEST_RATE_HZ <= sound.samplerate <= HIGHEST_RATE_HZ:
        raise UsageError(f"{name} has a sample rate of {sound.samplerate} Hz, which cannot be")
    if sound.frames <= 0:
        # A recorder that was killed leaves the sound, and a length of 0 before it.
        unfinished = os.path.getsize(sound.name) > _MOST_HEADER_BYTES
        hint = "sox --ignore-length INPUT.wav MENDED.wav" if unfinished else ""
        raise UsageError(f"{name} holds no sound", hint=hint)


def _unreadable(name: str, error: OSError) -> UsageError:
    return UsageError(f"{name} cannot be read", why=error.strerror or type(error).__name__)
