"""What goes to the service, frame by frame: nothing of an echo, all of a voice, nothing when muted.

The canceller and the judge are simple ones here, so that each rule is seen alone; the real ones are
heard in test_audio_listener_rooms.
"""

from __future__ import annotations

import numpy as np
import pytest
from echo_rooms import echo, frames, noise
from hypothesis import given, settings
from hypothesis import strategies as st

from voicecli.audio.barge_in import DUCK_S, TAIL_S
from voicecli.audio.echo_canceller import FAR_BYTES
from voicecli.audio.listener import (
    PRE_ROLL_FRAMES,
    SILENT_FRAME,
    SWALLOWED_FRAMES,
    UNAWARE_MS,
    Heard,
    Listener,
)

PLAYED = frames(noise(24_000, 1, -20), 24_000)
VOICE = frames(noise(16_000, 2, -22), 16_000)
ROOM = frames(noise(16_000, 3, -70), 16_000)
ECHO = frames(noise(16_000, 4, -35), 16_000)
CLEANED = b"\1\0" * 160


class Perfect:
    """A canceller that takes all but the voice for an echo, and marks what it has cleaned."""

    def __init__(self) -> None:
        self.far: list[bytes] = []

    def cancel(self, near: bytes, far: bytes) -> bytes:
        self.far.append(far)
        return near if near in VOICE else CLEANED


class Sure:
    """A judge that takes everything for speech, or nothing."""

    def __init__(self) -> None:
        self.probability = 0.9
        self.asked = 0

    def process_chunk(self, window: bytes) -> float:
        self.asked += 1
        return self.probability

    def reset(self) -> None:
        pass


class Talk:
    """A listener with its clock, which counts frames."""

    def __init__(
        self,
        *,
        cancels: bool = True,
        gated: bool = True,
        barge_in: bool = True,
        headphones: bool = False,
    ) -> None:
        self.echo = ROOM if headphones else ECHO
        self.judge = Sure()
        self.canceller = Perfect()
        self.listener = Listener(
            self.canceller if cancels else None, self.judge, gated=gated, barge_in=barge_in
        )
        self.frame_number = 0

    @property
    def now_s(self) -> float:
        return self.frame_number / 100

    def go(self, seconds: float, *, speaking: bool = False, voice: bool = False) -> list[Heard]:
        heard = []
        for _ in range(round(seconds * 100)):
            sound = VOICE if voice else self.echo if speaking else ROOM
            frame = sound[self.frame_number % 100]
            played = PLAYED[self.frame_number % 100] if speaking else bytes(FAR_BYTES)
            heard.append(self.listener.hear(frame, played, speaking=speaking, now_s=self.now_s))
            self.frame_number += 1
        return heard


def sent(heard: list[Heard]) -> list[bytes]:
    return [frame for each in heard for frame in each.send]


def test_before_anything_is_played_all_goes_out_as_it_is_and_the_canceller_rests() -> None:
    talk = Talk()
    assert sent(talk.go(1)) == ROOM
    assert sent(talk.go(1, voice=True)) == VOICE
    assert talk.judge.asked == 0
    assert not talk.canceller.far


def test_the_canceller_goes_on_for_a_second_after_the_last_sound() -> None:
    talk = Talk()
    talk.go(1, speaking=True)
    talk.go(3)
    assert len(talk.canceller.far) == pytest.approx(200, abs=2)
    talk.go(1, speaking=True)
    assert len(talk.canceller.far) == pytest.approx(300, abs=4)


def test_a_word_that_began_cleaned_goes_on_cleaned_and_the_next_is_not_delayed() -> None:
    class Late:
        """A canceller that gives out one frame later what was put in."""

        def __init__(self) -> None:
            self.before = bytes(320)

        def cancel(self, near: bytes, far: bytes) -> bytes:
            clean, self.before = self.before, near
            return clean

    talk = Talk()
    talk.listener = Listener(Late(), talk.judge)
    talk.go(0.2, speaking=True)
    assert sent(talk.go(2, voice=True))[-1] == VOICE[18]
    talk.go(0.3)
    assert sent(talk.go(0.01, voice=True)) == [VOICE[50]]


def test_with_headphones_that_nobody_told_of_a_voice_goes_out_untouched() -> None:
    talk = Talk(headphones=True)
    talk.go(3, speaking=True)
    cancelled = len(talk.canceller.far)
    assert cancelled < 200
    heard = talk.go(0.5, speaking=True, voice=True)
    first = next(at for at, each in enumerate(heard) if each.duck)
    assert first <= 10
    assert set(heard[first].send[: PRE_ROLL_FRAMES - first]) <= set(ROOM)
    assert len(talk.canceller.far) == cancelled


def test_while_the_model_speaks_silence_goes_out_at_the_same_pace() -> None:
    talk = Talk()
    talk.go(0.5)
    heard = talk.go(5, speaking=True)
    assert [each.send for each in heard] == [(SILENT_FRAME,)] * 500
    assert not any(each.duck or each.speech for each in heard)
    assert talk.judge.asked == 0


