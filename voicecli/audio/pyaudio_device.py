"""Sound hardware through PyAudio: the only module that imports it, and late.

Streams run by callbacks with short periods. What is known of PyAudio and kept here: a callback
that raises or returns too few bytes ends its stream; `close()` is silent at once, where
`stop_stream()` first plays what the device holds; PortAudio's opening and closing are not
thread-safe; a PULSE_LATENCY_MSEC under one period hangs a stream.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from voicecli.audio.device import Deliver, Fill
from voicecli.audio.device_choice import DEVICES_HINT, DeviceInfo, Direction, choose_device
from voicecli.audio.pcm import MIC_RATE_HZ, SAMPLE_BYTES, SPEAKER_RATE_HZ
from voicecli.audio.quiet import hidden_stderr, silence_alsa
from voicecli.errors import SoundDeviceError

# Two periods lie between the callback and the ear: 20 ms, with some reserve against hiccups.
OUTPUT_PERIOD_SAMPLES = 240
# One period is one frame of the uplink.
INPUT_PERIOD_SAMPLES = 320

_log = logging.getLogger(__name__)
_portaudio_lock = threading.Lock()

_CONTINUE = 0  # pyaudio.paContinue, without the import

Callback = Callable[[bytes | None, int, object, int], tuple[bytes | None, int]]


def list_devices() -> list[DeviceInfo]:
    """Every device that can play or record, in the order of the system; may be empty."""
    with _quiet_portaudio():
        portaudio = _initialised()
        try:
            return _devices_of(portaudio)
        finally:
            portaudio.terminate()


def open_output(spec: str | None) -> PyAudioOutput:
    """The speaker that `spec` means (see `choose_device`), silent until started.

    Raises SoundDeviceError.
    """
    return PyAudioOutput(_Stream(spec, Direction.OUTPUT))


def open_input(spec: str | None) -> PyAudioInput:
    """The microphone that `spec` means (see `choose_device`), deaf until started.

    Raises SoundDeviceError.
    """
    return PyAudioInput(_Stream(spec, Direction.INPUT))


class PyAudioOutput:
    """Plays 24 kHz 16-bit mono PCM on a sound card."""

    def __init__(self, stream: _Stream) -> None:
        self._stream = stream
        self._fill: Fill | None = None

    @property
    def name(self) -> str:
        """The device's name in the system."""
        return self._stream.device.name

    @property
    def latency_s(self) -> float:
        """From the return of `fill` to the sound being heard, as the driver reports it."""
        return self._stream.latency_s

    def start(self, fill: Fill) -> None:
        """Begin to call `fill` from PortAudio's thread. Raises SoundDeviceError."""
        self._fill = fill
        self._stream.open(SPEAKER_RATE_HZ, OUTPUT_PERIOD_SAMPLES, self._called)

    def close(self) -> None:
        """Stop at once; safe to call twice."""
        self._stream.close()

    def _called(
        self, _heard: bytes | None, n_samples: int, _times: object, _status: int
    ) -> tuple[bytes | None, int]:
        wanted_bytes = n_samples * SAMPLE_BYTES
        pcm = b""
        if self._fill is not None:
            try:
                pcm = self._fill(n_samples)
            except Exception:
                # Raised further it would end the stream without a word.
                _log.exception("the speaker's source failed; it is not asked again")
                self._fill = None
        return pcm[:wanted_bytes].ljust(wanted_bytes, b"\0"), _CONTINUE


class PyAudioInput:
    """Records 16 kHz 16-bit mono PCM from a sound card."""

    def __init__(self, stream: _Stream) -> None:
        self._stream = stream
        self._deliver: Deliver | None = None

    @property
    def name(self) -> str:
        """The device's name in the system."""
        return self._stream.device.name

    def start(self, deliver: Deliver) -> None:
        """Begin to call `deliver` from PortAudio's thread. Raises SoundDeviceError."""
        self._deliver = deliver
        self._stream.open(MIC_RATE_HZ, INPUT_PERIOD_SAMPLES, self._called)

    def close(self) -> None:
        """Stop; safe to call twice."""
        self._stream.close()

    def _called(
        self, heard: bytes | None, _n_samples: int, _times: object, _status: int
    ) -> tuple[bytes | None, int]:
        if self._deliver is not None and heard:
            try:
                self._deliver(heard)
            except Exception:
                # Raised further it would end the stream without a word.
                _log.exception("the microphone's reader failed; it is not called again")
                self._deliver = None
        return None, _CONTINUE


class _Stream:
    """A device and its stream, with the PortAudio session in which its index holds."""

    def __init__(self, spec: str | None, direction: Direction) -> None:
        self.latency_s = 0.0
        self._direction = direction
        self._stream: Any = None
        with _quiet_portaudio():
            self._portaudio = _initialised()
            try:
                self.device = choose_device(_devices_of(self._portaudio), spec, direction)
            except SoundDeviceError:
                self._terminate()
                raise

    def open(self, rate_hz: int, period_samples: int, callback: Callback) -> None:
        import pyaudio

        is_input = self._direction is Direction.INPUT
        with _quiet_portaudio():
            try:
                self._stream = self._portaudio.open(
                    rate=rate_hz,
                    channels=1,
                    format=pyaudio.paInt16,
                    input=is_input,
                    output=not is_input,
                    input_device_index=self.device.index if is_input else None,
                    output_device_index=None if is_input else self.device.index,
                    frames_per_buffer=period_samples,
                    stream_callback=callback,
                )
            except (OSError, ValueError) as error:
                raise self._unusable(rate_hz, error) from error
            if not is_input:
                self.latency_s = self._stream.get_output_latency()

    def close(self) -> None:
        with _portaudio_lock:
            if self._stream is not None:
                self._stream.close()
                self._stream = None
            self._terminate()

    def _terminate(self) -> None:
        if self._portaudio is not None:
            self._portaudio.terminate()
            self._portaudio = None

    def _unusable(self, rate_hz: int, error: Exception) -> SoundDeviceError:
        # PortAudio's errors come as (number, text) or (text, number).
        reason = next((part for part in error.args if isinstance(part, str)), str(error))
        return SoundDeviceError(
            f"the {self._direction} device “{self.device.name}” cannot be opened at {rate_hz} Hz",
            why=reason,
            hint=f"pick another one: {DEVICES_HINT}",
        )


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


@contextmanager
def _quiet_portaudio() -> Iterator[None]:
    """One thread at a time in PortAudio's set-up, and nothing of it on the terminal."""
    with _portaudio_lock:
        os.environ.pop("PULSE_LATENCY_MSEC", None)
        silence_alsa()
        with hidden_stderr():
            yield
