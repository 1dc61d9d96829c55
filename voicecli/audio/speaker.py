"""The loudspeaker as a conversation sees it: pieces of a voice in, silence at once on demand."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable

from voicecli.audio.bell import Bell
from voicecli.audio.device import OutputDevice
from voicecli.audio.gain import Gain
from voicecli.audio.intake import Intake
from voicecli.audio.jitter_buffer import FADE_SAMPLES, Flushed, JitterBuffer
from voicecli.audio.levels import LevelMeter, dbfs
from voicecli.audio.pcm import SAMPLE_BYTES, SPEAKER_RATE_HZ
from voicecli.audio.playback_facts import PlaybackFacts
from voicecli.audio.playback_log import PlaybackLog
from voicecli.errors import SoundDeviceError

# What sound servers hold beyond the latency that they report: closing sooner cut words off.
DEVICE_TAIL_S = 0.06
# Who takes what was played does so every few milliseconds; what is older is of no use to them.
KEPT_PLAYED_S = 1.0

_KEPT_PLAYED_BYTES = int(KEPT_PLAYED_S * SPEAKER_RATE_HZ) * SAMPLE_BYTES


class Speaker:
    """Plays through `device`, which it owns. Safe to use from any thread; `drained` from a task."""

    def __init__(self, device: OutputDevice, clock: Callable[[], float] = time.monotonic) -> None:
        self._device = device
        self._clock = clock
        # Around all that `_fill` uses, and never held for longer than a fraction of a millisecond.
        self._lock = threading.Lock()
        self._buffer = JitterBuffer()
        self._gain = Gain()
        self._log = PlaybackLog()
        self._played = bytearray()
        self._asked_s = clock()
        self._empty_since_s = -math.inf
        self._emptied = Bell()  # also rung by what makes waiting for it pointless
        self._intake = Intake()
        self._meter = LevelMeter()
        self._closed = False

    @property
    def name(self) -> str | None:
        """The device, as the user knows it; None if nothing is heard."""
        return self._device.name

    @property
    def asked_s(self) -> float:
        """When the device last asked for sound, or was started, by the clock."""
        return self._asked_s

    @property
    def facts(self) -> PlaybackFacts:
        """What was missing inside the replies so far."""
        with self._lock:
            return self._buffer.facts

    @property
    def played_samples(self) -> int:
        """Samples of replies handed to the device since the start."""
        with self._lock:
            return self._buffer.played_samples

    @property
    def heard_samples(self) -> int:
        """Samples of replies that have been heard: played, less what the device still holds."""
        with self._lock:
            return self._log.heard_samples(self._clock())

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
            heard = self._log.heard_lately(now_s)
        return self._meter.update(dbfs(heard), now_s)

    @property
    def volume_percent(self) -> int:
        """0 is silent, 100 leaves every sample as it came."""
        return self._gain.volume_percent

    @volume_percent.setter
    def volume_percent(self, percent: int) -> None:
        with self._lock:
            self._gain.volume_percent = percent

    def duck(self, down: bool) -> None:
        """Lower the voice, since someone speaks over it, or let it come up again."""
        with self._lock:
            self._gain.duck(down)

    def start(self) -> None:
        """Let the device ask for sound. Raises SoundDeviceError."""
        self._asked_s = self._clock()
        self._device.start(self._fill)

    def replace_device(self, device: OutputDevice) -> None:
        """Play on through `device`, from where the old one stopped asking.

        What the old device held unheard is lost. Raises SoundDeviceError if the new one cannot be
        started: then nothing asks for sound until another is given.
        """
        self._device.close()
        self._device = device
        if self._closed:
            device.close()
            return
        try:
            self.start()
        except SoundDeviceError:
            device.close()
            raise

    def play(self, pcm: bytes, rate_hz: int) -> bytes:
        """Queue a piece of the reply, 16-bit mono of any length; the 24 kHz PCM that was queued."""
        queued = self._intake.push(pcm, rate_hz)
        with self._lock:
            self._buffer.push(queued, self._clock())
        return queued

    def end_of_reply(self) -> bytes:
        """The reply is whole: play it to its last sample.

        Returns the 24 kHz PCM that was queued by this: what a resampler had held back.
        """
        rest = self._intake.finish()
        with self._lock:
            self._buffer.push(rest, self._clock())
            self._buffer.end_of_reply()
        return rest

    def flush(self) -> Flushed:
        """Fall silent at once, with a fade of a few milliseconds instead of a click.

        It also ends a duck: the next reply is as loud as ever.
        """
        self._intake.drop()
        with self._lock:
            flushed = self._buffer.flush()
            self._gain.end_duck(after_samples=0 if self._buffer.empty else FADE_SAMPLES)
        self._emptied.ring()
        return flushed

    def take_played(self) -> bytes:
        """All 24 kHz PCM that went to the device since the last call, silence included.

        As it was heard, so after volume and duck; of a longer time, the last second.
        """
        with self._lock:
            played = bytes(self._played)
            self._played.clear()
        return played

    async def drained(self) -> None:
        """Return when all that was queued has been heard, or when the speaker is closed.

        A device that has stopped asking is waited for: another may take its place.
        """
        while not self._closed:
            emptied = self._emptied.listen()
            with self._lock:
                empty = self._buffer.empty
                heard_at_s = self._empty_since_s + self._device.latency_s + DEVICE_TAIL_S
            if empty and self._clock() >= heard_at_s:
                return
            wait_s = heard_at_s - self._clock() if empty else None
            await asyncio.wait((emptied,), timeout=wait_s)

    def close(self) -> None:
        """Stop at once; safe to call twice."""
        self._closed = True
        self._device.close()
        self._emptied.ring()

    def _fill(self, n_samples: int) -> bytes:
        now_s = self._clock()
        with self._lock:
            was_empty = self._buffer.empty
            pcm = self._gain.applied(self._buffer.pull(n_samples, now_s))
            self._log.add(now_s, pcm, self._buffer.played_samples, self._device.latency_s)
            self._played += pcm
            del self._played[:-_KEPT_PLAYED_BYTES]
            self._asked_s = now_s
            now_empty = self._buffer.empty and not was_empty
            if now_empty:
                self._empty_since_s = now_s + n_samples / SPEAKER_RATE_HZ
        if now_empty:
            self._emptied.ring()
        return pcm
