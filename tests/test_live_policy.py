"""The thread of a session: what the next connection is asked for, told and sent, decided purely."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.errors import NetworkError, QuotaError, UsageError, VoicecliError
from voicecli.live import events as ev
from voicecli.live import outgoing
from voicecli.live.backoff import FIRST_DELAY_S, MOST_TRIES
from voicecli.live.exchange import MOST_ALARMS, SILENT_SERVICE_S
from voicecli.live.failures import Cure, Verdict
from voicecli.live.history import Resume, Said
from voicecli.live.items import Item, Offer, Signal, Sound, ToolResult, Typed
from voicecli.live.models import DEFAULT_MODEL
from voicecli.live.outbox import KEPT_SOUND_BYTES
from voicecli.live.policy import SessionPolicy
from voicecli.live.setup import Dial, FunctionDeclaration, Setup

FLASH_31 = "gemini-3.1-flash-live-preview"
EXTENDED = "gemini-3.8-live-extended-thinking"
SETUP = Setup(DEFAULT_MODEL)
TIMER = FunctionDeclaration("timer", "waits", {"type": "object"}, background=True)
TIMER_CALL = ev.FunctionCall("f1", "timer", {"seconds": 3_600})
LAST = ToolResult("f1", "timer", {}, scheduling="SILENT")
SOUND = ev.AudioChunk(b"\0\0", 24_000)
END = ev.TurnComplete()
LOST = Verdict(Cure.RECONNECT, NetworkError("lost"))
DEAD_HANDLE = Verdict(Cure.FORGET_HANDLE, NetworkError("session not found"))
REFUSED = Verdict(Cure.STOP, UsageError("refused"), blames_setup=True)


def handle(name: str) -> ev.ResumptionUpdate:
    return ev.ResumptionUpdate(name, resumable=True)


class Past:
    """A conversation of lines that are numbered; the test says which were answered."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.told = 0
        self.open_calls = frozenset[str]()

    def mark(self) -> int:
        return self.told

    def since(
        self, mark: int, *, open_calls: frozenset[str], speech_again: bool
    ) -> tuple[Said, ...]:
        self.open_calls = open_calls
        return tuple(Said("user", line) for line in self.lines[mark : self.told])

    def answered(self) -> None:
        self.told = len(self.lines)


def policy(model: str = DEFAULT_MODEL, resume: Resume | None = None) -> SessionPolicy:
    made = SessionPolicy(Setup(model), resume, lambda: 1.0)
    made.past = Past()
    made.connected(0.0)
    return made


def says(made: SessionPolicy, *lines: str) -> None:
    assert isinstance(made.past, Past)
    for line in lines:
        made.past.lines.append(line)
        made.queue(Typed(line))
        made.outbox.take()
        made.passed([Typed(line)], 0.0)


def hears(made: SessionPolicy, *events: ev.LiveEvent) -> None:
    for event in events:
        made.hear(event, 0.0)


def told(turns: Iterable[Said]) -> list[str]:
    return [said.text for said in turns]


def test_the_newest_handle_carries_the_session_on_and_nothing_has_to_be_told() -> None:
    made = policy()
    hears(made, handle("h1"))
    says(made, "one")
    hears(made, SOUND, END, handle("h2"), ev.ResumptionUpdate("", resumable=False))
    assert not made.resumable
    made.lost(planned=False)
    assert made.dial() == Dial("h2")
    assert made.connected(1.0) == ()


def test_what_was_answered_after_the_handle_is_told_and_what_was_not_is_sent_again() -> None:
    made = policy()
    hears(made, handle("h1"))
    says(made, "one")
    hears(made, SOUND)
    says(made, "two")
    made.lost(planned=False)
    assert made.dial() == Dial("h1"), "the history of a resumed session is not in its setup"
    assert told(made.connected(1.0)) == ["one"]
    assert made.outbox.take() == [Typed("two")]


def test_without_a_handle_all_is_told_at_the_start() -> None:
    made = policy()
    says(made, "one")
    hears(made, SOUND, END)
    made.lost(planned=False)
    assert made.dial() == Dial(None, tells_history=True)
    assert told(made.connected(1.0)) == ["one"]


