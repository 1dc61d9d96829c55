"""The level to pass decides between interrupting oneself and not hearing an interruption."""

from __future__ import annotations

import numpy as np
import pytest
from echo_rooms import Sound, echo, frames, noise
from hypothesis import given, settings
from hypothesis import strategies as st

from voicecli.audio.echo_gate import EchoGate, Loudness

NEAR_SILENCE, FAR_SILENCE = bytes(320), bytes(480)


class Room:
    """What is played at −20 dBFS, its echo 12 dB below and 100 ms later, and a canceller of parts.

    `leaves_db` is what the canceller leaves of the echo; a voice passes it whole.
    """

    def __init__(self, seconds: float = 30, delay_ms: float = 100, level_db: float = -12) -> None:
        self.gate = EchoGate()
        self.position = 0
        played = noise(round(seconds * 24_000), 1, -20)
        self.far = frames(played, 24_000)
        self.echo = echo(played, 2, delay_ms=delay_ms, level_db=level_db)

    def go(
        self, seconds: float, *, leaves_db: float = -40, voice_dbfs: float = -100
    ) -> list[Loudness]:
        """Hear `seconds` more, with a voice in it."""
        count = round(seconds * 100)
        here = slice(self.position * 160, (self.position + count) * 160)
        voice = noise(count * 160, self.position, voice_dbfs)
        near = frames(self.echo[here] + voice, 16_000)
        clean = frames(self.echo[here] * 10 ** (leaves_db / 20) + voice, 16_000)
        far = self.far[self.position : self.position + count]
        self.position += count
        return [self.gate.hear(*each) for each in zip(near, far, clean, strict=True)]

    def jump(self, delay_ms: float, level_db: float) -> None:
        """From here on the echo comes another way."""
        played = np.frombuffer(b"".join(self.far), "<i2") / 32_768
        self.echo = echo(played, 3, delay_ms=delay_ms, level_db=level_db)


def sound(seconds: float, dbfs: float, seed: int = 9) -> list[bytes]:
    return frames(noise(round(seconds * 16_000), seed, dbfs), 16_000)


def settled(**room: float) -> Room:
    """A room in which the canceller has been at work for a while."""
    it = Room(**room)
    it.go(0.5, leaves_db=-20)
    it.go(6)
    return it


def test_with_nothing_played_a_voice_is_heard_and_silence_is_not() -> None:
    gate = EchoGate()
    for frame in sound(0.5, -90):
        assert gate.hear(frame, FAR_SILENCE, frame) is Loudness.QUIET
    voice = [gate.hear(frame, FAR_SILENCE, frame) for frame in sound(0.5, -35)]
    assert set(voice[6:]) == {Loudness.LOUD}


def test_steady_noise_becomes_quiet_and_a_voice_over_it_is_heard() -> None:
    gate = EchoGate()
    humming = [gate.hear(frame, FAR_SILENCE, frame) for frame in sound(20, -45)]
    assert humming[50] is Loudness.LOUD
    assert set(humming[-100:]) == {Loudness.QUIET}
    voice = [gate.hear(frame, FAR_SILENCE, frame) for frame in sound(0.5, -30)]
    assert set(voice[6:]) == {Loudness.LOUD}


def test_what_a_new_canceller_leaves_is_quiet_and_a_voice_is_not() -> None:
    room = Room()
    assert set(room.go(0.5, leaves_db=-16)) == {Loudness.QUIET}
    assert room.go(0.2, leaves_db=-16, voice_dbfs=-30)[-1] is Loudness.LOUD


def test_what_a_canceller_at_work_leaves_is_quiet() -> None:
    room = settled()
    assert set(room.go(2, leaves_db=-20)) == {Loudness.QUIET}


@pytest.mark.parametrize(
    ("voice_dbfs", "loudness"),
    [(-50, Loudness.QUIET), (-42, Loudness.LOUD), (-35, Loudness.BEYOND)],
)
def test_what_a_voice_may_be_follows_from_the_echos_level(
    voice_dbfs: float, loudness: Loudness
) -> None:
    assert settled().go(0.3, voice_dbfs=voice_dbfs)[-1] is loudness


def test_over_a_softer_echo_a_softer_voice_is_heard() -> None:
    assert settled(level_db=-20).go(0.3, voice_dbfs=-48)[-1] is not Loudness.QUIET
    assert settled(level_db=-6).go(0.3, voice_dbfs=-48)[-1] is Loudness.QUIET


def test_a_voice_is_no_echo_though_one_is_under_it() -> None:
    room = settled()
    room.go(0.3, voice_dbfs=-30)
    assert not room.gate.is_echo()


def test_without_an_echo_nothing_is_one() -> None:
    gate = EchoGate()
    for frame in sound(1, -30):
        gate.hear(frame, FAR_SILENCE, frame)
    assert not gate.is_echo()


