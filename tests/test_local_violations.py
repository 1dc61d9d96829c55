"""What a client may not do is told once, and what a good client does is never told."""

from __future__ import annotations

import pytest

from voicecli.local import violations as module
from voicecli.local.client_frames import (
    ActivityEnd,
    ActivityStart,
    Audio,
    AudioStreamEnd,
    ClientContent,
    ClientMessage,
    Said,
    ToolAnswer,
    ToolAnswers,
    TypedText,
)
from voicecli.local.json_fields import Fields
from voicecli.local.script import Call
from voicecli.local.server_frames import tool_call_cancellation
from voicecli.local.setup_check import check_setup
from voicecli.local.tool_calls import MadeCall
from voicecli.local.violations import (
    ACTIVITY,
    AUDIO_AFTER_END,
    CONTENT,
    CROSSING_S,
    STREAM_END,
    CallLedger,
    ClientCheck,
    Violation,
)

MANUAL = {"automaticActivityDetection": {"disabled": True}}
HISTORY = {"initialHistoryInClientContent": True}
FLASH_31 = "gemini-3.1-flash-live-preview"
SOUND = Audio(bytes(640))


def content(*, complete: bool = True) -> ClientContent:
    return ClientContent((Said("user", "hello"),), complete)


class Watched:
    """A connection that is checked; `ledger` is its session's."""

    def __init__(
        self, model: str = "gemini-3.8-live", ledger: CallLedger | None = None, **setup: object
    ) -> None:
        self.found: list[Violation] = []
        self.now_s = 0.0
        self.check = ClientCheck(
            check_setup(Fields({"model": model, **setup}), "v1beta"),
            CallLedger() if ledger is None else ledger,
            self.found.append,
        )

    def receive(self, *messages: ClientMessage) -> list[Violation]:
        """What is found in `messages`."""
        self.found.clear()
        for message in messages:
            self.check.received(message, self.now_s)
        return list(self.found)

    def answer(
        self, call_id: str, *, goes_on: bool = False, scheduling: str = "", **response: object
    ) -> list[str]:
        answer = ToolAnswer(call_id, "clock", response, scheduling, will_continue=goes_on)
        return [str(one) for one in self.receive(ToolAnswers((answer,)))]

    def call(self, *call_ids: str, background: bool = False) -> None:
        """Make blocking calls, or NON_BLOCKING ones with `background`."""
        self.check.called(MadeCall(one, Call("clock", {}), background) for one in call_ids)

    def cancel(self, *call_ids: str) -> None:
        self.check.sent(tool_call_cancellation(call_ids), self.now_s)


def test_what_a_good_client_does_is_no_violation() -> None:
    detected = Watched()
    messages: list[ClientMessage] = [SOUND, AudioStreamEnd(), SOUND, TypedText("hello"), content()]
    assert detected.receive(*messages) == []
    manual = Watched(realtimeInputConfig=MANUAL)
    assert manual.receive(SOUND, ActivityStart(), SOUND, ActivityEnd(), SOUND) == []


def test_the_end_of_the_stream_means_nothing_without_detection() -> None:
    manual = Watched(realtimeInputConfig=MANUAL)
    assert manual.receive(AudioStreamEnd(), TypedText("hello")) == [STREAM_END]
    assert manual.receive(SOUND, SOUND, SOUND) == [AUDIO_AFTER_END], "once for each stream"
    assert manual.receive(AudioStreamEnd(), SOUND) == [STREAM_END, AUDIO_AFTER_END]


@pytest.mark.parametrize("signal", [ActivityStart(), ActivityEnd()])
def test_activity_signals_while_it_is_detected(signal: ActivityStart | ActivityEnd) -> None:
    assert Watched().receive(signal) == [ACTIVITY]


def test_content_in_the_middle_for_a_model_that_takes_only_realtime_text_then() -> None:
    assert Watched(FLASH_31).receive(content()) == [CONTENT]
    assert Watched(FLASH_31).receive(content(complete=False)) == [CONTENT]
    begun = Watched(FLASH_31, historyConfig=HISTORY)
    assert begun.receive(content(complete=False), content(), TypedText("x")) == []
    assert begun.receive(content()) == [CONTENT]
    resumed = Watched(FLASH_31, historyConfig=HISTORY, sessionResumption={"handle": "x"})
    assert resumed.receive(content()) == [CONTENT]