def test_a_voice_over_the_model_ducks_it_and_goes_out_with_what_came_before() -> None:
    talk = Talk()
    talk.go(2, speaking=True)
    heard = talk.go(0.5, speaking=True, voice=True)
    first = next(at for at, each in enumerate(heard) if each.duck)
    assert first <= 10
    assert heard[first].speech
    assert len(heard[first].send) == PRE_ROLL_FRAMES + 1
    assert heard[first].send[PRE_ROLL_FRAMES - first :] == tuple(VOICE[: first + 1])
    assert set(heard[first].send[: PRE_ROLL_FRAMES - first]) == {CLEANED}
    assert sent(heard[first + 1 :]) == VOICE[first + 1 : 50]


def test_without_an_interruption_the_duck_ends_and_the_gate_closes_after_the_voice() -> None:
    talk = Talk()
    talk.go(2, speaking=True)
    heard = talk.go(2, speaking=True, voice=True)
    ducked = [at for at, each in enumerate(heard) if each.duck]
    assert len(ducked) == pytest.approx(DUCK_S * 100, abs=1)
    assert ducked[-1] - ducked[0] == len(ducked) - 1
    after = talk.go(1, speaking=True)
    assert after[0].send == (CLEANED,)
    assert set(sent(after[60:])) == {SILENT_FRAME}
    assert not any(each.duck for each in after)


def test_an_interruption_ends_the_duck_and_the_user_goes_on() -> None:
    talk = Talk()
    talk.go(2, speaking=True)
    talk.go(0.3, speaking=True, voice=True)
    talk.listener.interrupted(talk.now_s)
    heard = talk.go(0.05, speaking=True, voice=True) + talk.go(1, voice=True)
    assert not any(each.duck for each in heard)
    assert SILENT_FRAME not in sent(heard)
    assert len(sent(heard)) == len(heard)


def test_the_gate_opens_again_after_the_tail_of_a_reply() -> None:
    talk = Talk()
    talk.go(2, speaking=True)
    heard = talk.go(1)
    opened = sent(heard).index(CLEANED)
    assert opened == pytest.approx(TAIL_S * 100, abs=2)
    assert SILENT_FRAME not in sent(heard)[opened:]
    assert sent(heard)[-1] in ROOM


def test_an_answer_in_the_tail_loses_nothing() -> None:
    talk = Talk()
    talk.go(2, speaking=True)
    heard = talk.go(TAIL_S - 0.03) + talk.go(0.5, voice=True)
    words = [frame for frame in sent(heard) if frame in VOICE]
    assert len(words) == 50


def test_what_seems_no_speech_does_not_open_the_gate() -> None:
    talk = Talk()
    talk.judge.probability = 0.1
    talk.go(2, speaking=True)
    assert set(sent(talk.go(1, speaking=True, voice=True))) == {SILENT_FRAME}


def test_an_echo_that_the_canceller_lets_through_opens_no_gate() -> None:
    """The way of the echo jumps, as when a device stumbles: for seconds all of it comes through."""

    class Stumbling:
        leaves_db = -40.0

        def cancel(self, near: bytes, far: bytes) -> bytes:
            scaled = np.frombuffer(near, "<i2") * 10 ** (self.leaves_db / 20)
            return np.round(scaled).astype("<i2").tobytes()

    played = noise(24_000 * 12, 5, -20)
    before = echo(played, 6, delay_ms=80, level_db=-10)
    after = echo(played, 7, delay_ms=160, level_db=-10)
    near = frames(np.append(before[: 16_000 * 8], after[16_000 * 8 :]), 16_000)
    canceller, judge = Stumbling(), Sure()
    listener = Listener(canceller, judge)
    judge.probability = 0.0
    for number, (frame, far) in enumerate(zip(near, frames(played, 24_000), strict=True)):
        if number == 830:  # what was heard before the jump is out of sight
            canceller.leaves_db, judge.probability = 0.0, 0.9
        heard = listener.hear(frame, far, speaking=True, now_s=number / 100)
        assert heard == Heard((SILENT_FRAME,), duck=False, speech=False, loud=False)


def test_with_barge_in_off_no_voice_is_heard_before_the_end_of_the_tail() -> None:
    talk = Talk(barge_in=False)
    heard = talk.go(2, speaking=True, voice=True) + talk.go(TAIL_S - 0.02, voice=True)
    assert set(sent(heard)) == {SILENT_FRAME}
    assert not any(each.duck or each.speech for each in heard)
    assert talk.judge.asked == 0
    assert SILENT_FRAME not in sent(talk.go(1, voice=True)[4:])


def test_half_duplex_closes_the_gate_and_leaves_the_rest_as_it_is() -> None:
    talk = Talk(cancels=False)
    assert sent(talk.go(1)) == ROOM
    heard = talk.go(2, speaking=True, voice=True)
    assert set(sent(heard)) == {SILENT_FRAME}
    assert talk.judge.asked == 0


