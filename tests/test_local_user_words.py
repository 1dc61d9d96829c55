"""The user's words leave in their order, at once or as late as they are put off."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicecli.local.json_fields import Fields
from voicecli.local.server_frames import Frame, user_words
from voicecli.local.setup_check import check_setup
from voicecli.local.user_words import UserWords

NATIVE_25 = "gemini-2.5-flash-native-audio-preview-12-2025"
TRANSCRIBE = "gemini-3.5-transcribe-live"


def words(model: str = "gemini-3.8-live", *, wanted: bool = True) -> UserWords:
    asked: dict[str, object] = {"inputAudioTranscription": {}} if wanted else {}
    return UserWords(check_setup(Fields({"model": model, **asked}), "v1beta"))


def test_words_leave_at_once() -> None:
    assert list(words().add("hello there", 1.0)) == [user_words("hello there")]
    assert list(words(NATIVE_25).add("hello there", 1.0)) == [
        user_words(" hello"),
        user_words(" there"),
    ]


def test_words_that_nobody_asked_for_do_not_leave() -> None:
    silent = words(wanted=False)
    assert list(silent.add("hello", 1.0)) == []
    assert silent.due_s is None
    assert list(words(TRANSCRIBE, wanted=False).guess("hel")) == []


def test_only_the_transcriber_guesses() -> None:
    assert list(words(TRANSCRIBE).guess("hel")) == [user_words("hel", interim=True)]
    assert list(words().guess("hel")) == []


def test_words_that_are_put_off_come_later_and_only_those() -> None:
    late = words()
    late.put_off(2.0)
    assert list(late.add("one", 10.0)) == []
    assert late.due_s == 12.0
    assert list(late.advance(11.9)) == []
    assert list(late.advance(12.0)) == [user_words("one")]
    assert list(late.add("two", 13.0)) == [user_words("two")]


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 5)), max_size=8))
def test_words_never_overtake_each_other(steps: list[tuple[float, float]]) -> None:
    late, now_s = words(), 0.0
    sent: list[Frame] = []
    for number, (pause_s, delay_s) in enumerate(steps):
        now_s += pause_s
        late.put_off(delay_s)
        sent += late.add(str(number), now_s)
    sent += late.advance(1e9)
    assert sent == [user_words(str(number)) for number in range(len(steps))]
    assert late.due_s is None
