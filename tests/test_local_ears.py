"""Spoken turns stand on this: a sentence comes in as sound, and the right entry answers it.

flite plays the user, because the recogniser hears its voices about as well as a person's.
"""

from __future__ import annotations

import gc
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from local_speech import SECOND_BYTES, needs_ears, needs_flite, user_says

from voicecli.local.ears import MAX_UTTERANCE_BYTES, Ears, open_ears
from voicecli.local.matching import similarity
from voicecli.local.script_file import load

FRAME_BYTES = 640  # 20 ms, as clients send it

SPOKEN = [
    "hello",
    "hello there",
    "what can you do",
    "what time is it",
    "tell me the time",
    "tell me about the sea",
    "tell me a long story",
    "how tall is the eiffel tower",
    "how many days are in ten weeks",
    "what is your name",
    "stop",
    "please stop",
    "that is enough",
    "goodbye",
]


@pytest.fixture(name="ears")
def opened_ears() -> Ears:
    ears = open_ears()
    assert ears is not None
    return ears


def recognise(ears: Ears, pcm: bytes) -> str:
    ears.start()
    for start in range(0, len(pcm), FRAME_BYTES):
        ears.feed(pcm[start : start + FRAME_BYTES])
    return ears.finish()


@needs_ears
@needs_flite
@pytest.mark.parametrize("voice", ["slt", "rms"])
def test_every_spoken_phrase_finds_its_entry(ears: Ears, voice: str) -> None:
    script = load(None)
    tools = frozenset({"current_time"})
    for phrase in SPOKEN:
        heard = recognise(ears, user_says(phrase, voice))
        expected = script.reply_to(phrase, offered_tools=tools)
        assert expected != script.fallback
        assert script.reply_to(heard, offered_tools=tools) == expected, f"{phrase}: heard {heard}"


@needs_ears
@needs_flite
def test_words_come_while_the_user_still_speaks(ears: Ears) -> None:
    phrase = "how tall is the eiffel tower"
    pcm = user_says(phrase)
    ears.start()
    assert ears.guess() == ""
    half = len(pcm) // 2
    ears.feed(pcm[:half])
    early = ears.guess()
    assert 0 < len(early.split()) < len(phrase.split())
    ears.feed(pcm[half:])
    assert similarity(ears.guess(), phrase) > similarity(early, phrase)
    assert ears.finish() == phrase


@needs_ears
@needs_flite
@given(st.lists(st.integers(1, 40_001), min_size=1, max_size=5))
@settings(max_examples=5)
def test_where_the_sound_is_cut_changes_nothing(sizes: list[int]) -> None:
    ears = open_ears()
    assert ears is not None
    pcm = user_says("what time is it")
    ears.start()
    start = 0
    for size in [*sizes, len(pcm)]:
        ears.feed(pcm[start : start + size])
        start += size
    assert ears.finish() == "what time is it"


@needs_ears
@needs_flite
def test_one_utterance_does_not_leak_into_the_next(ears: Ears) -> None:
    assert recognise(ears, user_says("what time is it")) == "what time is it"
    assert recognise(ears, bytes(SECOND_BYTES)) == ""
    assert recognise(ears, user_says("goodbye")) == "goodbye"


@needs_ears
@needs_flite
def test_a_new_start_forgets_what_was_begun(ears: Ears) -> None:
    ears.start()
    ears.feed(user_says("tell me about the sea"))
    assert recognise(ears, user_says("goodbye")) == "goodbye"


@needs_ears
def test_no_sound_has_no_words(ears: Ears) -> None:
    assert ears.finish() == ""
    ears.feed(bytes(FRAME_BYTES))  # outside an utterance
    assert ears.guess() == ""
    ears.start()
    assert ears.finish() == ""
    assert ears.finish() == ""


@needs_ears
@needs_flite
def test_an_utterance_without_end_is_heard_for_a_minute_only(ears: Ears) -> None:
    ears.start()
    ears.feed(bytes(MAX_UTTERANCE_BYTES))
    ears.feed(b"\0")
    ears.feed(user_says("goodbye"))
    assert ears.finish() == ""


@needs_ears
@needs_flite
def test_a_recogniser_left_in_mid_sentence_serves_the_next_conversation() -> None:
    for _ in range(4):
        left = open_ears()
        assert left is not None
        left.start()
        left.feed(user_says("tell me about the sea"))
        del left
        gc.collect()
        following = open_ears()
        assert following is not None
        assert recognise(following, user_says("what time is it")) == "what time is it"


@needs_ears
@needs_flite
def test_two_conversations_at_a_time_do_not_mix() -> None:
    one, other = open_ears(), open_ears()
    assert one is not None
    assert other is not None
    one.start()
    other.start()
    for ears, phrase in ((one, "what time is it"), (other, "goodbye")):
        ears.feed(user_says(phrase))
    assert (one.finish(), other.finish()) == ("what time is it", "goodbye")


@needs_ears
@needs_flite
def test_the_terminal_stays_clean(ears: Ears, capfd: pytest.CaptureFixture[str]) -> None:
    recognise(ears, user_says("hello"))
    recognise(ears, b"")
    fresh = [open_ears() for _ in range(3)]  # more than are kept ready: at least one is new
    assert None not in fresh
    assert capfd.readouterr() == ("", "")


def test_without_pocketsphinx_there_are_no_ears(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    assert open_ears() is None
