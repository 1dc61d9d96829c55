"""The microphone as a conversation sees it: frames of 10 ms, one after the other."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable

from voicecli.audio.bell import Bell
from voicecli.audio.device import InputDevice
from voicecli.audio.levels import LevelMeter, dbfs
from voicecli.audio.pcm import MIC_RATE_HZ, byte_count

# What WebRTC's audio processing takes.
FRAME_MS = 10
FRAME_BYTES = byte_count(FRAME_MS, MIC_RATE_HZ)

# What is spoken while nobody reads: enough for a slow moment, too little to lag behind for long.
QUEUE_FRAMES = 2_000 // FRAME_MS

# As long as the ear takes to judge loudness.
_LEVEL_BYTES = byte_count(60, MIC_RATE_HZ)

# A level older than this is not of now: the device has stopped delivering.
_LEVEL_AGE_S = 0.2


class Microphone:
    """Listens through `device`, which it owns. One task reads `frames`; the rest is thread-safe."""

    def __init__(self, device: InputDevice, clock: Callable[[], float] = time.monotonic) -> None:
        self._device = device
        self._clock = clock
        self._lock = threading.Lock()  # around what follows, never held for longer than a copy
        self._frames: deque[bytes] = deque()
        self._begun_frame = b""
        self._recent = b""
        self._delivered_s = -math.inf
        self._closed = False
        self._dropped_frames = 0
        self._arrived = Bell()
        self._meter = LevelMeter()

    @property
    def name(self) -> str | None:
        """The device, as the user knows it; None while there is none."""
        return self._device.name

    @property
    def dropped_frames(self) -> int:
        """Frames lost because nobody read them in time."""
        return self._dropped_frames

    @property
    def delivered_s(self) -> float:
        """When the device last delivered, by the clock; minus infinity before the first time."""
        return self._delivered_s

    @property
    def level_dbfs(self) -> float:
        """How loud it is at the microphone, smoothed for a meter."""
        now_s = self._clock()
        with self._lock:
            heard = self._recent if now_s - self._delivered_s < _LEVEL_AGE_S else b""
        return self._meter.update(dbfs(heard), now_s)

    def start(self) -> None:
        """Begin to listen. Raises SoundDeviceError."""
        self._device.start(self._take)

    def replace_device(self, device: InputDevice) -> None:
        """Close the device in use and listen through another, which `Microphone` owns from now on.

        Blocks while the devices do; one thread at a time. What was heard before is still
        delivered. Raises SoundDeviceError if `device` cannot be started: then nothing is heard
        until the next one.
        """
        self._device.close()
        with self._lock:
            self._device, self._begun_frame = device, b""
        if self._closed:
            device.close()
        else:
            device.start(self._take)

    async def frames(self) -> AsyncIterator[bytes]:
        """Frames of exactly 320 bytes, 16 kHz 16-bit mono, until the microphone is closed."""
        while True:
            arrived = self._arrived.listen()
            while (frame := self._next_frame()) is not None:
                yield frame
            if self._closed:
                return
            await arrived

    def close(self) -> None:
        """Stop listening and end `frames`; safe to call twice."""
        with self._lock:
            self._closed = True
            self._frames.clear()
        self._device.close()
        self._arrived.ring()

    def _next_frame(self) -> bytes | None:
        with self._lock:
            return self._frames.popleft() if self._frames else None

    def _take(self, pcm: bytes) -> None:
        """Called by the device with 16 kHz PCM of any length."""
        with self._lock:
            self._recent = (self._recent + pcm)[-_LEVEL_BYTES:]
            self._delivered_s = self._clock()
            if self._closed:
                return
            pcm = self._begun_frame + pcm if self._begun_frame else pcm
            whole_bytes = len(pcm) // FRAME_BYTES * FRAME_BYTES
            self._begun_frame = pcm[whole_bytes:]
            for start in range(0, whole_bytes, FRAME_BYTES):
                self._frames.append(pcm[start : start + FRAME_BYTES])
            while len(self._frames) > QUEUE_FRAMES:
                self._frames.popleft()
                self._dropped_frames += 1
        self._arrived.ring()
