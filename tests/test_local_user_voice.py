"""Either the server hears when the user speaks, or the client tells, never both."""

from __future__ import annotations

import pytest

from voicecli.local.refusal import Refusal
from voicecli.local.turn_taking import (
    DEFAULT_DETECTION,
    WINDOW_BYTES,
    SpeechEnded,
    SpeechSound,
    SpeechStarted,
)
from voicecli.local.user_voice import UserVoice

WINDOW = bytes(WINDOW_BYTES)


def kinds(activities: object) -> list[type]:
    return [type(one) for one in activities]  # type: ignore[attr-defined]


def test_with_detection_speech_is_heard_and_the_end_of_the_stream_ends_it() -> None:
    voice = UserVoice(DEFAULT_DETECTION)
    assert voice.detected
    assert kinds(voice.hear(WINDOW * 2, [1.0, 1.0])) == [SpeechStarted, SpeechSound]
    assert voice.speaking
    assert kinds(voice.end_of_stream()) == [SpeechSound, SpeechEnded]
    assert not voice.speaking


def test_without_detection_the_client_tells_and_the_end_of_the_stream_means_nothing() -> None:
    voice = UserVoice(None)
    assert not voice.detected
    assert kinds(voice.hear(WINDOW, [])) == []
    assert kinds(voice.told(started=True)) == [SpeechStarted]
    assert voice.speaking
    assert kinds(voice.hear(WINDOW, [])) == [SpeechSound]
    assert kinds(voice.end_of_stream()) == []
    assert kinds(voice.told(started=False)) == [SpeechEnded]
    assert not voice.speaking


@pytest.mark.parametrize("started", [True, False])
def test_the_client_may_not_tell_what_is_detected(started: bool) -> None:
    with pytest.raises(Refusal, match=r"^Explicit activity control is not supported"):
        UserVoice(DEFAULT_DETECTION).told(started=started)
