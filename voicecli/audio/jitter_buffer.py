"""Holds the model's voice between its irregular arrival and its regular playback.

Pure: time comes in as an argument, there is no clock, thread or device. What goes in comes out
once, in order and unaltered, but for three edges: what `flush` leaves fades out, a gap inside a
reply is entered by fading out an echo of the last milliseconds (no sample of the reply is spent
on it), and the first samples after such a gap fade in.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from voicecli.audio.pcm import SAMPLE_BYTES, SPEAKER_RATE_HZ

# Added to the 25 ms of a device with 10 ms periods it keeps the start within 40 ms.
LEAD_MS = 10.0
# A gap was heard already; waiting for more than one 40 ms chunk makes a second one less likely.
REBUFFER_MS = 60.0
# Short enough to be no delay, long enough that the ear hears no click.
FADE_MS = 5.0

_FADE_SAMPLES = int(FADE_MS * SPEAKER_RATE_HZ / 1000)
_FADE_BYTES = _FADE_SAMPLES * SAMPLE_BYTES
_RAMP_UP = np.linspace(0.0, 1.0, _FADE_SAMPLES, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Flushed:
    """What a flush did: samples dropped unheard, and samples that still play, fading out."""

    dropped_samples: int
    faded_samples: int


class JitterBuffer:
    """Queue of 24 kHz 16-bit mono PCM that decides when to play and when to wait.

    A reply starts once `lead_ms` of it are held, `lead_ms` after its first arrival, or with its
    end, whichever comes first. Not thread-safe: the speaker has the lock.
    """

    def __init__(self, lead_ms: float = LEAD_MS, rebuffer_ms: float = REBUFFER_MS) -> None:
        self._lead_ms = lead_ms
        self._rebuffer_ms = rebuffer_ms
        self._chunks: deque[bytes] = deque()
        self._head_offset = 0  # bytes of the first chunk that are played
        self._queued_bytes = 0
        self._half_sample = b""
        self._first_arrival_s: float | None = None  # of what waits to be started
        self._playing = False
        self._ended = False
        self._starved = False  # the reply ran dry before its end
        self._fade_in_done = _FADE_SAMPLES  # samples of the fade-in that are out
        self._tail = b""  # a fade-out under way; goes before everything else
        self._tail_real_samples = 0  # of the tail's start, the rest is echo
        self._recent = b""  # the last samples handed out, for the echo
        self._played_samples = 0

    @property
    def played_samples(self) -> int:
        """Samples of replies handed out since the start, faded ones included."""
        return self._played_samples

    @property
    def queued_samples(self) -> int:
        """Samples of replies that are still to be handed out."""
        return self._queued_bytes // SAMPLE_BYTES + self._tail_real_samples

    @property
    def playing(self) -> bool:
        """Whether the next pull continues a reply, rather than waiting or being silent."""
        return self._playing

    @property
    def empty(self) -> bool:
        """Whether nothing but silence is left to hand out."""
        return not self._queued_bytes and not self._tail and not self._playing

    def push(self, pcm: bytes, now_s: float) -> bytes:
        """Queue a chunk of any length; half a sample at its end waits for its other half.

        Returns the whole samples that were queued.
        """
        whole = self._half_sample + pcm if self._half_sample else pcm
        odd_bytes = len(whole) % SAMPLE_BYTES
        self._half_sample = whole[len(whole) - odd_bytes :]
        if odd_bytes:
            whole = whole[:-odd_bytes]
        if not whole:
            return whole
        if self._ended:
            self._ended = False
            self._starved = self._starved and self._queued_bytes > 0
        if self._first_arrival_s is None and not self._playing:
            self._first_arrival_s = now_s
        self._chunks.append(whole)
        self._queued_bytes += len(whole)
        return whole

    def end_of_reply(self, now_s: float) -> None:
        """Nothing more of this reply arrives: what is held plays to its last sample at once."""
        self._half_sample = b""
        self._ended = True

    def flush(self, now_s: float) -> Flushed:
        """Drop what is queued but for the few milliseconds in which the sound fades out."""
        faded = self._take(_FADE_BYTES) if self._playing else b""
        dropped_samples = self._queued_bytes // SAMPLE_BYTES
        self._chunks.clear()
        self._head_offset = self._queued_bytes = 0
        self._half_sample = b""
        if self._playing:
            self._wind_down(faded)
        self._ended = self._starved = False
        self._first_arrival_s = None
        return Flushed(dropped_samples, self._tail_real_samples)

    def pull(self, n_samples: int, now_s: float) -> bytes:
        """The next `n_samples` to be heard: exactly that many, silence where there are none."""
        wanted_bytes = n_samples * SAMPLE_BYTES
        out = self._take_tail(wanted_bytes)
        if not self._playing and not self._tail and self._due(now_s):
            self._start()
        if self._playing:
            real = self._take(wanted_bytes - len(out))
            self._played_samples += len(real) // SAMPLE_BYTES
            out = out + real if out else real
            self._remember(out)
            if len(out) < wanted_bytes:
                self._starved = not self._ended
                self._wind_down(b"")
                out += self._take_tail(wanted_bytes - len(out))
        return out if len(out) == wanted_bytes else out.ljust(wanted_bytes, b"\0")

    def _due(self, now_s: float) -> bool:
        if self._first_arrival_s is None:
            return False
        if self._ended:
            return True
        wait_ms = self._rebuffer_ms if self._starved else self._lead_ms
        held_ms = self._queued_bytes / SAMPLE_BYTES / SPEAKER_RATE_HZ * 1000
        return held_ms >= wait_ms or (now_s - self._first_arrival_s) * 1000 >= wait_ms

    def _start(self) -> None:
        self._playing = True
        self._first_arrival_s = None
        self._fade_in_done = 0 if self._starved else _FADE_SAMPLES
        self._starved = False

    def _take(self, n_bytes: int) -> bytes:
        """Up to `n_bytes` off the queue, faded in where a gap was before them."""
        n_bytes = min(n_bytes, self._queued_bytes)
        parts: list[bytes] = []
        missing = n_bytes
        while missing:
            part = self._chunks[0][self._head_offset : self._head_offset + missing]
            parts.append(part)
            missing -= len(part)
            self._head_offset += len(part)
            if self._head_offset == len(self._chunks[0]):
                self._chunks.popleft()
                self._head_offset = 0
        self._queued_bytes -= n_bytes
        taken = parts[0] if len(parts) == 1 else b"".join(parts)
        return self._faded_in(taken) if self._fade_in_done < _FADE_SAMPLES else taken

    def _faded_in(self, pcm: bytes) -> bytes:
        ramp = _RAMP_UP[self._fade_in_done : self._fade_in_done + len(pcm) // SAMPLE_BYTES]
        self._fade_in_done += len(ramp)
        edge_bytes = len(ramp) * SAMPLE_BYTES
        return _scaled(pcm[:edge_bytes], ramp) + pcm[edge_bytes:]

    def _take_tail(self, n_bytes: int) -> bytes:
        if not self._tail:
            return b""
        out, self._tail = self._tail[:n_bytes], self._tail[n_bytes:]
        real_samples = min(len(out) // SAMPLE_BYTES, self._tail_real_samples)
        self._tail_real_samples -= real_samples
        self._played_samples += real_samples
        return out

    def _wind_down(self, pcm: bytes) -> None:
        """Stop playing: fade out over `pcm`, or, where that is short, over an echo of the last
        samples. Played backwards it joins on without a step."""
        self._remember(pcm)
        missing_bytes = _FADE_BYTES - len(pcm)
        echo = np.frombuffer(self._recent, "<i2")[::-1].tobytes()[:missing_bytes]
        tail = pcm + echo
        self._tail = _scaled(
            tail, np.linspace(1.0, 0.0, len(tail) // SAMPLE_BYTES, dtype=np.float32)
        )
        self._tail_real_samples = len(pcm) // SAMPLE_BYTES
        self._playing = False
        self._recent = b""

    def _remember(self, out: bytes) -> None:
        if len(out) >= _FADE_BYTES:
            self._recent = out[-_FADE_BYTES:]
        else:
            self._recent = (self._recent + out)[-_FADE_BYTES:]


def _scaled(pcm: bytes, ramp: np.ndarray[tuple[int], np.dtype[np.float32]]) -> bytes:
    samples = np.frombuffer(pcm, "<i2").astype(np.float32)
    return (samples * ramp).astype("<i2").tobytes()