def test_a_dead_handle_means_a_new_session_that_is_told_all() -> None:
    made = policy()
    hears(made, handle("h1"))
    says(made, "one")
    hears(made, SOUND, END, handle("h2"))
    made.lost(planned=False)
    assert made.delay_s(DEAD_HANDLE, 0.0) == FIRST_DELAY_S
    assert made.dial() == Dial(None, tells_history=True)
    assert told(made.connected(1.0)) == ["one"]


def test_a_handle_that_comes_before_the_service_has_answered_what_it_was_told_is_no_good() -> None:
    made = policy()
    says(made, "one")
    hears(made, SOUND, END)
    made.lost(planned=False)
    made.connected(1.0)
    hears(made, handle("before it has read the history"))
    made.lost(planned=False)
    assert made.dial() == Dial(None, tells_history=True)
    made.connected(2.0)
    says(made, "two")
    hears(made, SOUND, END, handle("h1"))
    made.lost(planned=False)
    assert made.dial() == Dial("h1")
    assert made.connected(3.0) == ()


def test_a_model_that_takes_nothing_in_the_middle_gets_a_new_session() -> None:
    made = policy(FLASH_31)
    hears(made, handle("h1"))
    says(made, "one")
    made.lost(planned=False)
    assert made.dial() == Dial("h1"), "all there is can be sent again"
    made.connected(1.0)
    made.outbox.take()
    made.passed([Typed("one")], 1.0)
    hears(made, SOUND)
    made.lost(planned=False)
    assert made.dial() == Dial(None, tells_history=True)
    assert told(made.connected(1.0)) == ["one"]


def test_an_earlier_conversation_is_resumed_by_its_handle_or_else_told() -> None:
    earlier = (Said("user", "long ago"),)
    made = SessionPolicy(SETUP, Resume("h0", earlier), lambda: 1.0)
    assert made.dial() == Dial("h0")
    assert made.eases_resuming(DEAD_HANDLE)
    assert made.dial() == Dial(None, tells_history=True)
    assert made.connected(0.0) == earlier
    assert not made.eases_resuming(LOST)


def test_a_service_that_takes_no_history_in_its_setup_is_told_after_it() -> None:
    made = SessionPolicy(SETUP, Resume(None, (Said("user", "long ago"),)), lambda: 1.0)
    assert made.dial().tells_history
    assert made.eases_resuming(REFUSED)
    assert made.dial() == Dial(None, tells_history=False)
    assert told(made.connected(0.0)) == ["long ago"]
    assert not made.eases_resuming(REFUSED), "there is nothing less to ask for"


def test_a_refused_history_does_not_end_a_conversation_and_another_refusal_does() -> None:
    made = policy()
    says(made, "one")
    hears(made, SOUND, END)
    made.lost(planned=False)
    made.dial()
    assert made.delay_s(REFUSED, 0.0) > 0
    assert not made.dial().tells_history
    with pytest.raises(UsageError):
        made.delay_s(REFUSED, 0.0)


@pytest.mark.parametrize(
    ("cure", "error", "tries"),
    [
        (Cure.STOP, UsageError("no"), 0),
        (Cure.RECONNECT, NetworkError("no"), MOST_TRIES),
        (Cure.RECONNECT_BRIEFLY, QuotaError("no"), 3),
        (Cure.FORGET_HANDLE, NetworkError("no"), MOST_TRIES),
    ],
)
def test_each_cure_is_tried_so_often(cure: Cure, error: VoicecliError, tries: int) -> None:
    made, verdict = policy(), Verdict(cure, error)
    assert all(made.delay_s(verdict, 0.0) > 0 for _ in range(tries))
    with pytest.raises(type(error)):
        made.delay_s(verdict, 0.0)


def test_the_result_of_a_call_that_the_handle_knows_is_a_tool_response() -> None:
    made = policy()
    hears(made, ev.FunctionCall("f1", "now", {}), END, handle("h1"))
    made.lost(planned=False)
    made.connected(1.0)
    made.queue(ToolResult("f1", "now", {}))
    items = made.outbox.take()
    assert made.message(items).__qualname__.startswith("tool_result")


