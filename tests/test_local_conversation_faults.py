"""Faults inside of a conversation, and what a handle carries over, in virtual time."""

from __future__ import annotations

import pytest
from local_partner import LIVE, REPLY_S, Partner, function, kinds

from voicecli.local.client_frames import (
    ActivityEnd,
    ActivityStart,
    ClientContent,
    Said,
    ToolAnswer,
    ToolAnswers,
)
from voicecli.local.faults import Fault, Kind, Moment
from voicecli.local.memory import Memory

SOUND = ["modelTurn", "outputTranscription", "modelTurn", "generationComplete"]
TURN = ["notResumable", *SOUND, "turnComplete", "usageMetadata", "sessionResumptionUpdate"]
BLOCKING = {"tools": [function("clock", "BLOCKING")]}
BACKGROUND = {"tools": [function("clock", "NON_BLOCKING")]}


def opened(**setup: object) -> Partner:
    partner = Partner(LIVE, None, inputAudioTranscription={}, **setup)
    partner.take()
    return partner


def resumed(partner: Partner, number: int, **setup: object) -> Partner:
    """A connection that brings the handle with this number, counted from 0."""
    memory = Memory(partner.snapshots[number])
    return Partner(LIVE, memory, sessionResumption={"handle": "h"}, **setup)


def strike(partner: Partner, kind: Kind, for_s: float | None = None) -> None:
    partner.conversation.strike(Fault(kind, for_s=for_s), partner.now_s)
    partner.perform()


def answer(call_id: str) -> ToolAnswers:
    return ToolAnswers((ToolAnswer(call_id, "clock", {"time": "10:00"}),))


def said(partner: Partner) -> list[str]:
    return [one.text for one in partner.memory.said]


def test_moments_are_told_as_they_come() -> None:
    partner = opened(**BLOCKING)
    partner.say("what time is it")
    partner.receive(answer("fc_1"))
    partner.finish()
    assert partner.reached == [
        Moment.IDLE,
        Moment.USER_SPEAKING,
        Moment.THINKING,
        Moment.TOOL,
        Moment.SPEAKING,
        Moment.IDLE,
    ]


def test_the_clients_own_activity_is_the_users_speech_too() -> None:
    partner = opened(realtimeInputConfig={"automaticActivityDetection": {"disabled": True}})
    partner.hears.append("hello")
    partner.receive(ActivityStart())
    assert partner.reached[-1] is Moment.USER_SPEAKING
    partner.receive(ActivityEnd())
    assert partner.reached[2:] == [Moment.THINKING, Moment.SPEAKING]


def test_a_cough_leads_back_to_idleness() -> None:
    partner = opened()
    partner.say("")
    assert partner.reached == [Moment.IDLE, Moment.USER_SPEAKING, Moment.THINKING, Moment.IDLE]


def test_a_double_reply_is_a_second_whole_turn() -> None:
    partner = opened()
    strike(partner, Kind.DOUBLE_REPLY)
    partner.type("hello")
    partner.finish()
    assert partner.take() == [*TURN, *TURN]
    assert partner.voiced == ["Hi.", "Hi."]
    partner.type("hello")
    partner.finish()
    assert partner.take() == TURN, "only once"


def test_a_reply_that_is_interrupted_is_not_doubled_but_the_next_one_is() -> None:
    partner = opened()
    strike(partner, Kind.DOUBLE_REPLY)
    partner.type("hello")
    partner.type("something else")
    partner.finish()
    assert partner.voiced == ["Hi.", *["You said: something else"] * 2]


def test_the_reply_after_a_call_is_doubled_without_calling_again() -> None:
    partner = opened(**BLOCKING)
    strike(partner, Kind.DOUBLE_REPLY)
    partner.type("what time is it")
    partner.receive(answer("fc_1"))
    partner.finish()
    assert partner.voiced == ["It is 10:00."] * 2
    assert partner.take().count("toolCall") == 1


def test_late_words_come_after_the_reply_has_begun() -> None:
    partner = opened()
    strike(partner, Kind.LATE_WORDS, for_s=2.0)
    partner.say("hello")
    partner.wait(1.9)
    names = partner.take()
    assert "modelTurn" in names
    assert "inputTranscription" not in names
    partner.wait(0.1)
    assert partner.take() == ["inputTranscription"]
    partner.finish()
    partner.say("hello")
    assert "inputTranscription" in partner.take()


