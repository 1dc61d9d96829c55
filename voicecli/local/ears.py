"""The local server's ears: words from sound, while it is spoken, by pocketsphinx.

pocketsphinx holds Python's lock while it works, and sound may be playing in the same process, so it
is given 20 ms at a time: 1 ms of work, 5 at the 99th percentile, 9 at most. A guess takes 0.03 ms;
the end of an utterance 6 ms after 3 s, 130 after a minute. Only making a decoder is slow (0.2 s,
90 MB), so decoders are used again.
"""

from __future__ import annotations

import weakref
from contextlib import suppress
from typing import Any

from voicecli.audio.pcm import MIC_RATE_HZ, SAMPLE_BYTES, byte_count

PIECE_BYTES = byte_count(20, MIC_RATE_HZ)
# What comes after is not heard: the decoder keeps all of an utterance, and nobody ends a sentence
# so late but a client that never says that speech has ended.
MAX_UTTERANCE_BYTES = byte_count(60_000, MIC_RATE_HZ)
# Conversations at a time that find a decoder ready; more than these are let go.
MAX_IDLE_DECODERS = 2
# The mean of the cepstrum that a conversation starts from, until the speaker's own is known: what
# flite's slt and rms leave behind. It halves the wrong words of a first sentence against the
# decoder's own start (21 to 8 in 100), also at a quarter of the level, and helps a third voice
# (25 to 20).
AVERAGE_VOICE_CMN = "49.1,-0.3,12.4,19.0,4.1,1.4,2.8,-3.0,-2.2,-1.1,7.6,4.1,4.5"

_idle_decoders: list[Any] = []


class Ears:
    """One speaker's recogniser; made by `open_ears`, used by one thread at a time."""

    def __init__(self, decoder: Any) -> None:
        self._decoder = decoder
        self._listening = False
        self._heard_bytes = 0
        self._remainder = b""
        weakref.finalize(self, _give_back, decoder).atexit = False

    def start(self) -> None:
        """Begin an utterance; one that has not ended is forgotten."""
        if self._listening:
            self._decoder.end_utt()
        self._decoder.start_utt()
        self._listening = True
        self._heard_bytes = 0
        self._remainder = b""

    def feed(self, pcm: bytes) -> None:
        """Hear 16 kHz 16-bit mono sound, any number of bytes. Outside an utterance nothing is."""
        if not self._listening:
            return
        data = self._remainder + pcm
        whole = min(len(data) - len(data) % SAMPLE_BYTES, MAX_UTTERANCE_BYTES - self._heard_bytes)
        self._remainder = data[len(data) - len(data) % SAMPLE_BYTES :]
        self._heard_bytes += whole
        for start in range(0, whole, PIECE_BYTES):
            self._decoder.process_raw(data[start : min(start + PIECE_BYTES, whole)])

    def guess(self) -> str:
        """The words so far, which may still change."""
        hypothesis = self._decoder.hyp() if self._heard_bytes else None
        return hypothesis.hypstr if hypothesis else ""

    def finish(self) -> str:
        """End the utterance, and return its words."""
        if self._listening:
            self._listening = False
            self._decoder.end_utt()
        return self.guess()


def open_ears() -> Ears | None:
    """A recogniser; None where pocketsphinx is not installed. Blocks for 0.2 s when it is new."""
    try:
        from pocketsphinx import Decoder
    except ImportError:
        return None
    try:
        decoder = _idle_decoders.pop()  # conversations open their ears in threads of their own
    except IndexError:
        # Without its second pass (fwdflat) an utterance ends in a fifth of the time. It gets a few
        # more words wrong, which matching by similarity makes good.
        decoder = Decoder(loglevel="FATAL", fwdflat=False)
    else:
        with suppress(RuntimeError):  # it says that no utterance was left open
            decoder.end_utt()
    decoder.set_cmn(AVERAGE_VOICE_CMN)
    return Ears(decoder)


def _give_back(decoder: Any) -> None:
    if len(_idle_decoders) < MAX_IDLE_DECODERS:
        _idle_decoders.append(decoder)
