"""Handles carry a session over: known ones resume it, others are refused as the service does."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.local import memory as module
from voicecli.local.client_frames import Said
from voicecli.local.memory import (
    HANDLE_LIFETIME_S,
    MAX_CHARACTERS,
    MAX_HANDLES,
    MAX_REPEATED_CHARACTERS,
    Memory,
    Sessions,
    Unanswered,
)
from voicecli.local.refusal import INVALID_ARGUMENT, Refusal

LIVE = "gemini-3.8-live"


def test_every_handle_of_a_session_leads_to_what_it_remembers() -> None:
    sessions, memory = Sessions(), Memory(LIVE)
    handles = [sessions.new_handle(memory) for _ in range(3)]
    assert len(set(handles)) == 3
    memory.remember("user", "hello")
    for handle in handles:
        memory.ended_s = 0.0
        assert list(sessions.resume(handle, LIVE, 0.0).said) == [Said("user", "hello")]


def test_what_is_no_handle_is_refused_as_invalid() -> None:
    with pytest.raises(Refusal) as refused:
        Sessions().resume("H1", LIVE, 0.0)
    assert (refused.value.code, refused.value.reason) == (1007, "Invalid session handle")


def test_a_handle_that_was_never_given_out_is_not_found() -> None:
    with pytest.raises(Refusal) as refused:
        Sessions().resume(str(uuid.uuid4()), LIVE, 0.0)
    assert refused.value.code == 1008
    assert refused.value.reason == "BidiGenerateContent session not found"


def test_a_handle_outlives_its_session_by_two_hours() -> None:
    sessions, memory = Sessions(), Memory(LIVE)
    handle = sessions.new_handle(memory)
    memory.ended_s = 100.0
    assert sessions.resume(handle, LIVE, 100.0 + HANDLE_LIFETIME_S) is memory
    assert memory.ended_s is None, "it lives again"
    memory.ended_s = 100.0
    with pytest.raises(Refusal):
        sessions.resume(handle, LIVE, 101.0 + HANDLE_LIFETIME_S)


def test_a_session_that_still_has_a_connection_takes_no_second_one() -> None:
    sessions, memory = Sessions(), Memory(LIVE)
    handle = sessions.new_handle(memory)
    with pytest.raises(Refusal) as refused:
        sessions.resume(handle, LIVE, 0.0)
    assert refused.value.code == 1011
    memory.ended_s = 1.0
    assert sessions.resume(handle, LIVE, 2.0) is memory
    with pytest.raises(Refusal):
        sessions.resume(handle, LIVE, 3.0)


def test_a_session_keeps_its_model_and_a_refusal_leaves_it_to_be_resumed() -> None:
    sessions, memory = Sessions(), Memory(LIVE)
    handle = sessions.new_handle(memory)
    memory.ended_s = 0.0
    with pytest.raises(Refusal) as refused:
        sessions.resume(handle, "gemini-3.1-flash-live-preview", 0.0)
    assert (refused.value.code, refused.value.reason) == (1007, INVALID_ARGUMENT)
    assert sessions.resume(handle, LIVE, 0.0) is memory


def test_the_oldest_handles_are_forgotten_first() -> None:
    sessions, memory = Sessions(), Memory(LIVE)
    first = sessions.new_handle(memory)
    second = sessions.new_handle(memory)
    for _ in range(MAX_HANDLES - 1):
        sessions.new_handle(memory)
    memory.ended_s = 0.0
    assert sessions.resume(second, LIVE, 0.0) is memory
    with pytest.raises(Refusal):
        sessions.resume(first, LIVE, 0.0)


def test_nothing_said_is_not_remembered() -> None:
    memory = Memory(LIVE)
    memory.remember("model", "")
    assert not memory.said


def test_a_text_larger_than_the_context_is_cut() -> None:
    memory = Memory(LIVE)
    memory.remember("user", "x" * (MAX_CHARACTERS + 1))
    assert memory.characters == MAX_CHARACTERS


@given(st.lists(st.text(max_size=30), max_size=20), st.integers(min_value=1, max_value=100))
def test_the_context_holds_the_latest_words_within_its_size(texts: list[str], size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MAX_CHARACTERS", size)
        memory = Memory(LIVE)
        for text in texts:
            memory.remember("user", text)
    assert memory.characters == sum(len(said.text) for said in memory.said) <= size
    assert "".join(texts).endswith("".join(said.text for said in memory.said))


def test_what_is_unanswered_is_taken_once() -> None:
    unanswered = Unanswered()
    assert not unanswered
    unanswered.add("one")
    unanswered.add("two")
    assert unanswered
    assert unanswered.take() == "one two"
    assert not unanswered
    assert unanswered.take() == ""


def test_a_text_without_a_word_wants_an_answer_too() -> None:
    unanswered = Unanswered()
    unanswered.add("")
    assert unanswered


@given(st.lists(st.text(max_size=3_000), max_size=5))
def test_of_a_flood_only_the_beginning_is_kept(texts: list[str]) -> None:
    unanswered = Unanswered()
    for text in texts:
        unanswered.add(text)
    assert unanswered.take() == " ".join(texts)[:MAX_REPEATED_CHARACTERS]