def test_words_out_of_order_are_all_there_in_their_own_order() -> None:
    partner = opened()
    strike(partner, Kind.REORDER_WORDS)
    partner.type("hello")
    partner.finish()
    assert "".join(partner.sent("serverContent", "outputTranscription", "text")) == "Hi."
    names = [name for frame in partner.frames for name in kinds(frame)]
    assert names.index("outputTranscription") < names.index("generationComplete")
    assert said(partner)[-1] == "Hi."


def test_cancelled_calls_are_not_waited_for() -> None:
    partner = opened(**BLOCKING)
    partner.type("what time is it")
    partner.take()
    strike(partner, Kind.CANCEL_CALLS)
    assert partner.sent("toolCallCancellation", "ids") == [["fc_1"]]
    partner.receive(answer("fc_1"))
    partner.finish()
    assert partner.voiced == ["I got no answer from clock."]


def test_cancelled_background_calls_are_not_spoken_of() -> None:
    partner = opened(**BACKGROUND)
    partner.type("what time is it")
    strike(partner, Kind.CANCEL_CALLS)
    assert partner.sent("toolCallCancellation", "ids") == [["fc_1"]]
    partner.receive(answer("fc_1"))
    assert partner.voiced == []


def test_without_calls_there_is_nothing_to_cancel() -> None:
    partner = opened()
    strike(partner, Kind.CANCEL_CALLS)
    partner.type("hello")
    strike(partner, Kind.CANCEL_CALLS)
    partner.finish()
    assert partner.take() == TURN


def test_a_handle_is_given_out_at_the_setup_and_after_each_turn_and_none_is_good_between() -> None:
    partner = opened(**BLOCKING)
    partner.type("what time is it")
    assert partner.take() == ["notResumable", "toolCall"]
    partner.receive(answer("fc_1"))
    partner.finish()
    assert partner.take() == [*SOUND, *TURN[-3:]]
    assert len(partner.snapshots) == 2


def test_a_client_that_asked_for_no_handles_is_not_told_of_any() -> None:
    partner = Partner("gemini-3.1-flash-live-preview")
    partner.type("hello")
    partner.finish()
    assert not {"notResumable", "sessionResumptionUpdate"} & set(partner.take())


def test_a_resumed_session_knows_what_was_said_until_its_handle() -> None:
    partner = opened()
    partner.type("hello")
    partner.finish()
    partner.type("something else")
    partner.wait(REPLY_S / 2)
    assert said(resumed(partner, 0)) == []
    later = resumed(partner, 1)
    assert said(later) == ["hello", "Hi."]
    assert later.take() == ["setupComplete", "sessionResumptionUpdate"], "no reply goes on"
    partner.finish()
    assert said(partner)[2:] == ["something else", "You said: something else"]


def test_a_question_that_was_lost_can_be_told_and_asked_again() -> None:
    partner = opened()
    later = resumed(partner, 0)
    later.receive(ClientContent((Said("user", "hello"),), turn_complete=False))
    again = Partner(LIVE, Memory(later.memory.snapshot()), sessionResumption={"handle": "h"})
    again.receive(ClientContent((), turn_complete=True))
    assert again.voiced == ["Hi."]


def test_a_background_call_is_answered_on_the_next_connection() -> None:
    partner = opened(**BACKGROUND)
    partner.type("what time is it")
    later = resumed(partner, 1, **BACKGROUND)
    later.receive(answer("fc_1"))
    later.finish()
    assert later.voiced == ["It is 10:00."]
    assert said(later) == ["what time is it", "It is 10:00."]


def test_a_background_call_after_the_handle_is_unknown_to_the_next_connection() -> None:
    partner = opened(**BACKGROUND)
    partner.type("what time is it")
    later = resumed(partner, 0, **BACKGROUND)
    later.receive(answer("fc_1"))
    assert later.voiced == []


def test_a_result_that_came_before_the_handle_is_spoken_of_when_the_session_is_resumed() -> None:
    partner = opened(**BACKGROUND)
    partner.type("what time is it")
    partner.type("hello")
    partner.receive(answer("fc_1"))
    partner.wait(REPLY_S)
    assert partner.voiced == ["Hi.", "It is 10:00."]
    later = resumed(partner, 2, **BACKGROUND)
    assert later.voiced == ["It is 10:00."]
    later.finish()
    assert said(later) == ["what time is it", "hello", "Hi.", "It is 10:00."]


@pytest.mark.parametrize("times", [2, 3])
def test_a_call_can_be_answered_from_the_same_handle_again(times: int) -> None:
    partner = opened(**BACKGROUND)
    partner.type("what time is it")
    for _ in range(times):
        later = resumed(partner, 1, **BACKGROUND)
        later.receive(answer("fc_1"))
        assert later.voiced == ["It is 10:00."]
