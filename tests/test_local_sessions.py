"""Handles carry a session over: known ones resume it, others are refused as the service does."""

from __future__ import annotations

import uuid
import weakref

import pytest

from voicecli.local.client_frames import Said, ToolAnswer
from voicecli.local.models import Model, find_model
from voicecli.local.refusal import INVALID_ARGUMENT, Refusal
from voicecli.local.script import Call
from voicecli.local.sessions import (
    HANDLE_LIFETIME_S,
    MAX_HANDLES,
    MAX_SESSIONS,
    SecondConnection,
    Session,
    Sessions,
)
from voicecli.local.tool_calls import MadeCall
from voicecli.local.tool_check import Tools
from voicecli.local.violations import Violation


def model(name: str = "gemini-3.8-live") -> Model:
    found = find_model(name)
    assert found is not None
    return found


LIVE = model()


class Line:
    """A connection's socket, as far as a session looks at it."""

    def __init__(self) -> None:
        self.is_up = True

    def is_open(self) -> bool:
        return self.is_up


def begun() -> tuple[Sessions, Session, Line]:
    sessions, line = Sessions(), Line()
    return sessions, sessions.begin(LIVE, line.is_open), line


def texts(session: Session) -> list[str]:
    return [said.text for said in session.memory.said]


def test_each_handle_leads_to_the_session_as_it_was_then() -> None:
    sessions, session, line = begun()
    handles = []
    for text in ("one", "two", "three"):
        session.memory.remember("user", text)
        handles.append(sessions.new_handle(session, session.memory))
    line.is_up = False
    assert len(set(handles)) == 3
    for count in (2, 1, 3):
        resumed = sessions.resume(handles[count - 1], LIVE, 0.0, lambda: False)
        assert resumed is session
        assert texts(session) == ["one", "two", "three"][:count]


def test_what_is_no_handle_is_refused_as_invalid() -> None:
    with pytest.raises(Refusal) as refused:
        Sessions().resume("H1", LIVE, 0.0, lambda: True)
    assert (refused.value.code, refused.value.reason) == (1007, "Invalid session handle")


def test_a_handle_that_was_never_given_out_is_not_found() -> None:
    with pytest.raises(Refusal) as refused:
        Sessions().resume(str(uuid.uuid4()), LIVE, 0.0, lambda: True)
    assert refused.value.code == 1008
    assert refused.value.reason == "BidiGenerateContent session not found"


def test_a_handle_outlives_its_session_by_two_hours() -> None:
    sessions, session, line = begun()
    handle = sessions.new_handle(session, session.memory)
    session.leave(session.memory, 100.0)
    sessions.resume(handle, LIVE, 100.0 + HANDLE_LIFETIME_S, line.is_open)
    assert session.connected, "it lives again"
    session.leave(session.memory, 100.0)
    with pytest.raises(Refusal):
        sessions.resume(handle, LIVE, 101.0 + HANDLE_LIFETIME_S, line.is_open)


def test_a_session_takes_no_second_connection_whichever_handle_it_brings() -> None:
    sessions, session, line = begun()
    handles = [sessions.new_handle(session, session.memory) for _ in range(2)]
    for handle in handles:
        with pytest.raises(SecondConnection) as refused:
            sessions.resume(handle, LIVE, 0.0, lambda: True)
        assert refused.value.code == 1011
    session.leave(session.memory, 1.0)
    sessions.resume(handles[0], LIVE, 2.0, line.is_open)
    with pytest.raises(SecondConnection):
        sessions.resume(handles[1], LIVE, 3.0, lambda: True)


def test_a_connection_whose_socket_has_closed_is_no_first_one() -> None:
    sessions, session, line = begun()
    handle = sessions.new_handle(session, session.memory)
    old_memory = session.memory
    line.is_up = False
    sessions.resume(handle, LIVE, 0.0, lambda: True)
    session.leave(old_memory, 1.0)
    assert session.connected, "the old one's end is not the new one's"