def test_the_result_of_a_call_that_is_forgotten_is_told_as_words() -> None:
    made = policy()
    hears(made, handle("h1"), ev.FunctionCall("f1", "now", {}))
    made.lost(planned=False)
    made.connected(1.0)
    assert isinstance(made.past, Past)
    assert made.past.open_calls == {"f1"}, "it is not told before it has an end"
    made.queue(ToolResult("f1", "now", {}))
    items = made.outbox.take()
    assert made.message(items).__qualname__.startswith("typed")


def test_a_result_whose_call_is_cancelled_without_a_connection_is_never_sent() -> None:
    made = policy()
    hears(made, ev.FunctionCall("f1", "now", {}))
    made.queue(ToolResult("f1", "now", {}))
    hears(made, ev.FunctionCallsCancelled(("f1",)))
    assert made.outbox.take() == []


@pytest.mark.parametrize(
    ("item", "form"),
    [
        (Sound(b"\0\0"), "sound"),
        (Signal.ACTIVITY_START, "signal"),
        (Typed("hi"), "typed"),
        (ToolResult("f1", "now", {}), "tool_result"),
    ],
)
def test_each_item_has_its_message(item: Item, form: str) -> None:
    made = policy()
    made.queue(item)
    assert made.message(made.outbox.take()).__qualname__.startswith(form)


def test_silence_is_told_once_for_each_time_and_not_while_a_function_works() -> None:
    made = policy()
    says(made, "one")
    hears(made, ev.FunctionCall("f1", "now", {}))
    assert not made.silent(300.0)
    made.queue(ToolResult("f1", "now", {}))
    made.passed(made.outbox.take(), 0.0)
    assert made.silent(SILENT_SERVICE_S)
    made.connected(SILENT_SERVICE_S)
    assert not made.silent(SILENT_SERVICE_S + 1)


def test_a_tap_that_ends_a_turn_is_waited_for_too() -> None:
    made = policy()
    for item in (Signal.ACTIVITY_START, Sound(b"\0\0"), Signal.ACTIVITY_END):
        made.queue(item)
        made.passed(made.outbox.take(), 0.0)
    assert made.silent(SILENT_SERVICE_S)


@pytest.mark.parametrize(("lost_bytes", "told_s"), [(1_000, 0.0), (32_000, 1.0)])
def test_a_loss_is_told_unless_nobody_notices_it(lost_bytes: int, told_s: float) -> None:
    made = policy()
    made.queue(Sound(bytes(lost_bytes), loud=True))
    made.queue(Sound(bytes(KEPT_SOUND_BYTES), loud=True))
    assert made.take_lost_s() == told_s
    assert made.take_lost_s() == 0.0


def test_oddities_are_counted_by_kind() -> None:
    made = policy()
    hears(made, ev.Unrecognised("a"), ev.Unrecognised("b"), ev.Unrecognised("a"))
    assert made.oddities == {"a": 2, "b": 1}


def test_a_planned_move_in_a_pause_takes_no_noise_along_and_a_lost_connection_no_lines_less() -> (
    None
):
    for planned, again in ((True, False), (False, True)):
        made = policy()
        for loud in (True, False, False, False, False, False, False):
            made.queue(Sound(bytes(3_200), loud))
            made.passed(made.outbox.take(), 0.0)
        made.lost(planned=planned)
        assert bool(made.outbox) == again


def test_speech_under_way_is_taken_along_whatever_the_reason() -> None:
    made = policy()
    made.queue(Sound(bytes(32_000), loud=True))
    made.passed(made.outbox.take(), 0.0)
    assert made.lost(planned=True)
    assert made.outbox.take() == [Sound(bytes(32_000), loud=True)]


def test_a_refusal_in_the_midst_of_a_session_says_nothing_of_its_history() -> None:
    made = policy()
    says(made, "one")
    hears(made, SOUND, END)
    made.lost(planned=False)
    assert made.dial().tells_history
    made.connected(0.0)
    refused_operation = Verdict(Cure.RECONNECT, NetworkError("operation"), blames_setup=True)
    made.lost(planned=False)
    made.delay_s(refused_operation, 1.0)
    assert made.dial().tells_history


def test_what_was_heard_and_never_heeded_is_let_go_in_the_end() -> None:
    made = policy()
    for loud in (True, False):
        made.queue(Sound(bytes(32_000), loud))
        made.passed(made.outbox.take(), 0.0)
    for now_s in range(120):
        made.silent(float(now_s))
    made.lost(planned=False)
    assert made.outbox.take() == []


