"""The loudspeaker as a conversation sees it: pieces of a voice in, silence at once on demand."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from voicecli.audio.bell import Bell
from voicecli.audio.device import OutputDevice
from voicecli.audio.jitter_buffer import Flushed, JitterBuffer
from voicecli.audio.levels import LevelMeter, dbfs
from voicecli.audio.pcm import SPEAKER_RATE_HZ
from voicecli.audio.playback_log import PlaybackLog
from voicecli.errors import SoundDeviceError

if TYPE_CHECKING:
    from voicecli.audio.resampler import StreamResampler

# What sound servers hold beyond the latency that they report: closing sooner cut words off.
DEVICE_TAIL_S = 0.06

# A device asks for sound every few milliseconds; one that is this long silent is gone. It takes
# two such pauses, since one may be the whole machine having slept.
DEVICE_PAUSE_S = 2.0


class Speaker:
    """Plays through `device`, which it owns. Safe to use from any thread; `drained` from a task."""

    def __init__(self, device: OutputDevice, clock: Callable[[], float] = time.monotonic) -> None:
        self._device = device
        self._clock = clock
        self._lock = threading.Lock()  # around buffer and log, never held for longer than a copy
        self._buffer = JitterBuffer()
        self._log = PlaybackLog()
        self._emptied = Bell()  # also rung by what makes waiting for it pointless
        self._empty_since_s = -math.inf
        self._pull_count = 0
        self._resampler: StreamResampler | None = None
        self._meter = LevelMeter()
        self._closed = False

    @property
    def name(self) -> str | None:
        """The device, as the user knows it; None if nothing is heard."""
        return self._device.name

    @property
    def played_samples(self) -> int:
        """Samples of replies handed to the device since the start."""
        with self._lock:
            return self._buffer.played_samples

    @property
    def heard_samples(self) -> int:
        """Samples of replies that have been heard: played, less what the device still holds."""
        with self._lock:
            return self._log.heard_samples(self._clock(), self._device.latency_s)

    @property
    def queued_s(self) -> float:
        """How much of the reply is still to be handed to the device."""
        with self._lock:
            return self._buffer.queued_samples / SPEAKER_RATE_HZ

    @property
    def level_dbfs(self) -> float:
        """How loud it is now, smoothed for a meter."""
        now_s = self._clock()
        with self._lock:
            heard = self._log.heard_lately(now_s, self._device.latency_s)
        return self._meter.update(dbfs(heard), now_s)

    def start(self) -> None:
        """Let the device ask for sound. Raises SoundDeviceError."""
        self._device.start(self._fill)

    def play(self, pcm: bytes, rate_hz: int) -> bytes:
        """Queue a piece of the reply, 16-bit mono of any length; the 24 kHz PCM that was queued."""
        if self._resampler is not None and self._resampler.from_hz != rate_hz:
            rest = self._finish_resampling()
        else:
            rest = b""
        if rate_hz != SPEAKER_RATE_HZ:
            pcm = self._resampled(pcm, rate_hz)
        with self._lock:
            return self._buffer.push(rest + pcm if rest else pcm, self._clock())

    def end_of_reply(self) -> bytes:
        """The reply is whole: play it to its last sample.

        Returns the 24 kHz PCM that was queued by this: what a resampler had held back.
        """
        rest = self._finish_resampling()
        with self._lock:
            queued = self._buffer.push(rest, self._clock())
            self._buffer.end_of_reply(self._clock())
        return queued

    def flush(self) -> Flushed:
        """Fall silent at once, with a fade of a few milliseconds instead of a click."""
        self._resampler = None
        with self._lock:
            flushed = self._buffer.flush(self._clock())
        self._emptied.ring()
        return flushed

    async def drained(self) -> None:
        """Return when all that was queued has been heard, or when the speaker is closed.

        Raises SoundDeviceError if the device has stopped asking for sound.
        """
        pauses = 0
        while not self._closed:
            emptied = self._emptied.listen()
            with self._lock:
                empty, pull_count = self._buffer.empty, self._pull_count
                heard_at_s = self._empty_since_s + self._device.latency_s + DEVICE_TAIL_S
            if empty and self._clock() >= heard_at_s:
                return
            wait_s = heard_at_s - self._clock() if empty else DEVICE_PAUSE_S
            await asyncio.wait((emptied,), timeout=wait_s)
            pauses = 0 if empty or emptied.done() or self._pull_count != pull_count else pauses + 1
            if pauses == 2:
                raise SoundDeviceError(
                    f"the speaker “{self.name}” has stopped",
                    why="it no longer asks for sound",
                    hint="voicecli devices",
                )

    def close(self) -> None:
        """Stop at once; safe to call twice."""
        self._device.close()
        self._closed = True
        self._emptied.ring()

    def _fill(self, n_samples: int) -> bytes:
        now_s = self._clock()
        with self._lock:
            was_empty = self._buffer.empty
            pcm = self._buffer.pull(n_samples, now_s)
            self._log.add(now_s, pcm, self._buffer.played_samples, self._device.latency_s)
            self._pull_count += 1
            now_empty = self._buffer.empty and not was_empty
            if now_empty:
                self._empty_since_s = now_s + n_samples / SPEAKER_RATE_HZ
        if now_empty:
            self._emptied.ring()
        return pcm

    def _resampled(self, pcm: bytes, rate_hz: int) -> bytes:
        if self._resampler is None:
            # Replies come at 24 kHz; the library is loaded when one does not.
            from voicecli.audio.resampler import StreamResampler

            self._resampler = StreamResampler(rate_hz, SPEAKER_RATE_HZ)
        return self._resampler.push(pcm)

    def _finish_resampling(self) -> bytes:
        if self._resampler is None:
            return b""
        rest, self._resampler = self._resampler.finish(), None
        return rest
