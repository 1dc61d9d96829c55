"""A conversation outlives its connections: the words that the server got are those that were said.

Each fault strikes in each state. Whatever happens, the conversation that the server's latest
session remembers holds every line once and in order, and the client has kept to the rules.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from coded_speech import words_in
from outliving import SCRIPT, TOOL_LINE, TOOL_WORDS, Talk, hold

from voicecli.errors import ExitCode
from voicecli.live.backoff import MOST_TRIES
from voicecli.live.exchange import SILENT_SERVICE_S
from voicecli.local.faults import Fault, Kind, Moment
from voicecli.talk import events as talk

REPLY = SCRIPT.fallback.say
STATES = {
    "idle": Moment.IDLE,
    "user speaking": Moment.USER_SPEAKING,
    "thinking": Moment.THINKING,
    "speaking": Moment.SPEAKING,
    "tool pending": Moment.TOOL,
}
CELLS = [
    (state, spoken)
    for state in STATES
    for spoken in (True, False)
    if spoken or state != "user speaking"
]
IN_EACH_STATE = pytest.mark.parametrize(
    ("state", "spoken"),
    CELLS,
    ids=[f"{state}, {'spoken' if spoken else 'typed'}" for state, spoken in CELLS],
)

# live-api.md, section 4: what helps, and what it costs the conversation.
GOES_ON = {
    "1007 handle": (1007, "Invalid session handle"),
    "1008 handle": (1008, "BidiGenerateContent session not found"),
    "1008 operation": (1008, "Operation is not implemented, or supported, or enabled."),
    "1011 unavailable": (1011, "The service is currently unavailable."),
    "1011 deadline": (1011, "Deadline expired before operation could complete."),
    "1011 quota": (1011, "You exceeded your current quota, please check your plan"),
    "1000": (1000, ""),
    "1001": (1001, "going away"),
}
STOPS = {
    "1007 key": (1007, "API key not valid. Please pass a valid API key.", ExitCode.CREDENTIALS),
    "1007 argument": (1007, "Request contains an invalid argument.", ExitCode.USAGE),
    "1008 model": (1008, "models/X is not found for API version v1beta", ExitCode.USAGE),
}


def say(talk_now: Talk, line: str, words: tuple[int, ...], *, spoken: bool) -> None:
    if spoken:
        talk_now.speak(*words)
    else:
        talk_now.type(line)


async def three_lines(under_way: Talk, state: str, spoken: bool, fault: Fault) -> None:
    """A line, one in which the fault strikes in `state`, and another one after it."""
    turn = 1 if state == "idle" else 2
    fault = replace(fault, at=STATES[state], turn=turn)
    under_way.strike(fault)
    under_way.holds_tool = True
    say(under_way, "the first line", (11, 12), spoken=spoken)
    await under_way.rest()
    if state == "tool pending":
        say(under_way, TOOL_LINE, TOOL_WORDS, spoken=spoken)
    else:
        say(under_way, "the second line", (21, 22, 23), spoken=spoken)
    await under_way.struck(fault)
    await asyncio.sleep(1.0)
    for call in under_way.tool_calls:
        call.set_result("here")
    under_way.holds_tool = False
    if fault.kind is Kind.STALL:
        await asyncio.sleep(SILENT_SERVICE_S + 5.0)
    await under_way.rest()
    say(under_way, "the third line", (31,), spoken=spoken)
    await under_way.rest()


def held(folder: Path, state: str, spoken: bool, fault: Fault) -> Talk:
    ended = hold(folder, lambda under_way: three_lines(under_way, state, spoken, fault))
    assert ended.heard_by_server() == ended.said
    assert ended.server.violations == ()
    assert ended.view.finals("user") == ended.said
    assert ended.view.finals("model")[-1] == REPLY, "the last line is answered to the end"
    assert ended.exit_code is ExitCode.DONE
    return ended


def reconnected(ended: Talk) -> bool:
    states = [e.state for e in ended.view.events if isinstance(e, talk.StateChanged)]
    return talk.State.RECONNECTING in states


@IN_EACH_STATE
@pytest.mark.parametrize("row", GOES_ON)
def test_a_close_that_can_be_helped_costs_no_word(
    tmp_path: Path, row: str, state: str, spoken: bool
) -> None:
    code, reason = GOES_ON[row]
    ended = held(tmp_path, state, spoken, Fault(Kind.CLOSE, code=code, reason=reason))
    assert reconnected(ended)
    (note,) = [note for note in ended.view.notes() if note.startswith("connected again")]
    assert ("a new session" in note) == row.endswith("handle")


@IN_EACH_STATE
@pytest.mark.parametrize("row", STOPS)
def test_a_close_that_cannot_be_helped_ends_the_conversation_and_says_why(
    tmp_path: Path, row: str, state: str, spoken: bool
) -> None:
    code, reason, exit_code = STOPS[row]

    async def course(under_way: Talk) -> None:
        fault = Fault(Kind.CLOSE, code=code, reason=reason)
        lines = asyncio.create_task(three_lines(under_way, state, spoken, fault))
        await under_way.view.until(lambda: bool(failures(under_way)))
        lines.cancel()

    def failures(under_way: Talk) -> list[talk.Failed]:
        return [event for event in under_way.view.events if isinstance(event, talk.Failed)]

    ended = hold(tmp_path, course)
    assert ended.exit_code is exit_code
    (failed,) = failures(ended)
    assert failed.hint


FAULTS = {
    "reset": Fault(Kind.RESET),
    "drop": Fault(Kind.DROP),
    "stall": Fault(Kind.STALL, for_s=3.0),
    "stall for ever": Fault(Kind.STALL, for_s=0.0),
    "empty": Fault(Kind.EMPTY),
    "garbage": Fault(Kind.GARBAGE),
    "unknown": Fault(Kind.UNKNOWN),
    "large": Fault(Kind.LARGE),
}


@IN_EACH_STATE
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_on_the_way_costs_no_word(
    tmp_path: Path, name: str, state: str, spoken: bool
) -> None:
    held(tmp_path, state, spoken, FAULTS[name])


@IN_EACH_STATE
@pytest.mark.parametrize("time_left_s", [0.0, 7.0, 50.0])
def test_a_service_that_goes_away_is_left_in_time_and_nobody_hears_it(
    tmp_path: Path, time_left_s: float, state: str, spoken: bool
) -> None:
    ended = held(tmp_path, state, spoken, Fault(Kind.GO_AWAY, time_left_s=time_left_s))
    if time_left_s:
        assert not reconnected(ended)
        (note,) = [note for note in ended.view.notes() if note.startswith("moved")]
        assert note == "moved to a new connection: the conversation goes on"


@IN_EACH_STATE
def test_a_handle_that_is_dead_when_the_connection_is_lost_costs_no_word(
    tmp_path: Path, state: str, spoken: bool
) -> None:
    async def course(under_way: Talk) -> None:
        under_way.strike(Fault(Kind.EXPIRE_HANDLES, at=STATES[state], turn=1 + (state != "idle")))
        await three_lines(under_way, state, spoken, Fault(Kind.RESET))

    ended = hold(tmp_path, course)
    assert ended.heard_by_server() == ended.said
    assert ended.server.violations == ()
    assert any("a new session, which was told" in note for note in ended.view.notes())


ODDITIES = {
    "double reply": Fault(Kind.DOUBLE_REPLY),
    "late words": Fault(Kind.LATE_WORDS, for_s=1.0),
    "reordered words": Fault(Kind.REORDER_WORDS),
}


@pytest.mark.parametrize("spoken", [True, False], ids=["spoken", "typed"])
@pytest.mark.parametrize("state", ["user speaking", "thinking", "speaking", "tool pending"])
@pytest.mark.parametrize("name", ODDITIES)
def test_replies_that_come_twice_and_words_that_come_late_change_nothing(
    tmp_path: Path, name: str, state: str, spoken: bool
) -> None:
    if state == "user speaking" and not spoken:
        state = "idle"
    held(tmp_path, state, spoken, ODDITIES[name])


@pytest.mark.parametrize("spoken", [True, False], ids=["spoken", "typed"])
def test_a_call_that_the_service_takes_back_is_stopped_and_never_answered(
    tmp_path: Path, spoken: bool
) -> None:
    ended = held(tmp_path, "tool pending", spoken, Fault(Kind.CANCEL_CALLS))
    (finished,) = [e for e in ended.view.events if isinstance(e, talk.ToolFinished)]
    assert finished.cancelled


IN_A_CALL = {
    "1007 handle": Fault(Kind.CLOSE, code=1007, reason="Invalid session handle"),
    "1011 unavailable": Fault(Kind.CLOSE, code=1011),
    "reset": Fault(Kind.RESET),
    "drop": Fault(Kind.DROP),
    "stall": Fault(Kind.STALL, for_s=3.0),
    "stall for ever": Fault(Kind.STALL, for_s=0.0),
    "go away": Fault(Kind.GO_AWAY, time_left_s=50.0),
}


async def a_call(under_way: Talk, fault: Fault) -> None:
    """A line with a call in which the fault strikes, and that ends a second later."""
    fault = replace(fault, at=Moment.TOOL, turn=2)
    under_way.strike(fault)
    say(under_way, "the first line", (11, 12), spoken=True)
    await under_way.rest()
    say(under_way, TOOL_LINE, TOOL_WORDS, spoken=True)
    await under_way.struck(fault)
    await asyncio.sleep(1.0)


@pytest.mark.parametrize("name", IN_A_CALL)
def test_a_question_outlives_its_connection_and_the_call_is_made_once(
    tmp_path: Path, name: str
) -> None:
    async def course(under_way: Talk) -> None:
        await a_call(under_way, IN_A_CALL[name])
        under_way.allow()
        if name == "stall for ever":
            await asyncio.sleep(SILENT_SERVICE_S + 5.0)
        await under_way.rest()
        say(under_way, "the third line", (31,), spoken=True)
        await under_way.rest()

    ended = hold(tmp_path, course, asks=True)
    assert ended.heard_by_server() == ended.said
    assert ended.server.violations == ()
    events = ended.view.events
    assert len([event for event in events if isinstance(event, talk.ToolAsked)]) == 1
    (finished,) = [event for event in events if isinstance(event, talk.ToolFinished)]
    assert finished.result == "here"
    said = ended.view.finals("model")
    assert len(said) == 3, "also where the call is told in words, which the partner repeats"
    assert said[-1] == REPLY


@pytest.mark.parametrize("name", IN_A_CALL)
def test_a_call_in_the_background_outlives_its_connection_while_both_talk_on(
    tmp_path: Path, name: str
) -> None:
    async def course(under_way: Talk) -> None:
        under_way.holds_tool = True
        await a_call(under_way, IN_A_CALL[name])
        await under_way.rest()
        say(under_way, "in between", (31, 32, 33), spoken=True)
        if name == "stall for ever":  # nothing was owed before
            await asyncio.sleep(SILENT_SERVICE_S + 5.0)
        await under_way.rest()
        assert ended_calls(under_way) == []
        under_way.tool_calls[0].set_result("here")
        await under_way.rest(3.0)
        say(under_way, "the last line", (41,), spoken=True)
        await under_way.rest()

    ended = hold(tmp_path, course, background=True)
    assert ended.heard_by_server() == ended.said
    assert ended.server.violations == ()
    assert [event.result for event in ended_calls(ended)] == ["here"]
    said = ended.view.finals("model")
    assert said[-1] == REPLY
    assert len([words for words in said if "here" in words or words == REPLY]) >= 4


def ended_calls(under_way: Talk) -> list[talk.ToolFinished]:
    return [event for event in under_way.view.events if isinstance(event, talk.ToolFinished)]


def test_a_call_that_the_service_takes_back_while_it_asks_is_never_made(tmp_path: Path) -> None:
    async def course(under_way: Talk) -> None:
        await a_call(under_way, Fault(Kind.CANCEL_CALLS))
        under_way.allow()
        await under_way.rest()

    ended = hold(tmp_path, course, asks=True)
    assert [event.cancelled for event in ended_calls(ended)] == [True]
    assert not [event for event in ended.view.events if isinstance(event, talk.ToolDecided)]
    assert ended.server.violations == ()


def test_a_service_that_goes_away_is_left_in_a_pause_beside_a_call_in_the_background(
    tmp_path: Path,
) -> None:
    async def course(under_way: Talk) -> None:
        under_way.holds_tool = True
        await a_call(under_way, IN_A_CALL["go away"])
        struck_s = under_way.view.events[-1].t_s
        await under_way.view.until(lambda: any("moved" in note for note in under_way.view.notes()))
        assert under_way.view.events[-1].t_s - struck_s < 5.0, "long before the time is over"
        await asyncio.sleep(10.0)
        under_way.tool_calls[0].set_result("here")
        await under_way.rest(3.0)

    ended = hold(tmp_path, course, background=True)
    assert [event.result for event in ended_calls(ended)] == ["here"]
    assert ended.server.violations == ()
    assert not reconnected(ended)


@IN_EACH_STATE
@pytest.mark.parametrize("status", [429, 503])
def test_a_service_that_refuses_for_a_while_is_asked_again(
    tmp_path: Path, status: int, state: str, spoken: bool
) -> None:
    async def course(under_way: Talk) -> None:
        under_way.strike(Fault(Kind.REFUSE, status=status, times=2))
        await three_lines(under_way, state, spoken, Fault(Kind.RESET))

    ended = hold(tmp_path, course)
    assert ended.heard_by_server() == ended.said
    assert ended.server.violations == ()
    reasons = [note for note in ended.view.notes() if "connecting again" in note]
    assert len(reasons) == 2, "the same reason is told once"


@pytest.mark.parametrize("status", [401, 403])
def test_a_service_that_refuses_the_key_on_the_way_back_ends_the_conversation(
    tmp_path: Path, status: int
) -> None:
    async def course(under_way: Talk) -> None:
        under_way.strike(Fault(Kind.REFUSE, status=status))
        under_way.strike(Fault(Kind.RESET, at=Moment.THINKING))
        under_way.type("hello")
        await under_way.view.until(lambda: isinstance(under_way.view.events[-1], talk.Ended))

    assert hold(tmp_path, course).exit_code is ExitCode.CREDENTIALS


def test_a_server_that_accepts_and_drops_for_ever_is_given_up_after_some_tries(
    tmp_path: Path,
) -> None:
    async def course(under_way: Talk) -> None:
        under_way.strike(Fault(Kind.DROP, times=0))
        under_way.strike(Fault(Kind.RESET, at=Moment.THINKING))
        under_way.type("hello")
        await under_way.view.until(lambda: isinstance(under_way.view.events[-1], talk.Ended))

    ended = hold(tmp_path, course)
    assert ended.exit_code is ExitCode.NETWORK
    assert ended.connections == MOST_TRIES + 1
    whole_s = ended.view.events[-1].t_s
    assert 20.0 < whole_s < 60.0, "each try waits longer than the one before"


def test_a_setup_that_is_slow_or_closed_on_the_way_back_is_waited_for_and_tried_again(
    tmp_path: Path,
) -> None:
    async def course(under_way: Talk) -> None:
        under_way.strike(Fault(Kind.SLOW_SETUP, for_s=3.0))
        under_way.strike(Fault(Kind.CLOSE, at=Moment.SETUP, code=1011))
        await three_lines(under_way, "user speaking", True, Fault(Kind.RESET))

    ended = hold(tmp_path, course)
    assert ended.heard_by_server() == ended.said
    assert ended.server.violations == ()


def test_what_is_said_and_typed_without_a_connection_arrives_in_its_order(tmp_path: Path) -> None:
    async def course(under_way: Talk) -> None:
        under_way.strike(Fault(Kind.REFUSE, times=5))
        under_way.strike(Fault(Kind.RESET, at=Moment.IDLE, turn=1))
        under_way.type("the first line")
        await under_way.view.until(lambda: reconnected(under_way))
        under_way.speak(1, 2, 3)
        await asyncio.sleep(1.5)
        under_way.type("in between")
        under_way.speak(4, 5, 6)
        await under_way.rest()

    ended = hold(tmp_path, course)
    assert " ".join(ended.heard_by_server()) == " ".join(ended.said)
    assert ended.server.violations == ()
    assert not [note for note in ended.view.notes() if "could not be kept" in note]


def test_of_a_speech_of_a_minute_without_a_connection_the_last_half_is_kept_and_that_is_told(
    tmp_path: Path,
) -> None:
    words = tuple(range(1, 560))

    async def course(under_way: Talk) -> None:
        under_way.strike(Fault(Kind.SLOW_SETUP, for_s=15.0, times=0))
        under_way.strike(Fault(Kind.CLOSE, at=Moment.SETUP, times=4))
        under_way.strike(Fault(Kind.RESET, at=Moment.IDLE, turn=1))
        under_way.type("the first line")
        await under_way.view.until(lambda: reconnected(under_way))
        under_way.speak(*words)
        await under_way.rest(20.0)

    ended = hold(tmp_path, course)
    kept = words_in(ended.heard_by_server()[-1])
    assert kept[-1] == words[-1]
    assert kept[1:] == list(range(kept[1], words[-1] + 1)), "the first one may be cut"
    assert 25.0 < len(kept) * 0.106 < 31.0
    (warning,) = [note for note in ended.view.notes() if "could not be kept" in note]
    lost_s = float(warning.split()[0])
    assert lost_s == pytest.approx((len(words) - len(kept)) * 0.106, abs=2.0)


def test_a_tap_to_talk_outlives_a_connection_too(tmp_path: Path) -> None:
    async def course(under_way: Talk) -> None:
        under_way.strike(Fault(Kind.RESET, at=Moment.USER_SPEAKING))
        controls = under_way.conversation.controls
        controls.toggle_talking()
        under_way.speak(1, 2, 3, 4, 5)
        await asyncio.sleep(3.0)
        controls.toggle_talking()
        await under_way.rest()

    ended = hold(tmp_path, course, tapped=True)
    assert reconnected(ended)
    assert ended.heard_by_server() == ended.said
    assert ended.server.violations == ()


@pytest.mark.parametrize(
    "model",
    ["gemini-3.1-flash-live-preview", "gemini-2.5-flash-native-audio-preview-12-2025"],
)
@pytest.mark.parametrize("state", ["thinking", "speaking", "tool pending"])
def test_other_models_are_told_in_their_own_way(tmp_path: Path, model: str, state: str) -> None:
    async def course(under_way: Talk) -> None:
        await three_lines(under_way, state, True, Fault(Kind.RESET))

    ended = hold(tmp_path, course, model=model)
    assert ended.heard_by_server() == ended.said
    assert ended.server.violations == ()


def test_a_machine_that_has_slept_goes_on_over_a_new_connection(tmp_path: Path) -> None:
    async def course(under_way: Talk) -> None:
        under_way.type("the first line")
        await under_way.rest()
        under_way.wall.ahead_s += 3_600.0
        await under_way.view.until(lambda: reconnected(under_way))
        under_way.type("the second line")
        await under_way.rest()

    ended = hold(tmp_path, course)
    assert ended.heard_by_server() == ended.said
    assert any("the machine has slept" in note for note in ended.view.notes())


def test_odd_messages_are_counted_and_told_in_the_end(tmp_path: Path) -> None:
    ended = held(tmp_path, "speaking", True, Fault(Kind.GARBAGE))
    last = ended.view.events[-1]
    assert isinstance(last, talk.Ended)
    assert last.oddities["message that is not understood"] >= 1
    assert any("not known here" in note for note in ended.view.notes())
