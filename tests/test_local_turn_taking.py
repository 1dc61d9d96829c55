"""Where an utterance begins and ends decides what is recognised and when the model answers.

No sound may be lost, doubled or reordered on the way, and time is the audio's own.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.local.turn_taking import (
    PRE_ROLL_MS,
    WINDOW_BYTES,
    WINDOW_MS,
    Activity,
    ClientDetector,
    Detection,
    SpeechEnded,
    SpeechSound,
    SpeechStarted,
    VoiceDetector,
)

QUICK = Detection(prefix_padding_ms=2 * WINDOW_MS, silence_duration_ms=3 * WINDOW_MS)


def window(number: int) -> bytes:
    """A window of sound that can be told from all others."""
    return number.to_bytes(4, "little") * (WINDOW_BYTES // 4)


def run(detector: VoiceDetector, marks: str) -> list[Activity]:
    """Feed a window for each mark: `#` speech, `.` silence, `~` in between."""
    probability = {"#": 0.9, "~": 0.4, ".": 0.0}
    heard: list[Activity] = []
    for number, mark in enumerate(marks):
        heard.extend(detector.hear(window(number), [probability[mark]]))
    return heard


def ends(activities: list[Activity]) -> list[Activity]:
    return [activity for activity in activities if not isinstance(activity, SpeechSound)]


def sound(activities: list[Activity]) -> bytes:
    return b"".join(item.pcm for item in activities if isinstance(item, SpeechSound))


def seconds(windows: int) -> float:
    return windows * WINDOW_MS / 1000


def test_speech_begins_where_the_run_began_and_ends_where_the_silence_began() -> None:
    heard = ends(run(VoiceDetector(QUICK), "...####..."))
    started, ended = heard
    assert isinstance(started, SpeechStarted)
    assert isinstance(ended, SpeechEnded)
    assert started.offset_s == pytest.approx(seconds(3))
    assert ended.offset_s == pytest.approx(seconds(7))
    assert ended.duration_s == pytest.approx(seconds(4))


def test_a_click_shorter_than_the_prefix_padding_is_no_speech() -> None:
    assert run(VoiceDetector(QUICK), "..#..#...") == []


def test_a_pause_shorter_than_the_silence_duration_ends_nothing() -> None:
    detector = VoiceDetector(QUICK)
    assert len(ends(run(detector, "##..##..##"))) == 1
    assert detector.speaking


def test_what_is_neither_speech_nor_silence_starts_and_ends_nothing() -> None:
    assert run(VoiceDetector(QUICK), "~~~~~") == []
    detector = VoiceDetector(QUICK)
    run(detector, "##~~~~~~")
    assert detector.speaking


def test_the_sound_begins_before_the_speech() -> None:
    before = PRE_ROLL_MS // WINDOW_MS
    heard = sound(run(VoiceDetector(QUICK), "." * 50 + "##"))
    assert heard == b"".join(window(number) for number in range(50 - before, 52))


def test_the_end_of_the_stream_ends_the_utterance_with_the_last_samples() -> None:
    detector = VoiceDetector(QUICK)
    heard = run(detector, "###")
    heard += detector.hear(b"\x07\x00" * 80, [])
    heard += detector.end_of_stream()
    assert sound(heard).endswith(window(2) + b"\x07\x00" * 80)
    ended = heard[-1]
    assert isinstance(ended, SpeechEnded)
    assert ended.offset_s == pytest.approx(seconds(3) + 0.005)
    assert not detector.speaking


def test_the_end_of_a_silent_stream_is_no_utterance() -> None:
    detector = VoiceDetector(QUICK)
    run(detector, "...#")
    assert list(detector.end_of_stream()) == []
    assert run(detector, "#") == [], "the run before the end does not count"


def test_a_second_utterance_has_none_of_the_first_ones_sound() -> None:
    detector = VoiceDetector(QUICK)
    run(detector, "####...")
    second = sound(
        list(detector.hear(window(100), [0.9])) + list(detector.hear(window(101), [0.9]))
    )
    assert second == window(100) + window(101)


def test_windows_that_end_in_the_same_piece_are_all_taken() -> None:
    pieces = b"".join(window(number) for number in range(9))
    heard = list(VoiceDetector(QUICK).hear(pieces, [0.9] * 4 + [0.0] * 5))
    assert sound(heard) == b"".join(window(number) for number in range(7))
    assert [type(item) for item in ends(heard)] == [SpeechStarted, SpeechEnded]


def test_durations_of_zero_act_on_the_next_window() -> None:
    at_once = Detection(prefix_padding_ms=0, silence_duration_ms=0)
    assert len(ends(run(VoiceDetector(at_once), "#.#."))) == 4


def test_low_sensitivities_start_later_and_end_later() -> None:
    def chosen(*, eager: bool) -> Detection:
        return Detection.chosen(
            eager_start=eager, eager_end=eager, prefix_padding_ms=None, silence_duration_ms=None
        )

    high, low = chosen(eager=True), chosen(eager=False)
    assert high == Detection()
    assert low.start_probability > high.start_probability
    assert low.end_probability < high.end_probability
    assert low.prefix_padding_ms > high.prefix_padding_ms
    assert low.silence_duration_ms > high.silence_duration_ms


def test_durations_that_are_set_win_over_the_sensitivities() -> None:
    set_to_zero = Detection.chosen(
        eager_start=True, eager_end=True, prefix_padding_ms=0, silence_duration_ms=0
    )
    assert (set_to_zero.prefix_padding_ms, set_to_zero.silence_duration_ms) == (0, 0)


PROBABILITIES = st.lists(st.floats(min_value=0, max_value=1), max_size=80)


@given(PROBABILITIES, st.integers(min_value=1, max_value=3000), st.integers(min_value=0))
def test_the_pieces_that_sound_comes_in_do_not_matter(
    probabilities: list[float], piece_bytes: int, extra: int
) -> None:
    pcm = b"".join(window(number) for number in range(len(probabilities)))
    pcm += bytes(2 * (extra % 500))
    whole, pieces = VoiceDetector(QUICK), VoiceDetector(QUICK)
    expected = [*whole.hear(pcm, probabilities), *whole.end_of_stream()]
    heard: list[Activity] = []
    waiting, fed = list(probabilities), 0
    for start in range(0, len(pcm), piece_bytes):
        piece = pcm[start : start + piece_bytes]
        complete = (fed + len(piece)) // WINDOW_BYTES - fed // WINDOW_BYTES
        fed += len(piece)
        heard += pieces.hear(piece, [waiting.pop(0) for _ in range(min(complete, len(waiting)))])
    heard += pieces.end_of_stream()
    assert ends(heard) == ends(expected)
    assert sound(heard) == sound(expected)


@given(PROBABILITIES)
def test_utterances_alternate_and_their_sound_is_in_order_without_doubles(
    probabilities: list[float],
) -> None:
    detector = VoiceDetector(QUICK)
    heard: list[Activity] = []
    for number, probability in enumerate(probabilities):
        heard += detector.hear(window(number), [probability])
    heard += detector.end_of_stream()
    kinds = [type(item) for item in ends(heard)]
    assert kinds == [SpeechStarted, SpeechEnded] * (len(kinds) // 2)
    all_sound = sound(heard)
    numbers = [
        int.from_bytes(all_sound[at : at + 4], "little")
        for at in range(0, len(all_sound), WINDOW_BYTES)
    ]
    assert numbers == sorted(set(numbers))


def test_the_client_says_when_its_user_speaks() -> None:
    detector = ClientDetector()
    second = bytes(32_000)
    assert list(detector.hear(second)) == [], "not listened to"
    assert list(detector.start()) == [SpeechStarted(1.0)]
    assert detector.speaking
    assert list(detector.hear(second)) == [SpeechSound(second)]
    assert list(detector.end()) == [SpeechEnded(2.0, 1.0)]
    assert not detector.speaking


def test_starts_and_ends_that_are_told_twice_happen_once() -> None:
    detector = ClientDetector()
    assert list(detector.end()) == []
    assert len(list(detector.start())) == 1
    assert list(detector.start()) == []
    assert len(list(detector.end())) == 1
    assert list(detector.end()) == []
