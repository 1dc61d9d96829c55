"""A listener's transcript ends where the listener stopped hearing: words follow the sound."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from voicecli.audio.pcm import SPEAKER_RATE_HZ
from voicecli.talk.reply import Reply, whole_words

SECOND = SPEAKER_RATE_HZ


def reply_of(*parts: str | int, start: int = 0) -> Reply:
    """A reply whose words (str) and sound (samples) arrive in this order."""
    reply = Reply(1, start)
    for part in parts:
        if isinstance(part, str):
            reply.add_text(part)
        else:
            reply.add_sound(part)
    return reply


def test_nothing_is_heard_before_the_first_sample() -> None:
    reply = reply_of("Hello there", SECOND, start=500)
    assert reply.heard_text(500) == ""
    assert reply.heard_text(0) == ""
    assert reply.heard_s(0) == 0


def test_words_are_heard_in_step_with_their_own_sound() -> None:
    reply = reply_of("One two", SECOND, " three four", SECOND)
    assert reply.heard_text(SECOND) == "One two"
    assert reply.heard_text(SECOND * 3 // 2) == "One two three"
    assert reply.heard_s(SECOND * 3 // 2) == 1.5


def test_text_that_comes_whole_before_the_sound_is_spread_over_it() -> None:
    reply = reply_of("aaaa ", "bbbb ", "cccc ", "dddd", 2 * SECOND, 2 * SECOND)
    assert reply.heard_text(2 * SECOND) == "aaaa bbbb"


def test_a_word_never_counts_as_heard_by_half() -> None:
    reply = reply_of("wonderful things", SECOND)
    assert reply.heard_text(SECOND // 4) == ""
    assert reply.heard_text(SECOND * 3 // 4) == "wonderful"


def test_a_complete_reply_that_was_played_was_heard_whole_whenever_its_words_came() -> None:
    reply = reply_of(SECOND, " late words ")
    assert reply.heard_text(SECOND) == ""
    reply.content_complete = True
    assert reply.heard_text(SECOND) == reply.text == "late words"


def test_a_written_answer_counts_as_heard_once_it_is_complete() -> None:
    reply = reply_of("written")
    reply.content_complete = True
    assert reply.heard_text(0) == "written"


def test_what_comes_after_the_cut_is_never_heard() -> None:
    reply = reply_of("One two", SECOND, " three four", SECOND, start=100)
    reply.cut(100 + SECOND)
    reply.cut(100 + 2 * SECOND)
    reply.content_complete = True
    assert reply.interrupted
    assert reply.end == 100 + SECOND
    assert reply.heard_text(100 + 2 * SECOND) == "One two"
    assert reply.heard_s(100 + 2 * SECOND) == 1.0


@given(
    st.lists(st.one_of(st.text(max_size=12), st.integers(0, 5_000)), max_size=12),
    st.lists(st.integers(-100, 30_000), max_size=6),
    st.integers(0, 1_000),
    st.booleans(),
)
def test_heard_words_only_grow_and_begin_the_text(
    parts: list[str | int], positions: list[int], start: int, complete: bool
) -> None:
    reply = reply_of(*parts, start=start)
    reply.content_complete = complete
    heard = [reply.heard_text(position) for position in sorted(positions)]
    assert all(reply.text.startswith(text) for text in heard)
    assert all(later.startswith(earlier) for earlier, later in pairwise(heard))


@given(st.text(), st.integers(0, 40))
def test_a_cut_between_words_stays_and_one_in_a_word_moves_to_its_start(
    text: str, characters: int
) -> None:
    cut = whole_words(text, characters)
    assert cut <= min(characters, len(text))
    assert cut in (0, len(text)) or text[cut - 1].isspace() or text[cut].isspace()
