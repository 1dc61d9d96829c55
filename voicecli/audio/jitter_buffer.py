"""Holds the model's voice between its irregular arrival and its regular playback.

Pure: time comes in as an argument, there is no clock, thread or device. A voice that comes in time
comes out as it came, sample by sample. One that comes at real time is slowed down a little until
the delay is there that its arrivals were learned to need; a hole that is left is concealed, and
only where even that is not enough there is silence, without a click. Only a flush loses sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from voicecli.audio.concealment import CONCEAL_SAMPLES, Concealment
from voicecli.audio.lateness import PAUSE_S, Lateness
from voicecli.audio.pcm import SAMPLE_BYTES, SPEAKER_RATE_HZ
from voicecli.audio.piece import Piece
from voicecli.audio.playback_facts import PlaybackFacts
from voicecli.audio.playout_delay import PlayoutDelay
from voicecli.audio.sample_queue import SampleQueue
from voicecli.audio.samples import decoded, encoded, fade_in, fade_out, swell
from voicecli.audio.stretcher import STEP_SAMPLES, Stretcher
from voicecli.audio.time_stretch import FADE, HISTORY

# Half a cosine of this length is no click, and nearly silent a millisecond before its end.
FADE_MS = 3.0
# Sound in crumbs: fewer milliseconds are not worth starting with while more may come at once.
LEAST_HELD_MS = 10.0
MOST_WAIT_MS = 20.0
# One longer hole is better than several: so much is held, where it is needed, to go on after one.
RESUME_MS = 40.0
# A gap was heard already; waiting for more than one 40 ms chunk makes a second one less likely.
REBUFFER_MS = 60.0

FADE_SAMPLES = int(FADE_MS * SPEAKER_RATE_HZ / 1000)
_HISTORY_BYTES = HISTORY * SAMPLE_BYTES


@dataclass(frozen=True, slots=True)
class Flushed:
    """What a flush did: samples dropped unheard, and samples that still play, fading out."""

    dropped_samples: int
    faded_samples: int


class _State(Enum):
    SILENT = auto()  # between replies, or before the lead of one
    PLAYING = auto()
    CONCEALING = auto()  # the reply has run dry, and its last sound goes on
    GAP = auto()  # it has gone on for long enough


class JitterBuffer:
    """Queue of 24 kHz 16-bit mono PCM that decides when to play, stretch, conceal and wait.

    Not thread-safe: the speaker has the lock.
    """

    def __init__(self) -> None:
        self._queue = SampleQueue()
        self._lateness = Lateness()
        self._delay = PlayoutDelay(self._lateness)
        self._stretcher = Stretcher()
        self._state = _State.SILENT
        self._piece: Piece | None = None  # goes before everything else
        self._history = bytes(_HISTORY_BYTES)  # the last sound before the end of `_piece`
        self._concealment: Concealment | None = None
        self._waiting_since_s: float | None = None  # the first arrival of what is not played yet
        self._silent_samples = 0  # since the last gap began
        self._ended = True
        self._arrived_samples = 0
        self._played_samples = 0
        self._facts = PlaybackFacts()

    @property
    def facts(self) -> PlaybackFacts:
        """What was missing so far."""
        return self._facts

    @property
    def played_samples(self) -> int:
        """Samples of replies handed out since the start, however long they took."""
        return self._played_samples

    @property
    def queued_samples(self) -> int:
        """Samples of replies that are still to be handed out."""
        return len(self._queue) + (self._piece.content_left if self._piece else 0)

    @property
    def empty(self) -> bool:
        """Whether nothing but silence is left to hand out."""
        sounding = self._state in (_State.PLAYING, _State.CONCEALING)
        return not (len(self._queue) or self._piece or sounding)

    def push(self, pcm: bytes, now_s: float) -> None:
        """Queue a chunk of whole samples."""
        samples = len(pcm) // SAMPLE_BYTES
        if not samples:
            return
        if self._ended:
            self._ended = False
            self._lateness.begin()
        self._lateness.arrived(self._arrived_samples, samples, now_s)
        self._arrived_samples += samples
        self._queue.push(pcm)
        if self._waiting_since_s is None:
            self._waiting_since_s = now_s

    def end_of_reply(self) -> None:
        """Nothing more of this reply arrives: what is held plays to its last sample at once."""
        self._ended = True
        if self._state is _State.GAP and not len(self._queue):
            self._state = _State.SILENT

    def flush(self) -> Flushed:
        """Drop what is queued but for the few milliseconds in which the sound fades out."""
        queued_samples = self.queued_samples
        if self._state in (_State.PLAYING, _State.CONCEALING):
            self._piece = self._fading()
        self._queue.clear()
        self._state = _State.SILENT
        self._concealment = None
        self._waiting_since_s = None
        self._ended = True
        faded_samples = self._piece.content_left if self._piece else 0
        return Flushed(queued_samples - faded_samples, faded_samples)

    def pull(self, n_samples: int, now_s: float) -> bytes:
        """The next `n_samples` to be heard: exactly that many, silence where there are none."""
        parts: list[bytes] = []
        missing = n_samples
        while missing:
            if self._piece is None:
                self._piece = self._next(missing, now_s)
            if self._piece is None:
                self._silent_samples += missing
                parts.append(bytes(missing * SAMPLE_BYTES))
                break
            part, content_samples = self._piece.take(missing)
            parts.append(part)
            missing -= len(part) // SAMPLE_BYTES
            self._played_samples += content_samples
            if self._piece.over:
                self._piece = None
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _next(self, n_samples: int, now_s: float) -> Piece | None:
        """What comes next: as a rule `n_samples` of the reply; None for silence."""
        if self._state is _State.PLAYING:
            return self._voice(n_samples, now_s)
        if self._state is _State.CONCEALING:
            return self._concealed(n_samples, now_s)
        if not self._due(now_s):
            return None
        if self._state is _State.GAP:
            return self._after_gap()
        self._begin()
        return self._voice(n_samples, now_s)

    def _due(self, now_s: float) -> bool:
        """Whether what waits is to be played, out of silence."""
        if self._waiting_since_s is None:
            return False
        waited_ms = (now_s - self._waiting_since_s) * 1000
        if self._ended:
            return True
        if self._state is _State.GAP:
            lead_ms = self._delay.lead_ms if self._paused else REBUFFER_MS
            return len(self._queue) >= FADE and max(self._held_ms, waited_ms) >= lead_ms
        enough = self._held_ms >= LEAST_HELD_MS or waited_ms >= MOST_WAIT_MS
        return enough and waited_ms >= self._delay.lead_ms

    def _begin(self) -> None:
        self._state = _State.PLAYING
        self._history = bytes(_HISTORY_BYTES)
        self._concealment = None
        self._stretcher.begin()
        self._delay.begin()

    def _voice(self, n_samples: int, now_s: float) -> Piece:
        """The next piece of a reply that is being played."""
        if not len(self._queue):
            return self._run_dry(n_samples)
        if not self._ended:
            if piece := self._stretched(now_s):
                self._delay.built(piece.samples - piece.content_left)
                return self._remembered(piece)
            n_samples = min(n_samples, STEP_SAMPLES)
        pcm = self._queue.take(n_samples)
        samples = len(pcm) // SAMPLE_BYTES
        self._stretcher.played(samples)
        return self._remembered(Piece(pcm, samples))

    def _stretched(self, now_s: float) -> Piece | None:
        """The next piece made longer or shorter, if that is wanted and due."""
        if self._delay.wants_less(self._held_ms):
            return self._stretcher.shortened(self._queue)
        if self._delay.wants_more(self._position, self._held_ms, now_s):
            return self._stretcher.lengthened(self._history, self._queue)
        return None

    def _run_dry(self, n_samples: int) -> Piece:
        self._concealment = Concealment(decoded(self._history))
        if self._ended:
            return self._wound_down()
        self._waiting_since_s = None
        self._state = _State.CONCEALING
        sound = self._concealment.take(min(n_samples, CONCEAL_SAMPLES))
        return self._remembered(Piece(encoded(sound), 0))

    def _wound_down(self) -> Piece:
        """The reply is over: what follows its last sample fades out.

        In a hole there may be a last crumb, too short for its beginning and its end to be heard.
        """
        assert self._concealment is not None
        crumb = decoded(self._queue.take(FADE))
        sound = self._concealment.take(FADE_SAMPLES) * fade_out(FADE_SAMPLES)
        self._state = _State.SILENT
        self._waiting_since_s = None
        return Piece(encoded(np.concatenate((sound, crumb * swell(len(crumb), FADE)))), len(crumb))

    def _concealed(self, n_samples: int, now_s: float) -> Piece | None:
        """The next piece of a hole, or what leads out of it."""
        assert self._concealment is not None
        left_samples = self._concealment.left_samples
        enough_ms = min(RESUME_MS, self._delay.lacking_ms(self._position, now_s))
        enough = self._held_ms >= enough_ms or self._ended or not left_samples
        if len(self._queue) >= FADE and enough:
            voice = decoded(self._queue.take(FADE))
            merged = encoded(self._concealment.merged(voice))
            self._resume(silent_samples=0)
            return self._remembered(Piece(merged, len(voice)))
        if self._ended:
            return self._wound_down()
        if not left_samples:
            self._state = _State.GAP
            self._silent_samples = 0
            return None
        sound = self._concealment.take(min(n_samples, left_samples))
        return self._remembered(Piece(encoded(sound), 0))

    def _after_gap(self) -> Piece:
        """The reply goes on, faded in, or begins anew after a pause that it made itself."""
        if self._paused:
            self._begin()
        else:
            self._resume(self._silent_samples)
        self._history = bytes(_HISTORY_BYTES)
        voice = decoded(self._queue.take(FADE))
        gains = fade_in(FADE) if len(voice) == FADE else swell(len(voice), FADE)
        return self._remembered(Piece(encoded(voice * gains), len(voice)))

    def _resume(self, silent_samples: int) -> None:
        """A hole is over, `silent_samples` of which nothing was heard."""
        assert self._concealment is not None
        concealed_samples = self._concealment.played_samples
        self._facts = self._facts.after_hole(concealed_samples, silent_samples)
        self._delay.built(concealed_samples + silent_samples)
        self._concealment = None
        self._state = _State.PLAYING

    def _fading(self) -> Piece:
        """What would be played next, fading out."""
        pcm, content_samples = self._piece.take(FADE_SAMPLES) if self._piece else (b"", 0)
        if self._state is _State.PLAYING:
            voice = self._queue.take(FADE_SAMPLES - len(pcm) // SAMPLE_BYTES)
            self._remembered(Piece(voice, 0))
            pcm += voice
            content_samples += len(voice) // SAMPLE_BYTES
        missing = FADE_SAMPLES - len(pcm) // SAMPLE_BYTES
        if missing:
            more = self._concealment or Concealment(decoded(self._history))
            pcm += encoded(more.take(missing))
        return Piece(encoded(decoded(pcm) * fade_out(FADE_SAMPLES)), content_samples)

    def _remembered(self, piece: Piece) -> Piece:
        self._history = (self._history + piece.pcm)[-_HISTORY_BYTES:]
        return piece

    @property
    def _position(self) -> int:
        """Of the next sample to be played, among all that ever came."""
        return self._arrived_samples - len(self._queue)

    @property
    def _paused(self) -> bool:
        """Whether the gap is too long for the network to have made it."""
        return self._silent_samples > PAUSE_S * SPEAKER_RATE_HZ

    @property
    def _held_ms(self) -> float:
        return len(self._queue) / SPEAKER_RATE_HZ * 1000
