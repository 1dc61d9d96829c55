"""What a person reads of calls, results, pages and errors: short, in one line, harmless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.live.events import Source
from voicecli.talk.events import Ended, Failed, SessionStarted, ToolFinished
from voicecli.ui import describe

any_text = st.text(st.characters(codec=None))


def test_a_session_tells_model_voice_server_and_devices() -> None:
    event = SessionStarted(0, "gemini-3.8-live", "Kore", True, "Mic", None)
    assert describe.session(event) == (
        "gemini-3.8-live · voice Kore · on this machine · microphone: Mic · speaker: none"
    )
    plain = SessionStarted(0, "m", None, False, None, "S")
    assert describe.session(plain) == "m · microphone: none · speaker: S"


def test_a_call_reads_like_code() -> None:
    assert describe.call("get", {"city": "Köln", "n": 2, "on": True, "x": [None]}) == (
        'get(city="Köln", n=2, on=true, x=[null])'
    )


def test_a_long_call_is_cut() -> None:
    shown = describe.call("get", {"text": "x" * 9999})
    assert len(shown) == describe.MAX_CALL_CHARS
    assert shown.endswith("…")


@pytest.mark.parametrize(
    ("finished", "words"),
    [
        (ToolFinished(9, "f", "n", 0.66, result={"a": 1}), '{"a": 1} (0.7 s)'),
        (ToolFinished(9, "f", "n", 0.66, error="no\nway"), "failed: no way"),
        (ToolFinished(9, "f", "n", 1.2, cancelled=True), "cancelled (1.2 s)"),
    ],
)
def test_how_a_call_ended(finished: ToolFinished, words: str) -> None:
    assert describe.outcome(finished) == words


def test_a_page_ends_with_its_address() -> None:
    assert describe.source(Source("https://a.example", "A\nB")) == "A B https://a.example"
    assert describe.source(Source("https://a.example", "")) == "https://a.example"
    assert describe.source(Source("a.example", "a.example")) == "a.example"


def test_an_error_and_an_end() -> None:
    assert describe.failure(Failed(0, "It broke", "worn out", "", 1)) == "It broke: worn out"
    assert describe.failure(Failed(0, "It broke", "", "", 1)) == "It broke"
    assert describe.ended(Ended(62, "you left", 1, 0)) == "1 turn · 1:02 · you left"
    assert describe.ended(Ended(3725, "", 2, 0)) == "2 turns · 1:02:05"


@pytest.mark.parametrize(("seconds", "shown"), [(-1, "0:00"), (59.9, "0:59"), (3600, "1:00:00")])
def test_the_clock(seconds: float, shown: str) -> None:
    assert describe.clock(seconds) == shown


@pytest.mark.parametrize(
    ("text", "heard", "rest"),
    [
        ("The sea is big", "The sea", "is big"),
        ("The sea", "The sea", ""),
        ("The sea", "", "The sea"),
        ("The sea", "The lake", "sea"),
        ("The", "The sea", ""),
    ],
)
def test_the_words_that_were_not_heard(text: str, heard: str, rest: str) -> None:
    assert text[describe.unheard(text, heard) :] == rest


@given(any_text, any_text)
def test_the_unheard_part_lies_within_the_text(text: str, heard: str) -> None:
    assert 0 <= describe.unheard(text, heard) <= len(text)


@given(any_text, st.dictionaries(any_text, any_text))
def test_a_call_is_one_harmless_line(name: str, args: dict[str, str]) -> None:
    shown = describe.call(name, args)
    assert "\x1b" not in shown
    assert "\n" not in shown
