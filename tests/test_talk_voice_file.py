"""What is kept of the model's voice is what was heard of it, to the sample."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.errors import VoicecliError
from voicecli.talk.voice_file import VoiceFile


class Sink:
    def __init__(self) -> None:
        self.kept = b""
        self.closed = False

    def append(self, pcm: bytes) -> None:
        self.kept += pcm

    def close(self) -> None:
        self.closed = True


def samples(first: int, count: int) -> bytes:
    return b"".join((first + i).to_bytes(2, "little") for i in range(count))


def test_only_what_was_played_is_written() -> None:
    sink = Sink()
    voice = VoiceFile(sink)
    voice.arrived(samples(0, 10))
    voice.played(4)
    assert sink.kept == samples(0, 4)
    voice.close()
    assert sink.kept == samples(0, 4)
    assert sink.closed


def test_a_reply_that_was_cut_off_ends_at_the_cut_and_the_next_one_follows() -> None:
    sink = Sink()
    voice = VoiceFile(sink)
    voice.arrived(samples(0, 10))
    voice.flushed(6)
    voice.arrived(samples(100, 4))
    voice.played(10)
    assert sink.kept == samples(0, 6) + samples(100, 4)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.booleans()), max_size=20))
def test_the_file_holds_every_played_sample_once_and_in_order(
    steps: list[tuple[int, int, bool]],
) -> None:
    sink = Sink()
    voice = VoiceFile(sink)
    expected, waiting, played, pushed = b"", b"", 0, 0
    for arriving, playing, flushing in steps:
        chunk = samples(pushed, arriving)
        pushed += arriving
        voice.arrived(chunk)
        waiting += chunk
        count = min(playing, len(waiting) // 2)
        expected, waiting = expected + waiting[: 2 * count], waiting[2 * count :]
        played += count
        if flushing:
            voice.flushed(played)
            waiting = b""
        else:
            voice.played(played)
    assert sink.kept == expected


def test_a_sink_that_fails_is_left_alone_from_then_on() -> None:
    class Full(Sink):
        tries = 0

        def append(self, pcm: bytes) -> None:
            self.tries += 1
            raise VoicecliError("the disk is full")

    sink = Full()
    voice = VoiceFile(sink)
    voice.arrived(samples(0, 10))
    with pytest.raises(VoicecliError):
        voice.played(4)
    voice.arrived(samples(10, 10))
    voice.flushed(20)
    voice.close()
    assert sink.tries == 1
    assert sink.closed