def test_with_headphones_everything_goes_out_at_all_times() -> None:
    talk = Talk(cancels=False, gated=False)
    heard = talk.go(1, speaking=True) + talk.go(1, speaking=True, voice=True)
    assert sent(heard) == ECHO + VOICE
    assert not any(each.duck for each in heard)
    assert talk.judge.asked == 0


@pytest.mark.parametrize("gated", [True, False])
def test_muted_nothing_goes_out_and_long_speech_is_noticed(gated: bool) -> None:
    talk = Talk(cancels=gated, gated=gated)
    talk.listener.mute(True)
    heard = talk.go(1) + talk.go(1, voice=True)
    assert sent(heard) == []
    noticed = next(at for at, each in enumerate(heard) if each.speech)
    assert noticed - 100 == pytest.approx(UNAWARE_MS / 10, abs=8)
    assert not any(each.speech for each in talk.go(2)[80:])


def test_muted_a_cough_is_not_noticed() -> None:
    talk = Talk()
    talk.listener.mute(True)
    assert not any(each.speech for each in talk.go(0.15, voice=True) + talk.go(1))


def test_muted_in_half_duplex_the_model_is_not_taken_for_the_user() -> None:
    talk = Talk(cancels=False)
    talk.listener.mute(True)
    heard = talk.go(2, speaking=True, voice=True)
    assert not any(each.speech for each in heard[1:])


def test_what_was_said_while_muted_is_never_sent() -> None:
    talk = Talk()
    talk.go(2, speaking=True)
    talk.listener.mute(True)
    talk.go(0.5, speaking=True, voice=True)
    talk.listener.mute(False)
    heard = talk.go(1, speaking=True)
    assert not set(sent(heard)) & set(VOICE)


def test_muting_ends_a_duck() -> None:
    talk = Talk()
    talk.go(2, speaking=True)
    assert talk.go(0.3, speaking=True, voice=True)[-1].duck
    talk.listener.mute(True)
    assert not talk.go(0.01, speaking=True, voice=True)[0].duck
    talk.listener.mute(False)
    talk.judge.probability = 0.0
    assert set(sent(talk.go(0.3, speaking=True))) == {SILENT_FRAME}


def test_the_canceller_goes_on_while_muted() -> None:
    talk = Talk()
    talk.listener.mute(True)
    talk.go(1, speaking=True)
    assert len(talk.canceller.far) == 100
    assert any(any(far) for far in talk.canceller.far)


@pytest.mark.parametrize("size", [0, 318, 322, 640])
def test_a_frame_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="320"):
        Talk().listener.hear(bytes(size), b"", speaking=False, now_s=0.0)


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.booleans(), st.booleans(), st.sampled_from("mui---"), st.integers(0, 5_000)),
        max_size=200,
    )
)
def test_whatever_happens_the_streams_time_flows(
    steps: list[tuple[bool, bool, str, int]],
) -> None:
    """A frame goes out for each that comes in, except while muted; more only as pre-roll."""
    talk = Talk()
    muted = False
    now_s = 0.0
    for speaking, voice, event, played_samples in steps:
        now_s += 0.01
        if event in "mu":
            muted = event == "m"
            talk.listener.mute(muted)
        elif event == "i":
            talk.listener.interrupted(now_s)
        heard = talk.listener.hear(
            (VOICE if voice else ROOM)[0], bytes(played_samples * 2), speaking=speaking, now_s=now_s
        )
        assert len(heard.send) == 0 if muted else 1 <= len(heard.send) <= PRE_ROLL_FRAMES + 1
        assert all(len(frame) == 320 for frame in heard.send)
        assert not (muted and heard.duck)


def test_a_voice_that_the_canceller_swallows_goes_out_as_it_came() -> None:
    class Swallows:
        """A canceller that does not know the echo yet, and lets nothing through."""

        def cancel(self, near: bytes, far: bytes) -> bytes:
            return bytes(len(near))

    played = noise(3 * 24_000, 1, -20)
    sound = echo(played, 2, delay_ms=80, level_db=-12)
    sound[24_000:] += noise(len(sound) - 24_000, 3, -18)
    near = frames(sound, 16_000)
    listener = Listener(Swallows(), Sure())
    heard = [
        listener.hear(frame, far, speaking=True, now_s=number / 100)
        for number, (frame, far) in enumerate(zip(near, frames(played, 24_000), strict=True))
    ]
    opened = next(number for number, each in enumerate(heard) if each.duck)
    assert 150 < opened < 165
    unheard = PRE_ROLL_FRAMES - SWALLOWED_FRAMES
    sends = heard[opened].send
    assert set(sends[:unheard]) == {SILENT_FRAME}
    assert list(sends[unheard:]) == near[opened - SWALLOWED_FRAMES : opened + 1]
    assert sent(heard[opened + 1 :]) == near[opened + 1 :]
