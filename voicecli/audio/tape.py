"""Recorded sound of both sides as one stream for a loudspeaker, which sets the pace."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import soundfile

from voicecli.audio.gain import Gain
from voicecli.audio.levels import LevelMeter, dbfs
from voicecli.audio.pcm import SAMPLE_BYTES, SPEAKER_RATE_HZ
from voicecli.audio.resampler import StreamResampler
from voicecli.audio.sample_queue import SampleQueue
from voicecli.audio.samples import decoded, encoded
from voicecli.errors import UsageError

# Read ahead of what is asked for, so that the disk is not asked for every few milliseconds.
READ_S = 0.1


class TapeTrack:
    """The sound file of one side, at the speaker's rate; at another `speed` its pitch changes."""

    def __init__(self, path: Path, speed: float) -> None:
        """Raises UsageError if `path` holds no mono sound."""
        try:
            self._file = soundfile.SoundFile(path)
        except (soundfile.SoundFileError, OSError) as error:
            raise UsageError(f"there is no sound in {path}", why=str(error)) from error
        if self._file.channels != 1:
            self._file.close()
            raise UsageError(f"there is no sound in {path}", why="it is not mono")
        self._resampler = StreamResampler(round(self._file.samplerate * speed), SPEAKER_RATE_HZ)
        self._read_samples = max(1, round(READ_S * self._file.samplerate * speed))
        self._queue = SampleQueue()
        self._over = False

    def take(self, n_samples: int) -> bytes:
        """The next `n_samples` of 24 kHz 16-bit mono PCM; silence after the end."""
        while len(self._queue) < n_samples and not self._over:
            read = self._file.read(self._read_samples, dtype="int16")
            self._over = not len(read)
            pcm = read.astype("<i2").tobytes()
            self._queue.push(self._resampler.finish() if self._over else self._resampler.push(pcm))
        return self._queue.take(n_samples).ljust(n_samples * SAMPLE_BYTES, b"\0")

    def close(self) -> None:
        """Close the file; only silence is left."""
        self._over = True
        self._file.close()


class Tape:
    """Both sides mixed. `fill` is for the device's thread, all else for any other."""

    def __init__(
        self,
        user: TapeTrack | None,
        model: TapeTrack | None,
        speed: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`speed` is that of the tracks."""
        self._tracks = (user, model)
        self._speed = speed
        self._clock = clock
        self._lock = threading.Lock()
        self._gain = Gain()
        self._meters = (LevelMeter(), LevelMeter())
        self._latest = (b"", b"")
        self._played_samples = 0
        self._calls = 0
        self._paused = False

    @property
    def at_s(self) -> float:
        """How far the conversation is, in seconds of its own time."""
        with self._lock:
            return self._played_samples * self._speed / SPEAKER_RATE_HZ

    @property
    def calls(self) -> int:
        """How often the device has asked for sound; also while paused."""
        with self._lock:
            return self._calls

    @property
    def paused(self) -> bool:
        """Whether it stands still, in silence."""
        return self._paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        with self._lock:
            self._paused = paused

    @property
    def volume_percent(self) -> int:
        """0 is silent, 100 leaves every sample as it came."""
        return self._gain.volume_percent

    @volume_percent.setter
    def volume_percent(self, percent: int) -> None:
        with self._lock:
            self._gain.volume_percent = percent

    def levels_dbfs(self) -> tuple[float, float]:
        """How loud the user and the model are now, smoothed for a meter."""
        now_s = self._clock()
        with self._lock:
            user, model = self._latest
        meters = self._meters
        return meters[0].update(dbfs(user), now_s), meters[1].update(dbfs(model), now_s)

    def fill(self, n_samples: int) -> bytes:
        """The next `n_samples` of 24 kHz 16-bit mono PCM; silence while paused."""
        silence = bytes(n_samples * SAMPLE_BYTES)
        with self._lock:
            self._calls += 1
            if self._paused:
                self._latest = (b"", b"")
                return silence
            user, model = (track.take(n_samples) if track else silence for track in self._tracks)
            self._latest = (user, model)
            self._played_samples += n_samples
            return self._gain.applied(_mixed((user, model)))

    def close(self) -> None:
        """Close the files; silence is left."""
        with self._lock:
            for track in self._tracks:
                if track is not None:
                    track.close()


def _mixed(pieces: Sequence[bytes]) -> bytes:
    """The sum of pieces of the same length."""
    return encoded(np.sum([decoded(piece) for piece in pieces], axis=0))
