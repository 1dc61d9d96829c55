"""Sound hardware through PortAudio: a speaker and a microphone, or what is wrong with them.

Streams run by callbacks with short periods. What is known of PyAudio and kept here: a callback
that raises or returns too few bytes ends its stream; `close()` is silent at once, where
`stop_stream()` first plays what the device holds; opening and closing wait for ever for a sound
server that is stopped.
"""

from __future__ import annotations

import ctypes
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from voicecli.audio import portaudio
from voicecli.audio.device import Deliver, Fill
from voicecli.audio.device_choice import (
    DEVICES_HINT,
    DeviceInfo,
    Direction,
    Wanted,
    choose_device,
)
from voicecli.audio.device_watch import Shortage
from voicecli.audio.pcm import MIC_RATE_HZ, SAMPLE_BYTES, SPEAKER_RATE_HZ
from voicecli.errors import SoundDeviceError

# Two periods lie between the callback and the ear. From zeros to silence, median: 120 samples
# 14 ms, 160 19 ms, 240 25 ms, and 80 no less than 120. 120 cost 2.5 % of a core, 240 1.7 %.
OUTPUT_PERIOD_SAMPLES = 120
# For a machine that is too busy: with all cores at work 120 lost 20 % of the sound, 240 1 %.
ROOMY_PERIOD_SAMPLES = 240
# As much as the Live API recommends to send at once, and two frames for each time that it wakes us.
INPUT_PERIOD_SAMPLES = 320

# PortAudio closes in 2 ms; a sound server that is stopped keeps it waiting, and nobody else has to.
CLOSING_S = 1.0

_log = logging.getLogger(__name__)

_CONTINUE = 0  # pyaudio.paContinue, without the import
_INT16 = 8  # pyaudio.paInt16

Callback = Callable[[bytes | None, int, object, int], tuple[bytes | None, int]]


def list_devices() -> list[DeviceInfo]:
    """Every device that can play or record, in the order of the system; may be empty.

    While a device is open, as it was when the first of those that are open was looked for. Raises
    SoundDeviceError.
    """
    with portaudio.set_up():
        session = portaudio.Session()
        try:
            return session.devices()
        finally:
            session.end()


def open_output(spec: Wanted) -> PyAudioOutput:
    """The speaker that `spec` means (see `choose_device`), silent until started.

    Raises SoundDeviceError.
    """
    return PyAudioOutput(_Stream(spec, Direction.OUTPUT))


def open_input(spec: Wanted) -> PyAudioInput:
    """The microphone that `spec` means (see `choose_device`), deaf until started.

    Raises SoundDeviceError.
    """
    return PyAudioInput(_Stream(spec, Direction.INPUT))


class PyAudioOutput:
    """Plays 24 kHz 16-bit mono PCM on a sound card.

    Where its short period makes it stutter, it goes over to a longer one, until it is closed.
    """

    def __init__(self, stream: _Stream) -> None:
        self._stream = stream
        self._fill: Fill | None = None
        self._shortage: Shortage | None = Shortage(SPEAKER_RATE_HZ)

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
        self._fill = None

    def _called(
        self, _heard: bytes | None, n_samples: int, _times: object, _status: int
    ) -> tuple[bytes | None, int]:
        if self._shortage is not None and self._shortage.asked(n_samples, time.monotonic()):
            self._shortage = None
            # A stream cannot be closed by its own callback.
            threading.Thread(target=self._make_room, name="sound with room", daemon=True).start()
        wanted_bytes = n_samples * SAMPLE_BYTES
        pcm, fill = b"", self._fill
        if fill is not None:
            try:
                pcm = fill(n_samples)
            except Exception:
                # Raised further it would end the stream without a word.
                _log.exception("the speaker's source failed; it is not asked again")
                self._fill = None
        return pcm[:wanted_bytes].ljust(wanted_bytes, b"\0"), _CONTINUE

    def _make_room(self) -> None:
        _log.info("the speaker “%s” stutters: it gets a longer period", self.name)
        try:
            self._stream.open(SPEAKER_RATE_HZ, ROOMY_PERIOD_SAMPLES, self._called)
        except SoundDeviceError:
            _log.exception("the speaker “%s” is silent now", self.name)


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
        self._deliver = None

    def _called(
        self, heard: bytes | None, _n_samples: int, _times: object, _status: int
    ) -> tuple[bytes | None, int]:
        deliver = self._deliver
        if deliver is not None and heard:
            try:
                deliver(heard)
            except Exception:
                # Raised further it would end the stream without a word.
                _log.exception("the microphone's reader failed; it is not called again")
                self._deliver = None
        return None, _CONTINUE


class _Stream:
    """A device and its stream, with the PortAudio session in which its index holds."""

    def __init__(self, spec: Wanted, direction: Direction) -> None:
        self.latency_s = 0.0
        self._direction = direction
        self._stream: Any = None
        with portaudio.set_up():
            self._session = portaudio.Session()
            try:
                self.device = choose_device(self._session.devices(), spec, direction)
            except SoundDeviceError:
                self._session.end()
                raise

    def open(self, rate_hz: int, period_samples: int, callback: Callback) -> None:
        """Begin to call `callback`, in place of an earlier stream. Raises SoundDeviceError."""
        is_input = self._direction is Direction.INPUT
        with portaudio.set_up():
            if self._session.ended:
                return  # closed before it was opened
            self._end_stream()
            try:
                self._stream = self._session.open(
                    rate=rate_hz,
                    channels=1,
                    format=_INT16,
                    input=is_input,
                    output=not is_input,
                    input_device_index=self.device.index if is_input else None,
                    output_device_index=None if is_input else self.device.index,
                    frames_per_buffer=period_samples,
                    stream_callback=_in_one_thread_state(callback),
                )
            except (OSError, ValueError) as error:
                raise self._unusable(rate_hz, error) from error
            if not is_input:
                self.latency_s = self._stream.get_output_latency()

    def close(self) -> None:
        """Returns after `CLOSING_S` at the latest; what hangs then is left to itself."""
        closing = threading.Thread(target=self._close, name="closing sound", daemon=True)
        closing.start()
        closing.join(CLOSING_S)
        if closing.is_alive():
            _log.warning("the %s device “%s” does not close", self._direction, self.device.name)

    def _close(self) -> None:
        with portaudio.lock:
            self._end_stream()
            self._session.end()

    def _end_stream(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _unusable(self, rate_hz: int, error: Exception) -> SoundDeviceError:
        # PortAudio's errors come as (number, text) or (text, number).
        reason = next((part for part in error.args if isinstance(part, str)), str(error))
        return SoundDeviceError(
            f"the {self._direction} device “{self.device.name}” cannot be opened at {rate_hz} Hz",
            why=reason,
            hint=f"pick another one: {DEVICES_HINT}",
        )


def _in_one_thread_state(callback: Callback) -> Callback:
    """`callback`, cheaper by a third for a thread that Python does not know.

    Around each call from such a thread CPython makes a state for it, with memory mapped and
    unmapped, unless it has one. Held once too often, the state stays: some 20 kB a stream.
    """
    held = False

    def called(
        heard: bytes | None, n_samples: int, times: object, status: int
    ) -> tuple[bytes | None, int]:
        nonlocal held
        if not held:
            held = True
            ctypes.pythonapi.PyGILState_Ensure()
        return callback(heard, n_samples, times, status)

    return called