def test_an_answer_to_each_call_is_what_is_wanted() -> None:
    watched = Watched()
    watched.call("a", "b", background=True)
    assert watched.answer("b") == []
    assert watched.answer("a", goes_on=True) == []
    assert watched.answer("a") == []


def test_a_second_answer_after_the_final_one() -> None:
    watched = Watched()
    watched.call("a")
    watched.answer("a")
    assert watched.answer("a") == ["the client answered the call 'a' that was answered already"]


def test_an_answer_without_an_id() -> None:
    watched = Watched()
    watched.call("a")
    assert watched.answer("") == ["the client answered a call without its id"]
    assert watched.answer("a") == []


def test_an_answer_after_the_last_one_also_where_more_were_to_follow() -> None:
    watched = Watched()
    watched.call("a", background=True)
    for _ in range(3):
        assert watched.answer("a", goes_on=True, scheduling="SILENT") == []
    assert watched.answer("a") == []
    assert watched.answer("a", goes_on=True) != []


def test_of_a_blocking_call_the_first_answer_is_the_last() -> None:
    watched = Watched()
    watched.call("a")
    (misused,) = watched.answer("a", goes_on=True)
    assert "with will_continue" in misused
    assert watched.answer("a") == ["the client answered the call 'a' that was answered already"]


def test_a_scheduling_is_told_by_the_model_of_the_setup() -> None:
    low = {"thinkingConfig": {"thinkingLevel": "LOW"}}
    extended = Watched("gemini-3.8-live-extended-thinking", generationConfig=low)
    extended.call("a", background=True)
    (misused,) = extended.answer("a", scheduling="SILENT")
    assert misused.endswith("with a scheduling, which the model does not take")


def test_what_a_script_expects_is_held_against_all_answers_of_a_call_together() -> None:
    call = Call("clock", {}, expect={"time": "10:00", "zone": "UTC"})
    watched = Watched()
    watched.check.called([MadeCall(one, call, background=True) for one in "abc"])
    assert watched.answer("a", goes_on=True, time="10:00") == []
    assert watched.answer("a", goes_on=True, zone="UTC") == []
    assert watched.answer("a") == []
    assert watched.answer("b", goes_on=True, time="10:00", zone="CET") == []
    assert watched.answer("b") == [
        "the client answered the call 'b' with 'zone' as 'CET', where the script expects 'UTC'"
    ]
    watched.cancel("c")
    assert watched.answer("c") == [], "nothing is expected of an answer that crosses"


def test_an_answer_to_a_call_that_was_never_made() -> None:
    assert Watched().answer("x") == ["the client answered the call 'x' that was never made"]


def test_an_answer_to_a_call_that_was_cancelled_unless_they_cross() -> None:
    watched = Watched()
    watched.call("a")
    watched.cancel("a")
    watched.now_s = CROSSING_S
    assert watched.answer("a") == []
    watched.now_s = CROSSING_S + 0.01
    assert watched.answer("a") == ["the client answered the call 'a' that was cancelled"]


def test_a_call_of_an_earlier_connection_is_known_to_the_session() -> None:
    ledger = CallLedger()
    Watched(ledger=ledger).call("a")
    later = Watched(ledger=ledger)
    assert later.answer("a") == []
    assert later.answer("a") != []


def test_what_came_after_a_handle_is_unknown_to_what_it_restores() -> None:
    ledger = CallLedger()
    watched = Watched(ledger=ledger)
    watched.call("a", "b", "c")
    watched.answer("a")
    mark = ledger.mark
    watched.answer("b")
    watched.cancel("c")
    watched.now_s = 10.0
    assert watched.answer("c") != []
    ledger.rewind(mark)
    assert watched.answer("b") == []
    assert watched.answer("c") == []
    assert watched.answer("a") != []


def test_ids_that_a_client_made_up_are_quoted_and_cut() -> None:
    (found,) = Watched().answer("\x1b[31m" + "x" * 10_000)
    assert "\x1b" not in found
    assert len(found) < 200


def test_the_ledger_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CALLS", 2)
    watched = Watched()
    watched.call("a", "b", "c")
    assert watched.answer("a") != [], "forgotten"
    assert watched.answer("b") == []
    assert watched.answer("c") == []