def test_in_a_silence_there_is_no_echo_though_the_way_is_known() -> None:
    room = settled()
    for _ in range(30):
        room.gate.hear(NEAR_SILENCE, FAR_SILENCE, NEAR_SILENCE)
    assert not room.gate.is_echo()


def test_an_echo_that_jumps_is_known_for_one_and_has_to_be_topped() -> None:
    room = settled()
    room.jump(delay_ms=180, level_db=-12)
    leaked = room.go(0.4, leaves_db=0)
    assert leaked[-1] is Loudness.BEYOND
    assert room.gate.is_echo()
    assert set(room.go(1, leaves_db=0)) == {Loudness.QUIET}
    assert room.go(0.3, leaves_db=0, voice_dbfs=-20)[-1] is Loudness.LOUD
    assert not room.gate.is_echo()


def test_after_a_jump_the_new_way_is_learned() -> None:
    room = settled()
    room.jump(delay_ms=180, level_db=-12)
    room.go(0.4, leaves_db=0)
    assert room.gate.is_echo()
    room.go(9)
    assert room.go(0.3, voice_dbfs=-35)[-1] is Loudness.BEYOND
    assert not room.gate.is_echo()


def test_a_young_canceller_that_lets_the_echo_through_is_not_a_voice() -> None:
    room = Room()
    room.go(1.5)
    room.go(0.3, leaves_db=0)
    assert room.gate.is_echo()
    room.go(0.3, voice_dbfs=-30)
    assert not room.gate.is_echo()


def test_a_voice_while_learning_does_not_deafen_for_long() -> None:
    room = Room()
    room.go(0.9)
    room.go(1, leaves_db=-60, voice_dbfs=-24)
    room.go(3)
    assert room.go(0.3, voice_dbfs=-35)[-1] is Loudness.BEYOND


@settings(max_examples=15)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), max_size=40))
def test_any_mixture_of_sound_and_silence_is_taken(steps: list[tuple[bool, bool, bool]]) -> None:
    gate = EchoGate()
    near, far = sound(0.1, -20), frames(noise(2_400, 4, -20), 24_000)
    for has_near, has_far, has_clean in steps:
        for n, f in zip(near, far, strict=True):
            gate.hear(
                n if has_near else NEAR_SILENCE,
                f if has_far else FAR_SILENCE,
                n if has_clean else NEAR_SILENCE,
            )
        assert gate.is_echo() in (True, False)


def test_the_helper_plays_as_loud_as_it_says() -> None:
    heard: Sound = Room(seconds=2).echo
    level_dbfs = 10 * np.log10(np.mean(heard[8_000:] ** 2))
    assert level_dbfs == pytest.approx(-20 - 12 - 2, abs=3)


def test_with_headphones_there_is_no_echo_after_a_second_and_a_soft_voice_is_heard() -> None:
    room = Room(level_db=-45)
    room.go(0.9, leaves_db=0)
    assert not room.gate.echo_free
    room.go(0.5, leaves_db=0)
    assert room.gate.echo_free
    assert set(room.go(1, leaves_db=0)) == {Loudness.QUIET}
    assert room.go(0.2, leaves_db=0, voice_dbfs=-46)[-1] is Loudness.LOUD


@pytest.mark.parametrize("level_db", [-6, -20, -26])
def test_over_loudspeakers_there_is_an_echo(level_db: float) -> None:
    room = Room(level_db=level_db, delay_ms=250)
    room.go(10)
    assert not room.gate.echo_free


def test_when_the_headphones_are_off_the_echo_is_known_for_one() -> None:
    room = Room(level_db=-45)
    room.go(3, leaves_db=0)
    room.jump(delay_ms=80, level_db=-10)
    assert room.go(0.3, leaves_db=0)[-1] is Loudness.LOUD
    assert room.gate.is_echo()
    assert not room.gate.echo_free


def test_with_headphones_a_voice_is_no_echo() -> None:
    room = Room(level_db=-45)
    room.go(3, leaves_db=0)
    room.go(0.3, leaves_db=0, voice_dbfs=-30)
    assert not room.gate.is_echo()
    assert room.gate.echo_free


def test_when_the_headphones_are_put_on_there_is_no_echo_any_more() -> None:
    room = settled()
    room.jump(delay_ms=80, level_db=-50)
    room.go(10, leaves_db=0)
    assert room.gate.echo_free


def test_what_a_new_canceller_lets_through_is_an_echo_and_a_voice_is_not() -> None:
    room = Room()
    room.go(0.4, leaves_db=-30)
    assert room.go(0.3, leaves_db=-3)[-1] is Loudness.LOUD
    assert room.gate.is_echo()
    room = Room()
    room.go(0.4, leaves_db=-30)
    assert room.go(0.3, leaves_db=-16, voice_dbfs=-26)[-1] is Loudness.LOUD
    assert not room.gate.is_echo()


def test_what_a_settled_canceller_lets_through_is_an_echo() -> None:
    room = settled()
    assert Loudness.LOUD in room.go(0.3, leaves_db=-11)
    assert room.gate.is_echo()