def test_a_handle_stands_for_a_call_of_an_hour_and_for_those_of_its_results_that_it_knows() -> None:
    made = policy_with_timer()
    hears(made, TIMER_CALL, END, handle("h1"))
    for number in range(3):
        answers(made, number)
        hears(made, SOUND, END)
    hears(made, handle("h2"))
    answers(made, 3)
    hears(made, SOUND, END)
    made.lost(planned=True)
    assert made.dial() == Dial("h2")
    made.connected(1.0)
    assert sent_again(made) == [partial(3)], "the others are in the handle"
    assert made.message([partial(3)]).__qualname__.startswith("tool_result")


def test_a_session_that_has_forgotten_a_call_is_told_its_results_as_words() -> None:
    made = policy_with_timer()
    hears(made, TIMER_CALL, END)
    answers(made, 1)
    made.lost(planned=False)
    made.dial()
    made.connected(1.0)
    assert made.message([partial(1)]).__qualname__.startswith("typed")
    assert made.message([replace(partial(1), scheduling="SILENT")]).__qualname__.startswith(
        "content"
    ), "it is not to be answered"
    assert made.message([LAST]) is outgoing.nothing
    hears(made, handle("h1"))
    made.lost(planned=False)
    made.connected(2.0)
    assert made.message([partial(2)]).__qualname__.startswith("typed"), "the handle knows no call"


def test_the_last_word_of_a_call_ends_it() -> None:
    made = policy_with_timer()
    hears(made, TIMER_CALL, END)
    answers(made, 1)
    assert isinstance(made.past, Past)
    made.lost(planned=False)
    made.connected(1.0)
    assert made.past.open_calls == {"f1"}
    sent_again(made)
    made.queue(LAST)
    made.passed(made.outbox.take(), 1.0)
    hears(made, SOUND, END)
    made.lost(planned=False)
    made.connected(2.0)
    assert made.past.open_calls == frozenset()


def test_a_timer_that_runs_for_ten_minutes_leaves_the_service_no_less_watched() -> None:
    made = policy_with_timer()
    hears(made, TIMER_CALL, END)
    assert not made.silent(600.0)
    made.queue(Typed("are you there?"))
    made.passed(made.outbox.take(), 600.0)
    assert not made.silent(600.0 + SILENT_SERVICE_S - 1)
    assert made.silent(600.0 + SILENT_SERVICE_S)


@pytest.mark.parametrize(
    ("scheduling", "owed"),
    [("SILENT", False), ("WHEN_IDLE", True), ("INTERRUPT", True), (None, True)],
)
def test_a_result_is_owed_an_answer_unless_it_is_silent(scheduling: str | None, owed: bool) -> None:
    made = policy_with_timer()
    hears(made, TIMER_CALL, END)
    made.queue(ToolResult("f1", "timer", {"result": "done"}, scheduling=scheduling))
    made.passed(made.outbox.take(), 100.0)
    assert not made.silent(100.0 + SILENT_SERVICE_S - 1)
    assert made.silent(100.0 + SILENT_SERVICE_S) is owed


def test_a_result_in_the_middle_of_a_reply_is_owed_another_unless_it_interrupts() -> None:
    for scheduling, owed in (("WHEN_IDLE", True), ("INTERRUPT", False)):
        made = policy_with_timer()
        hears(made, SOUND, TIMER_CALL)
        made.queue(ToolResult("f1", "timer", {"result": "done"}, scheduling=scheduling))
        made.passed(made.outbox.take(), 0.0)
        hears(made, SOUND, END)
        assert made.silent(SILENT_SERVICE_S) is owed


def test_a_scheduling_that_the_model_does_not_take_changes_nothing() -> None:
    made = policy(EXTENDED)
    hears(made, SOUND, ev.FunctionCall("f1", "any", {}))
    made.queue(ToolResult("f1", "any", {"result": 1}, scheduling="INTERRUPT"))
    made.passed(made.outbox.take(), 0.0)
    hears(made, SOUND, END)
    assert made.silent(SILENT_SERVICE_S), "it waits for the pause"


