"""The voice reaches the speaker, the search for its words and the file as one sound."""

from __future__ import annotations

import pytest
from sound_pieces import Clock, HandOutput, sine

from voicecli.audio.pcm import SPEAKER_RATE_HZ, samples_in
from voicecli.audio.speaker import Speaker
from voicecli.errors import VoicecliError
from voicecli.live.events import AudioChunk
from voicecli.talk.voice_file import VoiceFile
from voicecli.talk.voice_output import VoiceOutput

BLOCK = 240


class Sink:
    """Keeps what would be a file; with `full`, refuses it."""

    def __init__(self, *, full: bool = False) -> None:
        self.kept = b""
        self.closed = False
        self._full = full

    def append(self, pcm: bytes) -> None:
        if self._full:
            raise VoicecliError("the disk is full")
        self.kept += pcm

    def close(self) -> None:
        self.closed = True


class Rig:
    """A voice on a hand-driven device, with a clock that goes on by 10 ms at each ask."""

    def __init__(self, sink: Sink | None = None) -> None:
        self.clock, self.device = Clock(), HandOutput()
        self.speaker = Speaker(self.device, self.clock)
        self.voice = VoiceOutput(self.speaker, [VoiceFile(sink)] if sink else [])
        self.speaker.start()

    def plays(self, blocks: int) -> bytes:
        sound = b""
        for _ in range(blocks):
            sound += self.device.ask(BLOCK)
            self.clock.now_s += BLOCK / SPEAKER_RATE_HZ
        return sound


def chunk(pcm: bytes, rate_hz: int = SPEAKER_RATE_HZ) -> AudioChunk:
    return AudioChunk(pcm, rate_hz)


def test_what_was_queued_is_what_came() -> None:
    rig, pcm = Rig(), sine(4_800)
    assert rig.voice.play(chunk(pcm)) == pcm
    assert rig.voice.end_of_reply() == b""


def test_odd_bytes_are_queued_as_whole_samples() -> None:
    rig, pcm = Rig(), sine(4_800)
    queued = b"".join(rig.voice.play(chunk(pcm[at : at + 333])) for at in range(0, len(pcm), 333))
    assert queued + rig.voice.end_of_reply() == pcm


def test_a_voice_of_another_rate_is_given_at_the_speakers_to_its_last_sample() -> None:
    rig = Rig()
    queued = rig.voice.play(chunk(sine(4_800), 16_000)) + rig.voice.end_of_reply()
    assert samples_in(queued) == pytest.approx(7_200, abs=2)


def test_the_position_follows_what_is_heard() -> None:
    rig = Rig()
    rig.voice.play(chunk(sine(4_800)))
    rig.voice.end_of_reply()
    assert rig.voice.position == 0
    rig.plays(30)
    assert rig.voice.position == 4_800


def test_a_flush_says_how_much_will_not_be_heard() -> None:
    rig = Rig()
    rig.voice.play(chunk(sine(24_000)))
    rig.voice.end_of_reply()
    rig.plays(10)
    dropped = rig.voice.flush()
    rig.plays(10)
    assert rig.voice.position + dropped == 24_000
    assert rig.voice.flush() == 0


def test_the_file_ends_where_the_voice_was_cut_off() -> None:
    sink, pcm = Sink(), sine(24_000)
    rig = Rig(sink)
    rig.voice.play(chunk(pcm))
    rig.voice.end_of_reply()
    rig.plays(10)
    rig.voice.keep_files_in_step()
    assert sink.kept == pcm[: 2 * rig.speaker.played_samples]
    kept = samples_in(pcm) - rig.voice.flush()
    rig.plays(10)
    rig.voice.close()
    assert sink.kept == pcm[: 2 * kept]
    assert sink.closed
    assert rig.device.closed == 1


def test_without_a_file_the_voice_is_only_played() -> None:
    rig = Rig()
    rig.voice.play(chunk(sine(480)))
    rig.voice.keep_files_in_step()
    rig.voice.flush()
    rig.voice.close()
    assert rig.device.closed == 1


def test_a_file_that_fails_at_the_end_is_closed_and_told() -> None:
    sink = Sink(full=True)
    rig = Rig(sink)
    rig.voice.play(chunk(sine(4_800)))
    rig.voice.end_of_reply()
    rig.plays(10)
    with pytest.raises(VoicecliError, match="full"):
        rig.voice.close()
    assert sink.closed
    assert rig.device.closed == 1
