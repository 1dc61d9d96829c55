"""PortAudio's set-up: quietly, by one thread at a time. The only module that imports PyAudio, late.

PortAudio lists the devices when it is initialised, and counts that: as long as one session goes on,
new ones see the devices of its beginning, with the indices of then.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from voicecli.audio.device_choice import DeviceInfo
from voicecli.audio.quiet import hidden_stderr, silence_alsa
from voicecli.errors import SoundDeviceError

# What one thread does in here takes 20 ms, or a second with many cards; a sound server that is
# stopped keeps it for ever.
PATIENCE_S = 3.0

# PortAudio's opening and closing are not thread-safe.
lock = threading.Lock()

_session_count = 0  # under the lock


def in_session() -> bool:
    """Whether a session goes on, so that devices that came or went since are not seen."""
    return _session_count > 0


@contextmanager
def set_up() -> Iterator[None]:
    """Hold the lock, with nothing of PortAudio's chatter on the terminal.

    Raises SoundDeviceError if another thread hangs in there.
    """
    if not lock.acquire(timeout=PATIENCE_S):
        raise SoundDeviceError(
            "the sound system does not answer",
            why="it was asked to open or close a device and has not come back",
            hint="restart the sound server",
        )
    try:
        # Under one period it hangs a stream.
        os.environ.pop("PULSE_LATENCY_MSEC", None)
        silence_alsa()
        with hidden_stderr():
            yield
    finally:
        lock.release()


class Session:
    """An initialised PortAudio, in which the indices of `devices` hold. Needs the lock held."""

    def __init__(self) -> None:
        """Raises SoundDeviceError if there is no PyAudio."""
        global _session_count
        self._portaudio = _initialised()
        self.ended = False
        _session_count += 1

    def devices(self) -> list[DeviceInfo]:
        """Every device that can play or record; may be empty."""
        return _devices_of(self._portaudio)

    def open(self, **options: object) -> Any:
        """A stream, with PyAudio's options. Raises OSError and ValueError."""
        return self._portaudio.open(**options)

    def end(self) -> None:
        """Give PortAudio back; safe to call twice."""
        global _session_count
        if not self.ended:
            self.ended = True
            self._portaudio.terminate()
            _session_count -= 1


def _initialised() -> Any:
    try:
        import pyaudio
    except ImportError as error:
        raise SoundDeviceError(
            "sound is not available",
            why=f"PyAudio cannot be loaded ({error})",
            hint="install PortAudio (`make` does), or add --no-mic --no-speaker",
        ) from error
    return pyaudio.PyAudio()


def _devices_of(portaudio: Any) -> list[DeviceInfo]:
    default_input = _default_index(portaudio.get_default_input_device_info)
    default_output = _default_index(portaudio.get_default_output_device_info)
    devices = []
    for index in range(portaudio.get_device_count()):
        info = portaudio.get_device_info_by_index(index)
        devices.append(
            DeviceInfo(
                index,
                _text(info["name"]),
                _text(portaudio.get_host_api_info_by_index(info["hostApi"])["name"]),
                int(info["maxInputChannels"]),
                int(info["maxOutputChannels"]),
                default_input=index == default_input,
                default_output=index == default_output,
            )
        )
    return devices


def _default_index(ask: Callable[[], Any]) -> int | None:
    try:
        return int(ask()["index"])
    except OSError:
        return None  # how PyAudio says that there is none


def _text(name: str | bytes) -> str:
    """PyAudio leaves names that are not UTF-8 as bytes."""
    text = name.decode("utf-8", "replace") if isinstance(name, bytes) else name
    return "".join(character if character.isprintable() else "�" for character in text).strip()
