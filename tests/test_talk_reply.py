"""A listener's transcript ends where the listener stopped hearing: words follow the sound."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spelt_speech import hum, spelt

from voicecli.audio.pcm import SPEAKER_RATE_HZ
from voicecli.talk.heard_words import Pace
from voicecli.talk.reply import Reply

SECOND = SPEAKER_RATE_HZ
SPEECH = spelt("She sells fresh fish, and she keeps the rest.")
END = len(SPEECH.pcm) // 2


def reply_of(*parts: str | bytes, start: int = 0) -> Reply:
    """A reply whose words (str) and sound (bytes) arrive in this order."""
    reply = Reply(1, start, Pace())
    for part in parts:
        if isinstance(part, str):
            reply.add_text(part)
        else:
            reply.add_sound(part)
    return reply


def test_nothing_is_heard_before_the_first_sample() -> None:
    reply = reply_of(SPEECH.text, SPEECH.pcm, start=500)
    assert reply.heard_text(500) == ""
    assert reply.heard_text(0) == ""
    assert reply.heard_s(0) == 0
    assert reply.end == 500 + END


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (("The eggs are in.", "They are done."), "The eggs are in. They are done."),
        (("They are done!", " Good."), "They are done! Good."),
        (("in the U.", "S. there"), "in the U.S. there"),
        (("ready.", "ish"), "ready.ish"),
        (("Version 3.", "8 is out"), "Version 3.8 is out"),
        (("Mac", "Intosh"), "MacIntosh"),
    ],
)
def test_a_further_utterance_is_a_sentence_of_its_own(pieces: tuple[str, ...], text: str) -> None:
    assert reply_of(*pieces).text == text


@pytest.mark.parametrize("start", [0, 70_000])
def test_words_are_heard_in_step_with_their_own_sound(start: int) -> None:
    reply = reply_of(SPEECH.text, SPEECH.pcm, start=start)
    reply.content_complete = True
    for characters, end in SPEECH.ends:
        assert reply.heard_text(start + end + SECOND // 20) == SPEECH.text[:characters]
        assert reply.heard_s(start + end) == end / SECOND


def test_the_record_agrees_with_what_was_shown() -> None:
    reply = reply_of(SPEECH.text, SPEECH.pcm)
    _, end = SPEECH.ends[3]
    position = end + SECOND // 20
    assert reply.heard_text(position) == reply.settled_text(position) == "She sells fresh fish,"


def test_a_complete_reply_that_was_played_was_heard_whole_whenever_its_words_came() -> None:
    reply = reply_of(hum(0.2), " words that are far too many for so little sound ")
    assert reply.heard_text(SECOND) != reply.text
    reply.content_complete = True
    assert reply.heard_text(SECOND) == reply.text
    assert reply.settled_text(SECOND) == reply.text


def test_words_that_ran_ahead_of_the_sound_are_not_heard_with_its_last_sample() -> None:
    reply = reply_of(SPEECH.text, SPEECH.pcm[: len(SPEECH.pcm) // 4 * 2])
    heard = reply.settled_text(SECOND * 60)
    assert heard.startswith("She sells")
    assert heard != reply.text


def test_a_written_answer_counts_as_heard_once_it_is_complete() -> None:
    reply = reply_of("written")
    assert reply.heard_text(0) == ""
    reply.content_complete = True
    assert reply.heard_text(0) == "written"


def test_what_comes_after_the_cut_is_never_heard() -> None:
    characters, end = SPEECH.ends[3]
    reply = reply_of(SPEECH.text, SPEECH.pcm, start=100)
    cut = 100 + end + SECOND // 20
    reply.cut(cut)
    reply.cut(100 + END)
    reply.content_complete = True
    assert reply.interrupted
    assert reply.end == cut
    assert reply.heard_text(100 + END) == SPEECH.text[:characters]
    assert reply.heard_s(100 + END) == (cut - 100) / SECOND


def test_a_cut_before_the_first_sample_leaves_nothing() -> None:
    reply = reply_of(SPEECH.text, SPEECH.pcm, start=100)
    reply.cut(50)
    assert (reply.end, reply.heard_text(END), reply.heard_s(END)) == (100, "", 0)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.one_of(st.text(max_size=12), st.integers(0, 20_000)), max_size=12),
    st.lists(st.integers(-100, 60_000), max_size=6),
    st.integers(0, 1_000),
    st.booleans(),
    st.booleans(),
)
def test_heard_words_only_grow_and_begin_the_text(
    parts: list[str | int], positions: list[int], start: int, complete: bool, cut: bool
) -> None:
    sounds = [part if isinstance(part, str) else hum(part / SECOND) for part in parts]
    reply = reply_of(*sounds, start=start)
    reply.content_complete = complete
    heard = [reply.heard_text(position) for position in sorted(positions)]
    if cut and positions:
        reply.cut(max(positions))
        heard.append(reply.heard_text(max(positions)))
    assert all(reply.text.startswith(text) for text in heard)
    assert all(later.startswith(earlier) for earlier, later in pairwise(heard))
