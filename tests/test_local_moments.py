"""Each moment is told once as it comes, and a turn of the user's is counted once."""

from __future__ import annotations

from voicecli.local.effects import Reached
from voicecli.local.faults import Moment
from voicecli.local.moments import Moments
from voicecli.local.server_frames import sound, tool_call

SOUND = sound(b"")


def test_a_spoken_turn_and_its_reply() -> None:
    moments = Moments()
    told = [
        *moments.idle(),
        *moments.user(Moment.USER_SPEAKING),
        *moments.user(Moment.THINKING),
        *moments.model_begins(),
        *moments.sent({}, 0.0),
        *moments.sent(SOUND, 0.2),
        *moments.sent(SOUND, 0.4),
        *moments.idle(),
        *moments.idle(),
    ]
    assert told == [
        Reached(Moment.IDLE),
        Reached(Moment.USER_SPEAKING, begins_turn=True),
        Reached(Moment.THINKING),
        Reached(Moment.SPEAKING),
        Reached(Moment.IDLE),
    ]


def test_a_call_is_a_moment_of_its_own() -> None:
    moments = Moments()
    moments.user(Moment.THINKING)
    moments.model_begins()
    assert moments.sent(tool_call([("a", "clock", {})]), 0.0) == [Reached(Moment.TOOL)]
    assert moments.sent(SOUND, 0.2) == [Reached(Moment.SPEAKING)]


def test_utterances_before_the_reply_are_one_turn_and_those_after_a_silence_two() -> None:
    moments = Moments()
    told = [moments.user(Moment.USER_SPEAKING), moments.user(Moment.THINKING)]
    told += [moments.user(Moment.USER_SPEAKING), moments.user(Moment.THINKING)]
    assert [one.begins_turn for (one,) in told] == [True, False, False, False]
    moments.idle()
    assert moments.user(Moment.THINKING) == [Reached(Moment.THINKING, begins_turn=True)]


def test_an_interruption_begins_a_turn() -> None:
    moments = Moments()
    moments.user(Moment.THINKING)
    moments.model_begins()
    moments.sent(SOUND, 0.2)
    assert moments.user(Moment.THINKING) == [Reached(Moment.THINKING, begins_turn=True)]
    assert moments.model_begins() == []
    assert moments.sent(SOUND, 0.2) == [Reached(Moment.SPEAKING)]
