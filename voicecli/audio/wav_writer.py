"""Writes the model's voice to a WAV file that is valid at every moment, so also after a crash."""

from __future__ import annotations

import os
import struct
from contextlib import nullcontext, suppress
from io import BufferedRandom, BufferedWriter
from pathlib import Path

from voicecli.audio.pcm import SAMPLE_BYTES, SPEAKER_RATE_HZ
from voicecli.errors import UsageError, VoicecliError

# Multimedia Programming Interface 1.0: RIFF size, then a `fmt ` chunk for PCM, then `data`.
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_PCM = 1
# What does not fit into the header's 32 bits: readers then go on to the end of the file.
_LARGEST = 0xFFFF_FFFF


class WavWriter:
    """A WAV file of 16-bit mono PCM at `rate_hz`, for its owner only; replaces what was there.

    With `goes_on` it goes on with what was there, which must be such a file and no link.
    """

    def __init__(
        self, path: Path, rate_hz: int = SPEAKER_RATE_HZ, *, goes_on: bool = False
    ) -> None:
        """Raises UsageError if `path` cannot be written."""
        self._path = path
        self._rate_hz = rate_hz
        self._data_bytes = 0
        self._half_sample = b""
        self._failed = False
        self._file: BufferedRandom | BufferedWriter
        try:
            # Buffered, so that a write is whole or fails; flushed after each piece.
            if goes_on:
                self._file = open(path, "r+b", opener=_private_there)  # noqa: SIM115 - until close()
            else:
                self._file = open(path, "wb", opener=_private)  # noqa: SIM115
        except OSError as error:
            raise UsageError(
                f"cannot write {path}",
                why=error.strerror or str(error),
                hint="name a file in a folder that you can write to",
            ) from error
        if not self._file.seekable():
            self._file.close()
            raise UsageError(
                f"cannot write {path}",
                why="the header of a WAV file changes as it grows, which needs a real file",
                hint="name a file on a disk",
            )
        try:
            self._data_bytes = self._found_bytes() if goes_on else 0
            self.append(b"")
        except VoicecliError:
            self.close()
            raise

    @property
    def samples(self) -> int:
        """How long the file is."""
        return self._data_bytes // SAMPLE_BYTES

    def put(self, pcm: bytes, at_sample: int) -> None:
        """Write a piece, whole samples, that begins at `at_sample` or where the file ends.

        What lies between is silence, which takes no room on most disks. Raises as `append` does.
        """
        if pcm:
            self._data_bytes = max(self._data_bytes, at_sample * SAMPLE_BYTES)
            self._half_sample = b""
            self.append(pcm)

    def append(self, pcm: bytes) -> None:
        """Write a further piece, of any length. Raises VoicecliError, as when the disk is full."""
        pcm = self._half_sample + pcm
        whole_bytes = len(pcm) // SAMPLE_BYTES * SAMPLE_BYTES
        self._half_sample = pcm[whole_bytes:]
        try:
            self._file.seek(_HEADER.size + self._data_bytes)
            self._file.write(pcm[:whole_bytes])
            self._data_bytes += whole_bytes
            self._file.seek(0)
            self._file.write(self._header())
            self._file.flush()
        except OSError as error:
            self._failed = True
            raise VoicecliError(
                f"cannot write {self._path}",
                why=error.strerror or str(error),
                hint="make room, or name another file",
            ) from error

    def close(self) -> None:
        """Finish the file; safe to call twice."""
        # What failed before was reported, and fails here again.
        with suppress(OSError) if self._failed else nullcontext():
            self._file.close()

    def _found_bytes(self) -> int:
        """The length of the sound that is there, which a killed process may have left unsaid."""
        head = self._file.read(_HEADER.size)
        file_bytes = self._file.seek(0, os.SEEK_END)
        if not file_bytes:
            return 0
        whole = len(head) == _HEADER.size
        if not whole or _without_sizes(head) != _without_sizes(self._header()):
            raise UsageError(
                f"cannot go on with {self._path}",
                why=f"it is no WAV file of 16-bit mono sound at {self._rate_hz} Hz",
                hint="name another file",
            )
        return (file_bytes - _HEADER.size) // SAMPLE_BYTES * SAMPLE_BYTES

    def _header(self) -> bytes:
        return _HEADER.pack(
            b"RIFF",
            min(_HEADER.size - 8 + self._data_bytes, _LARGEST),
            b"WAVE",
            b"fmt ",
            16,
            _PCM,
            1,
            self._rate_hz,
            self._rate_hz * SAMPLE_BYTES,
            SAMPLE_BYTES,
            8 * SAMPLE_BYTES,
            b"data",
            min(self._data_bytes, _LARGEST),
        )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _private_there(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)


def _without_sizes(header: bytes) -> tuple[object, ...]:
    fields = _HEADER.unpack(header)
    return (fields[0], *fields[2:-1])
