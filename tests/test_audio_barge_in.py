"""Who has the floor: every way through the drawing in `barge_in`, told what time it is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicecli.audio.barge_in import DOUBT_S, DUCK_S, TAIL_S, YIELD_S, BargeIn, Floor


class Floors:
    """A state machine that is stepped every 10 ms."""

    def __init__(self) -> None:
        self.machine = BargeIn()
        self.now_s = 10.0

    def go(
        self,
        seconds: float = 0.01,
        *,
        speaking: bool = False,
        voice: bool = False,
        doubtful: bool = False,
        talking: bool = False,
    ) -> Floor:
        for _ in range(round(seconds * 100)):
            self.now_s += 0.01
            self.machine.step(
                self.now_s, speaking=speaking, voice=voice, doubtful=doubtful, talking=talking
            )
        return self.machine.floor

    @property
    def ducked(self) -> bool:
        return self.machine.ducked(self.now_s)


def talked_over() -> Floors:
    floors = Floors()
    floors.go(0.5, speaking=True)
    floors.go(speaking=True, voice=True, talking=True)
    return floors


def test_while_the_model_is_silent_the_gate_is_open() -> None:
    floors = Floors()
    assert floors.go(5, voice=True, talking=True) is Floor.LISTENING
    assert floors.machine.open
    assert not floors.ducked


def test_when_the_model_speaks_the_gate_closes() -> None:
    floors = Floors()
    assert floors.go(speaking=True) is Floor.GUARDING
    assert not floors.machine.open
    assert floors.go(60, speaking=True) is Floor.GUARDING


def test_a_pause_shorter_than_the_tail_keeps_it_closed() -> None:
    floors = Floors()
    floors.go(1, speaking=True)
    assert floors.go(TAIL_S - 0.02) is Floor.GUARDING
    floors.go(speaking=True)
    assert floors.go(TAIL_S - 0.02) is Floor.GUARDING
    assert floors.go(0.04) is Floor.LISTENING


def test_a_doubtful_sound_in_the_tail_gets_a_little_longer() -> None:
    floors = Floors()
    floors.go(1, speaking=True)
    assert floors.go(TAIL_S + DOUBT_S - 0.02, doubtful=True) is Floor.GUARDING
    assert floors.go(0.04, doubtful=True) is Floor.LISTENING


def test_a_voice_in_the_tail_opens_the_gate() -> None:
    floors = Floors()
    floors.go(1, speaking=True)
    floors.go(0.1)
    assert floors.go(voice=True, talking=True) is Floor.TALKING_OVER
    assert floors.go(talking=True) is Floor.LISTENING
    assert not floors.ducked


def test_a_voice_ducks_for_a_while_and_not_again() -> None:
    floors = talked_over()
    assert floors.machine.open
    assert floors.ducked
    floors.go(DUCK_S - 0.02, speaking=True, talking=True)
    assert floors.ducked
    floors.go(0.04, speaking=True, talking=True)
    assert not floors.ducked
    floors.go(3, speaking=True, voice=True, talking=True)
    assert floors.machine.floor is Floor.TALKING_OVER
    assert not floors.ducked


def test_when_the_voice_is_over_the_gate_closes_and_the_next_one_ducks() -> None:
    floors = talked_over()
    floors.go(0.3, speaking=True, talking=True)
    assert floors.go(speaking=True) is Floor.GUARDING
    assert not floors.ducked
    floors.go(speaking=True, voice=True, talking=True)
    assert floors.ducked


def test_interrupted_the_gate_stays_open_and_the_duck_ends() -> None:
    floors = talked_over()
    floors.machine.interrupted(floors.now_s)
    assert not floors.ducked
    assert floors.go(0.05, speaking=True, talking=True) is Floor.YIELDED
    assert floors.machine.open
    assert floors.go(talking=True) is Floor.LISTENING


def test_a_reply_that_begins_right_after_an_interruption_is_guarded() -> None:
    floors = talked_over()
    floors.machine.interrupted(floors.now_s)
    assert floors.go(YIELD_S + 0.02, speaking=True) is Floor.GUARDING


def test_interrupted_by_a_key_changes_nothing() -> None:
    floors = Floors()
    floors.machine.interrupted(floors.now_s)
    assert floors.go() is Floor.LISTENING
    floors.go(1, speaking=True)
    floors.machine.interrupted(floors.now_s)
    assert floors.go() is Floor.GUARDING
    assert floors.go(TAIL_S + 0.02) is Floor.LISTENING


def test_when_the_model_ends_by_itself_the_user_goes_on() -> None:
    floors = talked_over()
    assert floors.go(talking=True) is Floor.LISTENING
    assert floors.machine.open


@given(st.lists(st.tuples(*[st.booleans()] * 5), max_size=300))
def test_ducking_and_guarding_need_a_reason(steps: list[tuple[bool, ...]]) -> None:
    """Whatever comes: no duck behind a closed gate, and no gate closed without the model."""
    floors = Floors()
    spoke_s = -1.0
    for speaking, voice, doubtful, talking, interrupted in steps:
        floors.go(speaking=speaking, voice=voice, doubtful=doubtful, talking=talking)
        spoke_s = floors.now_s if speaking else spoke_s
        if interrupted:
            floors.machine.interrupted(floors.now_s)
        assert floors.machine.open or not floors.ducked
        assert floors.machine.open or floors.now_s - spoke_s < TAIL_S + DOUBT_S
