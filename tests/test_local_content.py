"""What client content asks for: an answer to its user's part, to the last words, or to nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicecli.local.client_frames import ClientContent, Said
from voicecli.local.content import ContentReader
from voicecli.local.memory import Memory, empty_memory


def reader(*, awaits_history: bool = False) -> tuple[ContentReader, Memory]:
    memory = empty_memory(schedules=True)
    return ContentReader(memory, awaits_history=awaits_history), memory


def content(*turns: tuple[str, str], complete: bool = True) -> ClientContent:
    return ClientContent(tuple(Said(role, text) for role, text in turns), complete)


def test_pieces_are_remembered_and_asked_together() -> None:
    content_reader, memory = reader()
    first = content(("user", "one"), complete=False)
    assert content_reader.take(first, busy=False) is None
    assert memory.said == (Said("user", "one"),)
    assert content_reader.take(content(("user", "two")), busy=True) == "one two"
    assert content_reader.take(content(), busy=True) is None


def test_what_precedes_the_models_last_turn_is_not_asked() -> None:
    content_reader, _ = reader()
    turns = content(("user", "one"), ("model", "yes"), ("user", "two"))
    assert content_reader.take(turns, busy=False) == "two"
    assert content_reader.take(content(("user", "a"), ("model", "b")), busy=False) is None


def test_without_content_the_last_words_are_asked_unless_the_model_is_busy_with_them() -> None:
    content_reader, memory = reader()
    assert content_reader.take(content(), busy=False) is None
    memory.remember("user", "spoken")
    assert content_reader.take(content(), busy=True) is None
    assert content_reader.take(content(), busy=False) == "spoken"
    memory.remember("model", "yes")
    assert content_reader.take(content(), busy=False) is None


def test_a_history_is_remembered_up_to_its_first_complete_turn() -> None:
    content_reader, memory = reader(awaits_history=True)
    pieces = (content(("model", "one"), complete=False), content(("user", "two")))
    for piece in pieces:
        assert content_reader.take(piece, busy=False) is None
    assert memory.said == (Said("model", "one"), Said("user", "two"))
    assert content_reader.take(content(("user", "three")), busy=False) == "three"


TURNS = st.lists(st.tuples(st.sampled_from(["user", "model"]), st.text(min_size=1, max_size=3)))


@given(st.lists(st.tuples(TURNS, st.booleans())), st.booleans())
def test_everything_is_remembered_with_its_role_in_any_case(
    messages: list[tuple[list[tuple[str, str]], bool]], awaits_history: bool
) -> None:
    content_reader, memory = reader(awaits_history=awaits_history)
    for turns, complete in messages:
        content_reader.take(content(*turns, complete=complete), busy=False)
    everything = [turn for turns, _ in messages for turn in turns]
    assert [(said.role, said.text) for said in memory.said] == everything
