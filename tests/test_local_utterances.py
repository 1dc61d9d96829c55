"""What was typed behind speech is taken after its words, in the order in which it came."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from voicecli.local.client_frames import ClientMessage, TypedText
from voicecli.local.utterances import Utterances


def texts(messages: Iterable[ClientMessage]) -> list[str]:
    return [message.text for message in messages if isinstance(message, TypedText)]


def test_words_are_pending_from_an_utterances_end_until_they_are_there() -> None:
    utterances = Utterances()
    assert not utterances.pending
    utterances.end()
    utterances.end()
    utterances.recognise()
    assert utterances.pending
    utterances.recognise()
    assert not utterances.pending


def test_a_message_waits_for_the_words_before_it_and_not_for_later_ones() -> None:
    utterances = Utterances()
    utterances.end()
    utterances.put_off(TypedText("between"))
    utterances.end()
    utterances.put_off(TypedText("behind"))
    assert texts(utterances.due()) == []
    utterances.recognise()
    assert texts(utterances.due()) == ["between"]
    utterances.recognise()
    assert texts(utterances.due()) == ["behind"]
    assert texts(utterances.due()) == []


@given(st.lists(st.sampled_from(["end", "recognise", "type"])))
def test_messages_keep_their_order_and_none_is_lost(actions: list[str]) -> None:
    utterances = Utterances()
    open_utterances, typed = 0, 0
    taken: list[str] = []
    for action in actions:
        if action == "end":
            utterances.end()
            open_utterances += 1
        elif action == "type":
            utterances.put_off(TypedText(str(typed)))
            typed += 1
        elif open_utterances:
            utterances.recognise()
            open_utterances -= 1
        taken += texts(utterances.due())
        assert utterances.pending == bool(open_utterances)
    for _ in range(open_utterances):
        utterances.recognise()
    taken += texts(utterances.due())
    assert taken == [str(number) for number in range(typed)]