def test_a_session_that_was_left_does_not_keep_what_its_connection_held() -> None:
    _, session, line = begun()
    held = weakref.ref(line)
    session.leave(session.memory, 1.0)
    del line
    assert held() is None
    assert not session.connected


def test_a_session_keeps_its_model_and_a_refusal_leaves_it_to_be_resumed() -> None:
    sessions, session, line = begun()
    handle = sessions.new_handle(session, session.memory)
    line.is_up = False
    with pytest.raises(Refusal) as refused:
        sessions.resume(handle, model("gemini-3.1-flash-live-preview"), 0.0, lambda: True)
    assert (refused.value.code, refused.value.reason) == (1007, INVALID_ARGUMENT)
    assert sessions.resume(handle, LIVE, 0.0, lambda: True) is session


def test_the_oldest_handles_are_forgotten_first() -> None:
    sessions, session, line = begun()
    first, second, *_ = [
        sessions.new_handle(session, session.memory) for _ in range(MAX_HANDLES + 1)
    ]
    line.is_up = False
    assert sessions.resume(second, LIVE, 0.0, lambda: False) is session
    with pytest.raises(Refusal):
        sessions.resume(first, LIVE, 0.0, lambda: False)


@pytest.mark.parametrize(
    ("as_invalid", "code", "reason"),
    [
        (False, 1008, "BidiGenerateContent session not found"),
        (True, 1007, "Invalid session handle"),
    ],
)
def test_handles_that_expire_are_dead_and_later_ones_are_good(
    as_invalid: bool, code: int, reason: str
) -> None:
    sessions, session, line = begun()
    dead = sessions.new_handle(session, session.memory)
    sessions.expire(as_invalid=as_invalid)
    good = sessions.new_handle(session, session.memory)
    line.is_up = False
    with pytest.raises(Refusal) as refused:
        sessions.resume(dead, LIVE, 0.0, lambda: True)
    assert (refused.value.code, refused.value.reason) == (code, reason)
    assert sessions.resume(good, LIVE, 0.0, lambda: True) is session


def test_calls_that_were_answered_after_the_handle_may_be_answered_again() -> None:
    sessions, session, line = begun()
    for call_id in "ab":
        session.calls.asked(MadeCall(call_id, Call("clock", {})))
    answers = ToolAnswer("a", "", {}), ToolAnswer("b", "", {})

    def found(answer: ToolAnswer) -> list[Violation]:
        return list(session.calls.answered(answer, 0.0, 0.0, schedules=True))

    assert not found(answers[0])
    handle = sessions.new_handle(session, session.memory)
    assert not found(answers[1])
    line.is_up = False
    sessions.resume(handle, LIVE, 0.0, lambda: True)
    assert found(answers[0])
    assert not found(answers[1])


def test_conversations_are_what_each_session_remembers_at_its_latest() -> None:
    sessions, session, line = begun()
    other = sessions.begin(LIVE, lambda: True)
    handle = sessions.new_handle(session, session.memory)
    session.memory.remember("user", "lost")
    other.memory.remember("model", "other")
    line.is_up = False
    sessions.resume(handle, LIVE, 0.0, lambda: True).memory.remember("user", "kept")
    assert sessions.conversations == ((Said("user", "kept"),), (Said("model", "other"),))


def test_no_more_sessions_are_kept_than_anyone_looks_at() -> None:
    sessions = Sessions()
    for _ in range(MAX_SESSIONS + 10):
        sessions.begin(LIVE, lambda: False)
    assert len(sessions.conversations) == MAX_SESSIONS


def test_the_tools_of_each_session_are_those_of_its_latest_connection() -> None:
    sessions, session, line = begun()
    sessions.begin(LIVE, lambda: True)
    session.memory.tools = Tools({"clock": "BLOCKING"})
    handle = sessions.new_handle(session, session.memory)
    assert sessions.tools == (Tools({"clock": "BLOCKING"}), Tools())
    line.is_up = False
    sessions.resume(handle, LIVE, 0.0, lambda: True)
    assert sessions.tools == (Tools(), Tools()), "the setup that resumes it brings its own"
