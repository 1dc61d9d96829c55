"""Sound lies where it was heard: gaps are silence, and pieces of one utterance are not torn."""

from __future__ import annotations

import sys
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sound_pieces import ramp

from voicecli.audio.wav_writer import WavWriter
from voicecli.talk.sound_track import JOIN_WITHIN_S, SoundTrack

RATE_HZ = 1_000


class Kept:
    """A file in memory."""

    def __init__(self) -> None:
        self.pcm = b""

    @property
    def samples(self) -> int:
        return len(self.pcm) // 2

    def put(self, pcm: bytes, at_sample: int) -> None:
        assert at_sample >= self.samples
        if pcm:
            self.pcm = self.pcm.ljust(2 * at_sample, b"\0") + pcm


def test_a_piece_lies_where_it_was_heard() -> None:
    kept = Kept()
    SoundTrack(kept, RATE_HZ).add(ramp(1, 50), until_s=2.0)
    assert kept.pcm == bytes(2 * 1950) + ramp(1, 50)


def test_pieces_that_come_a_little_late_are_joined() -> None:
    kept = Kept()
    track = SoundTrack(kept, RATE_HZ)
    track.add(ramp(1, 50), until_s=0.05)
    track.add(ramp(51, 50), until_s=0.1 + JOIN_WITHIN_S)
    assert kept.pcm == ramp(1, 100)


def test_a_pause_is_silence() -> None:
    kept = Kept()
    track = SoundTrack(kept, RATE_HZ)
    track.add(ramp(1, 50), until_s=0.05)
    track.add(ramp(51, 50), until_s=1.1)
    assert kept.pcm == ramp(1, 50) + bytes(2 * 1000) + ramp(51, 50)


def test_what_comes_faster_than_it_was_spoken_is_not_lost() -> None:
    kept = Kept()
    track = SoundTrack(kept, RATE_HZ)
    for piece in range(4):
        track.add(ramp(1 + 100 * piece, 100), until_s=0.2)
    assert kept.pcm[-800:] == ramp(1, 400)


def test_half_a_sample_does_not_turn_the_rest_into_noise() -> None:
    kept = Kept()
    track = SoundTrack(kept, RATE_HZ)
    track.add(ramp(1, 50) + b"\x7f", until_s=0.05)
    track.add(ramp(51, 50), until_s=0.1)
    assert kept.pcm == ramp(1, 100)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 400)), max_size=20))
def test_every_sample_is_kept_once_in_order_and_never_too_early(
    steps: list[tuple[int, int]],
) -> None:
    kept, now_ms, count = Kept(), 0, 0
    track = SoundTrack(kept, RATE_HZ)
    for silent_ms, spoken_ms in steps:
        now_ms += silent_ms + spoken_ms
        before = kept.samples
        track.add(ramp(1 + count, spoken_ms), now_ms / 1000)
        count += spoken_ms
        if spoken_ms:
            late = before + spoken_ms if before > now_ms - spoken_ms else now_ms
            assert late - JOIN_WITHIN_S * RATE_HZ <= kept.samples <= late
    samples = np.frombuffer(kept.pcm, "<i2")
    assert samples[samples > 0].tolist() == list(range(1, count + 1))


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux: files with holes")
def test_a_long_silence_takes_next_to_no_room(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    writer = WavWriter(path, 16_000, goes_on=True)
    SoundTrack(writer, 16_000).add(ramp(1, 100), until_s=3_600)
    writer.close()
    with wave.open(str(path)) as wav:
        assert wav.getnframes() == 3_600 * 16_000
        wav.setpos(wav.getnframes() - 100)
        assert wav.readframes(100) == ramp(1, 100)
    assert path.stat().st_blocks * 512 < 1_000_000
