"""PulseAudio's simple streams, through its C library: 16-bit mono, blocking, low latency."""

from __future__ import annotations

import ctypes
import ctypes.util
from typing import Any

PLAYBACK, RECORD = 1, 2
S16LE = 3
DEFAULT = 0xFFFF_FFFF


class _SampleSpec(ctypes.Structure):
    _fields_ = [
        ("format", ctypes.c_int),
        ("rate", ctypes.c_uint32),
        ("channels", ctypes.c_uint8),
    ]


class _BufferAttributes(ctypes.Structure):
    _fields_ = [
        ("maxlength", ctypes.c_uint32),
        ("tlength", ctypes.c_uint32),
        ("prebuf", ctypes.c_uint32),
        ("minreq", ctypes.c_uint32),
        ("fragsize", ctypes.c_uint32),
    ]


class PulseStream:
    """A stream from or to `device` with `buffer_ms` of sound between it and here.

    The server is the one of the environment. Raises OSError.
    """

    def __init__(self, device: str, direction: int, rate_hz: int, buffer_ms: float) -> None:
        name = ctypes.util.find_library("pulse-simple")
        if name is None:
            raise OSError("libpulse-simple is not installed")
        self._library = ctypes.CDLL(name)
        self._library.pa_simple_new.restype = ctypes.c_void_p
        self._library.pa_simple_get_latency.restype = ctypes.c_uint64
        size = int(rate_hz * buffer_ms / 1000) * 2
        attributes = _BufferAttributes(DEFAULT, size, size, DEFAULT, size)
        error = ctypes.c_int()
        handle = self._library.pa_simple_new(
            None,
            b"room",
            ctypes.c_int(direction),
            device.encode(),
            b"room",
            ctypes.byref(_SampleSpec(S16LE, rate_hz, 1)),
            None,
            ctypes.byref(attributes),
            ctypes.byref(error),
        )
        if not handle:
            raise OSError(f"no stream for {device}: PulseAudio's error {error.value}")
        self._handle = ctypes.c_void_p(handle)

    def read(self, size: int) -> bytes:
        """Wait for `size` bytes."""
        buffer = ctypes.create_string_buffer(size)
        self._call(self._library.pa_simple_read, buffer, ctypes.c_size_t(size))
        return buffer.raw

    def write(self, data: bytes) -> None:
        """Wait until all of `data` fits."""
        self._call(self._library.pa_simple_write, data, ctypes.c_size_t(len(data)))

    def latency_s(self) -> float:
        """How long ago what is read next was there, or how long until what is written next is."""
        error = ctypes.c_int()
        return float(self._library.pa_simple_get_latency(self._handle, ctypes.byref(error))) / 1e6

    def flush(self) -> None:
        """Forget what is waiting."""
        self._call(self._library.pa_simple_flush)

    def _call(self, function: Any, *arguments: Any) -> None:
        error = ctypes.c_int()
        if function(self._handle, *arguments, ctypes.byref(error)) < 0:
            raise OSError(f"PulseAudio's error {error.value}")
