"""Stopping too early loses the last words, and too late keeps the user waiting for nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.live import events as ev
from voicecli.transcribe.ending import ANSWERED_S, LIMIT_S, SETTLE_S, STUCK_S, Ending

SOUND_END = "end of the sound"
WORDS = ev.UserSpeech("hello")
GUESS = ev.UserSpeech("hel", interim=True)
VOICE = ev.AudioChunk(b"\0\0", 24_000)
STARTED = ev.VoiceActivity(speaking=True, offset_s=1.0)
STOPPED = ev.VoiceActivity(speaking=False, offset_s=2.0)
WHOLE = ev.GenerationComplete()
OVER = ev.TurnComplete()
STEP_S = 0.5

Step = ev.LiveEvent | str


def done_s(*steps: Step) -> float:
    """How long after the last of `steps`, each `STEP_S` after the one before, listening ends."""
    ending = Ending()
    now_s = 50.0
    for step in steps:
        now_s += STEP_S
        if isinstance(step, str):
            ending.sound_ended(now_s)
        else:
            ending.hear(step, now_s)
    wait_s = ending.wait_s(now_s)
    assert ending.wait_s(now_s + wait_s) == pytest.approx(0.0)
    return wait_s


def test_silence_after_the_end_settles() -> None:
    assert done_s(SOUND_END) == SETTLE_S


def test_words_are_waited_for_after_words() -> None:
    assert done_s(SOUND_END, WORDS) == SETTLE_S


def test_words_long_before_the_end_do_not_shorten_the_wait() -> None:
    assert done_s(WORDS, VOICE, WHOLE, OVER, SOUND_END) == SETTLE_S


@pytest.mark.parametrize("last", [WHOLE, OVER])
def test_a_reply_after_the_end_ends_it_soon(last: ev.LiveEvent) -> None:
    assert done_s(SOUND_END, WORDS, VOICE, last) == ANSWERED_S


def test_the_playback_of_a_whole_reply_is_not_waited_for() -> None:
    assert done_s(SOUND_END, WORDS, VOICE, WHOLE, OVER) == ANSWERED_S - STEP_S


@pytest.mark.parametrize(
    "reply", [VOICE, ev.ModelSpeech("hi"), ev.ModelText("hi"), ev.Thought("hm")]
)
def test_a_reply_under_way_is_waited_for(reply: ev.LiveEvent) -> None:
    assert done_s(SOUND_END, WORDS, *[reply] * 20) == SETTLE_S


def test_the_late_end_of_an_earlier_turn_is_not_the_end() -> None:
    assert done_s(WORDS, VOICE, WHOLE, SOUND_END, OVER) == SETTLE_S


def test_an_interrupted_reply_is_not_the_end_for_new_words_follow() -> None:
    assert done_s(SOUND_END, WORDS, VOICE, ev.Interrupted(), OVER) == SETTLE_S


def test_a_reply_interrupted_in_its_playback_is_not_the_end() -> None:
    assert done_s(SOUND_END, WORDS, VOICE, WHOLE, ev.Interrupted(), OVER) == SETTLE_S


def test_the_reply_after_an_interrupted_one_is_the_end() -> None:
    interrupted = (WORDS, VOICE, ev.Interrupted(), OVER)
    assert done_s(SOUND_END, *interrupted, WORDS, VOICE, WHOLE) == ANSWERED_S


def test_words_after_a_reply_open_the_wait_again() -> None:
    assert done_s(SOUND_END, WORDS, VOICE, WHOLE, WORDS) == SETTLE_S


@pytest.mark.parametrize("sign", [GUESS, STARTED])
def test_speech_that_is_being_heard_is_waited_for(sign: ev.LiveEvent) -> None:
    assert done_s(SOUND_END, sign) == STUCK_S
    assert done_s(sign, SOUND_END) == STUCK_S


def test_the_late_end_of_an_earlier_turn_does_not_hide_speech_that_is_being_heard() -> None:
    assert done_s(STARTED, SOUND_END, OVER) == STUCK_S


def test_speech_that_has_stopped_is_waited_for_until_its_words_come() -> None:
    assert done_s(STARTED, STOPPED, SOUND_END) == STUCK_S
    assert done_s(STARTED, STOPPED, SOUND_END, WORDS) == SETTLE_S
    assert done_s(STARTED, WORDS, STOPPED, SOUND_END) == SETTLE_S


def test_words_that_come_behind_the_next_speech_are_not_its_words() -> None:
    assert done_s(STARTED, STOPPED, STARTED, WORDS, STOPPED, SOUND_END) == STUCK_S


def test_a_transcriber_that_says_it_is_done_is_believed() -> None:
    noise = (STARTED, STOPPED)
    assert done_s(*noise, STARTED, STOPPED, WORDS, SOUND_END, WHOLE, OVER) == ANSWERED_S - STEP_S


def test_nobody_is_done_while_speech_is_being_heard() -> None:
    assert done_s(STARTED, SOUND_END, WHOLE) == STUCK_S


def test_a_guess_whose_words_never_come_ends_with_the_reply() -> None:
    assert done_s(SOUND_END, GUESS, VOICE, WHOLE) == ANSWERED_S


def test_a_service_that_says_it_is_still_at_work_is_waited_for() -> None:
    assert done_s(SOUND_END, WORDS, VOICE, ev.TurnComplete(waiting=True)) == STUCK_S


@pytest.mark.parametrize("nothing", [ev.Usage(), ev.Connected(), ev.ResumptionUpdate("h", True)])
def test_messages_about_other_things_do_not_prolong_the_wait(nothing: ev.LiveEvent) -> None:
    assert done_s(SOUND_END, nothing) == SETTLE_S - STEP_S


def test_a_service_that_never_stops_is_left() -> None:
    assert done_s(SOUND_END, *[VOICE] * round(LIMIT_S / STEP_S)) == 0.0


def test_words_before_the_end_are_not_the_last_words() -> None:
    ending = Ending()
    ending.hear(WORDS, 1.0)
    ending.sound_ended(2.0)
    assert not ending.words_since_end
    ending.hear(WORDS, 3.0)
    assert ending.words_since_end


STEPS = (WORDS, GUESS, VOICE, STARTED, STOPPED, WHOLE, OVER, ev.Interrupted(), ev.Usage())


@given(st.lists(st.sampled_from(STEPS)), st.lists(st.sampled_from(STEPS)))
def test_it_ends_whatever_comes(before: list[Step], after: list[Step]) -> None:
    assert 0.0 <= done_s(*before, SOUND_END, *after) <= STUCK_S


@given(st.lists(st.sampled_from(STEPS), max_size=50), st.lists(st.sampled_from(STEPS), max_size=50))
def test_the_latest_words_leave_time_for_more(before: list[Step], after: list[Step]) -> None:
    assert done_s(*before, SOUND_END, *after, WORDS) >= SETTLE_S
