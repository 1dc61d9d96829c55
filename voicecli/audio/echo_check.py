"""Plays the test sound and records its echo: what `voicecli doctor --echo` does."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

from voicecli.audio.device import InputDevice, OutputDevice
from voicecli.audio.echo_canceller import NEAR_BYTES
from voicecli.audio.echo_probe import SOUND_S, TAIL_S, EchoFound, echo_found, probe_sound
from voicecli.audio.echo_reference import EchoReference
from voicecli.audio.listener import Canceller
from voicecli.audio.pcm import SAMPLE_BYTES
from voicecli.errors import SoundDeviceError

# Devices take up to a second to begin.
RESERVE_S = 3.0

# By then the chirp has come back, and even a microphone that hushes a quiet room has heard it.
DEAD_AFTER_FRAMES = 300

# As soon as that an interruption is noticed.
LOOK_S = 0.05

_DIGITAL_SILENCE = bytes(NEAR_BYTES)


def check_echo(
    output: OutputDevice,
    source: InputDevice,
    canceller: Canceller | None,
    *,
    interrupted: Callable[[], bool] = lambda: False,
    patience_s: float = SOUND_S + TAIL_S + RESERVE_S,
) -> EchoFound | None:
    """The echo from `output` to `source`, which are closed afterwards; None if there is none.

    Blocks for some 8 s. Raises SoundDeviceError where a device stands still or the microphone is
    dead, and KeyboardInterrupt soon after `interrupted` says so.
    """
    recording = _Recording(probe_sound())
    microphone = f"microphone “{source.name}”"
    try:
        source.start(recording.deliver)
        output.start(recording.fill)
        done = _waited(recording.done, patience_s, interrupted)
    finally:
        output.close()
        source.close()
    if not done:
        speaker_stopped = recording.near and not recording.played
        raise _stopped(f"speaker “{output.name}”" if speaker_stopped else microphone)
    if recording.dead:
        raise SoundDeviceError(
            f"the {microphone} delivers digital silence",
            why="it is muted in the system, or another program's, or not the one that you mean",
            hint="voicecli devices",
        )
    return echo_found(recording.near, recording.far, canceller)


class _Recording:
    """Both sides of the devices, in step as in a conversation."""

    def __init__(self, sound: bytes) -> None:
        self.near: list[bytes] = []
        self.far: list[bytes] = []
        self.done = threading.Event()
        self.dead = True  # until a sample is not zero
        self._sound = sound
        self._position = 0
        self._tail_frames = round(TAIL_S * 100)
        self._new = b""  # played since the last frame
        self._begun_frame = b""
        self._reference = EchoReference()
        self._lock = threading.Lock()

    @property
    def played(self) -> bool:
        """Whether the whole sound was handed out."""
        return self._position >= len(self._sound)

    def fill(self, n_samples: int) -> bytes:
        """The next of the sound, then silence; called by the output's thread."""
        with self._lock:
            n_bytes = n_samples * SAMPLE_BYTES
            # Not before the microphone listens: all of the chirp is to be heard.
            start = self._position if self.near else len(self._sound)
            pcm = self._sound[start : start + n_bytes]
            self._position += len(pcm)
            pcm = pcm.ljust(n_bytes, b"\0")
            self._new += pcm
            return pcm

    def deliver(self, pcm: bytes) -> None:
        """Take what was heard; called by the input's thread."""
        with self._lock:
            pcm = self._begun_frame + pcm
            whole_bytes = len(pcm) // NEAR_BYTES * NEAR_BYTES
            self._begun_frame = pcm[whole_bytes:]
            for start in range(0, whole_bytes, NEAR_BYTES):
                self._reference.push(self._new)
                self._new = b""
                frame = pcm[start : start + NEAR_BYTES]
                self.dead = self.dead and frame == _DIGITAL_SILENCE
                self.near.append(frame)
                self.far.append(self._reference.pull())
                self._tail_frames -= self.played
            if self._tail_frames <= 0 or (self.dead and len(self.near) >= DEAD_AFTER_FRAMES):
                self.done.set()


def _waited(done: threading.Event, patience_s: float, interrupted: Callable[[], bool]) -> bool:
    for _ in range(math.ceil(patience_s / LOOK_S)):
        if interrupted():
            raise KeyboardInterrupt
        if done.wait(LOOK_S):
            return True
    return False


def _stopped(what: str) -> SoundDeviceError:
    return SoundDeviceError(
        f"the {what} has stopped", why="it no longer takes part", hint="voicecli devices"
    )
