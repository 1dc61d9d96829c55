"""What the local server says has to be heard, and its transcript has to run with the sound."""

from __future__ import annotations

import sys
import threading
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicecli.audio.pcm import FULL_SCALE, SPEAKER_RATE_HZ, duration_s
from voicecli.local.espeak import installation
from voicecli.local.voice import MAX_TEXT_CHARS, Speech, Voice

needs_espeak = pytest.mark.skipif(installation() is None, reason="espeakng-loader is not installed")

SENTENCE = "The Eiffel Tower is 330 metres tall, at 14:05 – or so…"
# −6 dBFS is half of full scale; a rounding apart.
PEAK = FULL_SCALE // 2
# A step that is heard as a click is far larger than this.
QUIET = FULL_SCALE // 100


@cache
def shared_voice() -> Voice:
    return Voice()


@pytest.fixture(name="voice")
def speaking_voice() -> Voice:
    return shared_voice()


@pytest.fixture(name="tones")
def voice_without_espeak(monkeypatch: pytest.MonkeyPatch) -> Voice:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    return Voice()


def samples(speech: Speech) -> npt.NDArray[np.int32]:
    return np.frombuffer(speech.pcm, dtype="<i2").astype(np.int32)


def texts(speech: Speech) -> list[str]:
    return [word.text for word in speech.words]


def starts_s(speech: Speech) -> list[float]:
    return [word.start_s for word in speech.words]


@needs_espeak
def test_a_sentence_is_spoken_at_the_pace_of_speech(voice: Voice) -> None:
    speech = voice.say("Hello! Nice to hear from you. What shall we talk about?")
    assert voice.available
    assert 2 < duration_s(speech.pcm, SPEAKER_RATE_HZ) < 5


@needs_espeak
def test_the_words_joined_are_the_sentence_and_start_in_order(voice: Voice) -> None:
    speech = voice.say(SENTENCE)
    assert "".join(texts(speech)) == SENTENCE
    assert starts_s(speech) == sorted(starts_s(speech))
    assert starts_s(speech)[0] < 0.05
    assert starts_s(speech)[-1] < duration_s(speech.pcm, SPEAKER_RATE_HZ)


@needs_espeak
def test_a_word_of_several_parts_has_the_time_of_its_first(voice: Voice) -> None:
    starts = dict(zip(texts(voice.say(SENTENCE)), starts_s(voice.say(SENTENCE)), strict=True))
    assert starts[" 14:05"] < starts[" –"]
    assert starts[" 330"] < starts[" metres"] - 0.5


@needs_espeak
def test_a_word_without_sound_starts_with_the_next(voice: Voice) -> None:
    speech = voice.say("one – two")
    assert starts_s(speech)[1] == starts_s(speech)[2] > 0
    at_the_end = voice.say("one two –")
    assert starts_s(at_the_end)[1] == starts_s(at_the_end)[2] > 0


@needs_espeak
@pytest.mark.parametrize("name", ["Kore", "Puck", "Zephyr", "Charon"])
def test_the_level_is_the_same_for_all_and_the_ends_do_not_click(voice: Voice, name: str) -> None:
    sound = samples(voice.say("Ah, are you all right?", voice_name=name))
    assert abs(np.abs(sound).max() - PEAK) <= 1
    assert abs(sound[0]) < QUIET
    assert abs(sound[-1]) < QUIET


@needs_espeak
def test_voices_sound_different(voice: Voice) -> None:
    names = ["Kore", "Puck", "Charon", "Zephyr", "Fenrir", "Leda", "Orus", "Aoede"]
    assert len({voice.say("hello there", voice_name=name).pcm for name in names}) == len(names)


@needs_espeak
def test_another_language_sounds_different_and_an_unknown_one_is_english(voice: Voice) -> None:
    text = "Guten Tag, wie geht es Ihnen?"
    length_s = {
        language: duration_s(voice.say(text, language=language).pcm, SPEAKER_RATE_HZ)
        for language in ("en-US", "de-DE", "xx-XX", "../../etc")
    }
    assert abs(length_s["de-DE"] - length_s["en-US"]) > 0.2
    assert length_s["xx-XX"] == pytest.approx(length_s["en-US"], abs=0.05)
    assert length_s["../../etc"] == pytest.approx(length_s["en-US"], abs=0.05)


@needs_espeak
def test_markup_is_spoken_and_not_obeyed(voice: Voice) -> None:
    text = "<speak><break time='9s'/>hi</speak> [[h@l'oU]]"
    speech = voice.say(text)
    assert "".join(texts(speech)) == text
    assert duration_s(speech.pcm, SPEAKER_RATE_HZ) < 9


@needs_espeak
@pytest.mark.parametrize("text", ["…", "—", "?!", "\u0301"])
def test_a_text_that_espeak_is_silent_on_is_still_heard(voice: Voice, text: str) -> None:
    assert np.abs(samples(voice.say(text))).max() > PEAK // 2


def test_nothing_said_is_nothing_heard(voice: Voice, tones: Voice) -> None:
    for text in ("", "  \n\t", "\0\x1b"):
        assert voice.say(text) == tones.say(text) == Speech(b"", ())


def test_control_characters_are_not_words(voice: Voice) -> None:
    speech = voice.say("  one\0two\n\x1b[31m three\ud800 ")
    assert "".join(texts(speech)) == "one two [31m three"


def test_a_long_text_is_cut(tones: Voice) -> None:
    speech = tones.say("ab " * MAX_TEXT_CHARS)
    assert len("".join(texts(speech))) <= MAX_TEXT_CHARS


@given(st.text(max_size=80), st.sampled_from(["en-US", "de-DE", "vi-VN", "ja-JP"]))
@settings(max_examples=40)
def test_any_text_is_heard_with_its_words_in_order(text: str, language: str) -> None:
    speech = shared_voice().say(text, language=language)
    assert bool(speech.pcm) == bool(speech.words)
    assert len(speech.pcm) % 2 == 0
    assert starts_s(speech) == sorted(starts_s(speech))
    length_s = duration_s(speech.pcm, SPEAKER_RATE_HZ)
    assert all(0 <= start_s <= length_s for start_s in starts_s(speech))
    assert " ".join("".join(texts(speech)).split()) == "".join(texts(speech))


@needs_espeak
def test_threads_do_not_mix_their_sentences(voice: Voice) -> None:
    sentences = ["one", "two words", "three words now", "and four words here"]
    found: dict[str, Speech] = {}
    threads = [
        threading.Thread(target=lambda text=text: found.update({text: voice.say(text)}))
        for text in sentences
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    for text in sentences:
        assert "".join(texts(found[text])) == text
        assert len(starts_s(found[text])) == len(set(starts_s(found[text])))


def test_without_espeak_each_word_is_a_tone_as_long_as_the_word(tones: Voice) -> None:
    assert not tones.available
    speech = tones.say("a longer word")
    assert texts(speech) == ["a", " longer", " word"]
    gaps = np.diff([*starts_s(speech), duration_s(speech.pcm, SPEAKER_RATE_HZ)])
    assert gaps[0] < gaps[2] < gaps[1]


def test_tones_are_as_loud_as_speech_and_do_not_click(tones: Voice) -> None:
    sound = samples(tones.say("hello there"))
    assert abs(np.abs(sound).max() - PEAK) <= 1
    assert np.abs(np.diff(sound)).max() < PEAK // 4
    assert sound[0] == 0
    assert abs(sound[-1]) < QUIET
