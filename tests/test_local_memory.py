"""A snapshot is the conversation as it was, whatever happens to it afterwards, and costs little."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.local import memory as module
from voicecli.local.client_frames import Said, ToolAnswer
from voicecli.local.memory import (
    MAX_CHARACTERS,
    MAX_REPEATED_CHARACTERS,
    Log,
    Memory,
    Snapshot,
    Unanswered,
    empty_memory,
)
from voicecli.local.script import Call, Reply
from voicecli.local.tool_calls import CallGroup, MadeCall


def memory_of(*texts: str) -> Memory:
    memory = empty_memory(schedules=True)
    for text in texts:
        memory.remember("user", text)
    return memory


def texts(memory: Memory) -> list[str]:
    return [said.text for said in memory.said]


def test_nothing_said_is_not_remembered() -> None:
    memory = memory_of()
    memory.remember("model", "")
    assert not memory.said


def test_a_text_larger_than_the_context_is_cut() -> None:
    assert memory_of("x" * (MAX_CHARACTERS + 1)).characters == MAX_CHARACTERS


@given(st.lists(st.text(max_size=30), max_size=20), st.integers(min_value=1, max_value=100))
def test_the_context_holds_the_latest_words_within_its_size(said: list[str], size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MAX_CHARACTERS", size)
        memory = memory_of(*said)
    assert memory.characters == sum(map(len, texts(memory))) <= size
    assert "".join(said).endswith("".join(texts(memory)))


def test_a_snapshot_is_resumed_as_it_was_and_goes_its_own_way() -> None:
    memory = memory_of("one")
    snapshot = memory.snapshot()
    memory.remember("user", "two")
    resumed = Memory(snapshot)
    assert texts(resumed) == ["one"]
    resumed.remember("user", "three")
    memory.remember("user", "four")
    assert texts(memory) == ["one", "two", "four"]
    assert texts(resumed) == ["one", "three"]
    assert texts(Memory(snapshot)) == ["one"]
    assert resumed.characters == len("onethree")


def test_a_memory_that_was_resumed_twice_is_two() -> None:
    snapshot = memory_of("one").snapshot()
    first, second = Memory(snapshot), Memory(snapshot)
    first.remember("user", "two")
    second.remember("user", "three")
    assert (texts(first), texts(second)) == (["one", "two"], ["one", "three"])


@given(st.lists(st.tuples(st.sampled_from(["say", "keep", "resume"]), st.integers(0, 9))))
def test_any_number_of_snapshots_keep_what_they_were_made_of(
    actions: list[tuple[str, int]],
) -> None:
    memory, said = empty_memory(schedules=True), list[str]()
    kept: list[tuple[Snapshot, list[str]]] = []
    for action, number in actions:
        match action:
            case "say":
                memory.remember("user", str(number))
                said = [*said, str(number)]
            case "keep":
                kept.append((memory.snapshot(), said))
            case "resume" if kept:
                snapshot, said = kept[number % len(kept)]
                memory = Memory(snapshot)
        assert texts(memory) == said
    for snapshot, as_it_was in kept:
        assert texts(Memory(snapshot)) == as_it_was


def test_what_the_context_has_forgotten_since_is_forgotten_in_a_snapshot_too() -> None:
    memory = memory_of("one", "two")
    snapshot = memory.snapshot()
    memory.remember("user", "x" * (MAX_CHARACTERS - 3))
    assert texts(Memory(snapshot)) == ["two"]
    memory.remember("user", "y" * MAX_CHARACTERS)
    assert texts(Memory(snapshot)) == []


def test_a_snapshot_of_a_long_conversation_holds_no_copy_of_it() -> None:
    memory = memory_of(*("word" * 10 for _ in range(1000)))
    tracemalloc.start()
    kept = [memory.snapshot() for _ in range(100)]
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(kept) == 100
    assert used < 200_000


def test_running_calls_belong_to_a_snapshot() -> None:
    memory = memory_of()
    memory.background.add(
        CallGroup(
            [MadeCall("a", Call("clock", {}), background=True)], Reply(say="{result.time}"), ""
        )
    )
    snapshot = memory.snapshot()
    answer = ToolAnswer("a", "clock", {"time": "10:00"})
    for _ in range(2):
        resumed = Memory(snapshot)
        assert resumed.background.take(answer) is not None
        calls = resumed.background.next_news()
        assert calls is not None
        assert calls.spoken() == "10:00"


def test_the_question_is_what_the_user_said_since_the_model_spoke() -> None:
    memory = memory_of("one")
    memory.remember("model", "yes")
    assert memory.question() == ""
    memory.remember("user", "two")
    memory.remember("user", "three")
    assert memory.question() == "two three"
    assert memory_of().question() == ""


def test_a_log_that_has_not_gone_on_is_its_own_past() -> None:
    log = Log()
    log.add(Said("user", "one"))
    assert log.until(1) is log
    log.add(Said("user", "two"))
    assert log.until(1).said() == (Said("user", "one"),)
    assert log.until(1).end == 1


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
