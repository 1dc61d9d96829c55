"""The shape of a reply on the wire: 200 ms pieces at four times real time, words ahead of sound."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.local.pacing import CHUNK_MS, WORDS_LEAD_S, Timed, generation_s, out_of_order, paced
from voicecli.local.voice import Speech, SpokenWord

CHUNK_BYTES = 9_600
SPEECHES = st.builds(
    lambda size, starts: Speech(
        (bytes(range(256)) * (size // 128 + 1))[: 2 * size],
        tuple(SpokenWord(f" w{i}", start_s) for i, start_s in enumerate(sorted(starts))),
    ),
    st.integers(min_value=0, max_value=40_000),
    st.lists(st.floats(min_value=0, max_value=2)),
)


def content(timed: Timed) -> dict[str, Any]:
    found = timed.frame.get("serverContent", {})
    assert isinstance(found, dict)
    return found


def pcm_of(timed: Timed) -> bytes:
    turn = content(timed).get("modelTurn")
    return base64.b64decode(turn["parts"][0]["inlineData"]["data"]) if turn else b""


def words_of(timed: Timed) -> str:
    return str(content(timed).get("outputTranscription", {}).get("text", ""))


def test_each_chunk_comes_after_an_empty_frame_at_four_times_real_time() -> None:
    speech = Speech(bytes(2 * CHUNK_BYTES + 100), ())
    frames = list(paced(speech, transcribed=True, word_by_word=False))
    assert [frame.frame == {} for frame in frames] == [True, False] * 3
    assert [frame.at_s for frame in frames[::2]] == pytest.approx([0, 0.05, 0.1])
    assert [len(pcm_of(frame)) for frame in frames[1::2]] == [CHUNK_BYTES, CHUNK_BYTES, 100]
    assert generation_s(speech) == pytest.approx(0.15)


def test_a_voice_without_sound_sends_nothing() -> None:
    assert list(paced(Speech(b"", ()), transcribed=True, word_by_word=False)) == []
    assert generation_s(Speech(b"", ())) == 0


def test_words_come_before_the_chunk_that_they_are_spoken_in() -> None:
    words = tuple(SpokenWord(f" {n}", n * 0.5) for n in range(4))
    frames = list(
        paced(Speech(bytes(10 * CHUNK_BYTES), words), transcribed=True, word_by_word=True)
    )
    sent_at_s = {words_of(frame): frame.at_s for frame in frames if words_of(frame)}
    for word in words:
        chunk = int(word.start_s * 1000 // CHUNK_MS)
        leads = int(WORDS_LEAD_S * 1000 // CHUNK_MS)
        assert sent_at_s[word.text] == pytest.approx(max(0, chunk - leads) * 0.05)


def test_word_by_word_gives_each_word_a_message_of_its_own() -> None:
    words = (SpokenWord("one", 0), SpokenWord(" two", 0.1))
    frames = list(paced(Speech(bytes(CHUNK_BYTES), words), transcribed=True, word_by_word=True))
    assert [words_of(frame) for frame in frames] == ["one", " two", "", ""]
    assert not any(words_of(frame) and pcm_of(frame) for frame in frames)


def test_without_word_by_word_the_words_share_the_message_of_the_sound() -> None:
    words = (SpokenWord("one", 0), SpokenWord(" two", 0.1))
    frames = list(paced(Speech(bytes(CHUNK_BYTES), words), transcribed=True, word_by_word=False))
    assert [words_of(frame) for frame in frames] == ["", "one two"]
    assert pcm_of(frames[1])


def test_what_is_not_transcribed_is_still_known_to_have_been_said() -> None:
    words = (SpokenWord("one", 0), SpokenWord(" two", 5))
    frames = list(paced(Speech(bytes(CHUNK_BYTES), words), transcribed=False, word_by_word=True))
    assert not any(words_of(frame) for frame in frames)
    assert "".join(frame.words for frame in frames) == "one two"


@given(SPEECHES, st.booleans())
def test_all_sound_and_all_words_come_once_and_in_order(speech: Speech, word_by_word: bool) -> None:
    frames = list(paced(speech, transcribed=True, word_by_word=word_by_word))
    assert b"".join(pcm_of(frame) for frame in frames) == speech.pcm
    assert sum(frame.spoken_s for frame in frames) == pytest.approx(len(speech.pcm) / 48_000)
    assert [frame.at_s for frame in frames] == sorted(frame.at_s for frame in frames)
    if speech.pcm:
        said = "".join(word.text for word in speech.words)
        assert "".join(words_of(frame) for frame in frames) == said
        assert "".join(frame.words for frame in frames) == said
        assert frames[-1].at_s < generation_s(speech)


@given(SPEECHES)
def test_out_of_order_the_words_change_their_places_among_the_sound_only(speech: Speech) -> None:
    usual = list(paced(speech, transcribed=True, word_by_word=True))
    odd = list(out_of_order(iter(usual)))
    assert [pcm_of(frame) for frame in odd if pcm_of(frame)] == [
        pcm_of(frame) for frame in usual if pcm_of(frame)
    ]
    assert [words_of(frame) for frame in odd if words_of(frame)] == [
        words_of(frame) for frame in usual if words_of(frame)
    ]
    assert len(odd) == len(usual)
    assert "".join(frame.words for frame in odd) == "".join(frame.words for frame in usual)


def test_out_of_order_some_words_come_ahead_of_their_sound_and_some_after_it() -> None:
    words = tuple(SpokenWord(f" {n}", n * 0.2) for n in range(12))
    speech = Speech(bytes(12 * CHUNK_BYTES), words)
    frames = list(out_of_order(paced(speech, transcribed=True, word_by_word=True)))
    heard_s = 0.0
    lateness_s: list[float] = []
    for frame in frames:
        heard_s += frame.spoken_s
        if words_of(frame):
            lateness_s.append(heard_s - words[len(lateness_s)].start_s)
    assert min(lateness_s) <= 0 < max(lateness_s)