def test_a_result_for_a_call_that_is_waited_for_is_answered_however_it_is_scheduled() -> None:
    made = policy()
    hears(made, ev.FunctionCall("f1", "now", {}))
    made.queue(ToolResult("f1", "now", {"result": 1}, scheduling="SILENT"))
    made.passed(made.outbox.take(), 0.0)
    assert made.silent(SILENT_SERVICE_S)


def test_a_function_that_streams_gives_a_silent_service_no_new_chances() -> None:
    made = policy_with_timer()
    hears(made, TIMER_CALL, END)
    for number in range(MOST_ALARMS):
        answers(made, number)
        assert made.silent(SILENT_SERVICE_S)
    answers(made, MOST_ALARMS)
    assert not made.silent(300.0)


def test_while_the_user_talks_by_the_tap_no_result_is_waited_for() -> None:
    made = policy_with_timer()
    hears(made, TIMER_CALL, END)
    answers(made, 1)
    made.queue(Signal.ACTIVITY_START)
    made.passed(made.outbox.take(), 0.0)
    assert not made.silent(300.0)


def test_a_result_is_owed_no_answer_while_calls_of_its_message_are_at_work() -> None:
    made = policy_with_timer()
    hears(made, TIMER_CALL, ev.FunctionCall("f2", "now", {}), END)
    made.queue(ToolResult("f2", "now", {"result": 1}))
    made.passed(made.outbox.take(), 0.0)
    assert not made.silent(300.0)
    made.queue(ToolResult("f1", "timer", {"result": "done"}))
    made.passed(made.outbox.take(), 300.0)
    assert made.silent(300.0 + SILENT_SERVICE_S)


def test_an_offer_is_told_in_order_and_owed_nothing() -> None:
    made = policy()
    made.dial()
    made.queue(Typed("one"))
    assert made.offer((TIMER,))
    assert made.outbox.take() == [Typed("one")]
    made.passed([Typed("one")], 0.0)
    hears(made, SOUND, END)
    assert made.outbox.take() == [Offer()]
    assert made.message([Offer()]).__qualname__.startswith("tools")
    made.passed([Offer()], 0.0)
    assert not made.silent(300.0)
    assert made.eases_update(REFUSED)
    assert not made.eases_update(LOST), "the network has nothing to do with it"


def test_an_offer_that_waits_when_a_connection_is_made_is_in_its_setup() -> None:
    made = policy()
    made.dial()
    made.offer((TIMER,))
    made.lost(planned=False)
    made.dial()
    assert made.outbox.take() == []
    assert made.setups.current.functions == (TIMER,)


PARTIALS = st.lists(st.sampled_from(["partial", "reply", "handle", "lose"]), max_size=30)


@given(PARTIALS)
def test_no_result_is_told_twice_to_a_connection_that_knows_it_and_none_is_left_out(
    steps: list[str],
) -> None:
    made = policy_with_timer()
    hears(made, TIMER_CALL, END, handle("h1"))
    known: list[int] = []  # to the service, by this connection
    in_handle: list[int] = []
    number = 0
    for step in steps:
        match step:
            case "partial":
                answers(made, number)
                known.append(number)
                number += 1
            case "reply":
                hears(made, SOUND, END)
            case "handle":
                hears(made, handle("h2"))
                in_handle = list(known)
            case _:
                made.lost(planned=False)
                made.dial()
                made.connected(0.0)
                again = sent_again(made)
                known = in_handle + [int(str(item.response["result"])) for item in again]
        assert known == list(range(number))


def policy_with_timer() -> SessionPolicy:
    made = policy()
    made.setups.dialling()
    made.setups.offer((TIMER,))
    made.setups.tools_told()
    return made


def partial(number: int) -> ToolResult:
    return ToolResult("f1", "timer", {"result": number}, continues=True)


def answers(made: SessionPolicy, number: int) -> None:
    made.queue(partial(number))
    made.passed(made.outbox.take(), 0.0)


def sent_again(made: SessionPolicy) -> list[ToolResult]:
    """Send what waits, and return it."""
    found: list[ToolResult] = []
    while items := made.outbox.take():
        found += [item for item in items if isinstance(item, ToolResult)]
        made.passed(items, 0.0)
    return found
