"""What a person reads of calls, results, pages and errors: short, in one line, harmless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.live.events import Source
from voicecli.live.patience import Patience
from voicecli.talk.events import (
    CodeRan,
    CodeWritten,
    DecidedBy,
    DeviceChanged,
    Echo,
    Ended,
    Failed,
    PatienceChanged,
    SessionStarted,
    Thinking,
    ToolAsked,
    ToolDecided,
    ToolFinished,
    ToolProgress,
)
from voicecli.ui import describe

any_text = st.text(st.characters(codec=None))


def started(
    microphone: str | None = "Mic",
    echo: Echo | None = None,
    *,
    push_to_talk: bool = False,
    patience: Patience = Patience.NORMAL,
) -> SessionStarted:
    return SessionStarted(0, "m", None, False, microphone, "S", echo, push_to_talk, patience)


def test_a_session_tells_model_voice_server_and_devices() -> None:
    names = "gemini-3.8-live", "Kore", True, "Mic", None
    event = SessionStarted(0, *names, Echo.CANCELLED, False, Patience.NORMAL)
    assert describe.session(event) == (
        "gemini-3.8-live · voice Kore · on this machine · microphone: Mic · speaker: none"
        " · echo cancelled"
    )
    assert describe.session(started(None)) == "m · microphone: none · speaker: S"


def test_a_session_tells_why_the_voice_does_not_interrupt() -> None:
    assert describe.session(started(echo=Echo.HALF_DUPLEX)).endswith(
        "S · half duplex: the microphone is closed while the model speaks"
    )
    assert describe.session(started(echo=Echo.HEADPHONES)).endswith(
        "S · headphones: the microphone is always open"
    )


def test_a_session_tells_who_ends_a_turn_if_that_is_not_as_usual() -> None:
    assert describe.session(started(patience=Patience.HIGH)).endswith("S · patience high")
    tapped = started(push_to_talk=True, patience=Patience.HIGH)
    assert describe.session(tapped).endswith("S · push-to-talk")


def test_what_each_patience_means() -> None:
    assert [describe.patience(PatienceChanged(0, patience)) for patience in Patience] == [
        "patience low: a short pause ends your turn",
        "patience normal: a usual pause ends your turn",
        "patience high: only a long pause ends your turn",
    ]


def test_another_device() -> None:
    assert describe.device(DeviceChanged(0, "input", "A\nB\x1b")) == ("microphone: A B␛",)
    assert describe.device(DeviceChanged(0, "output", "Headset")) == ("speaker: Headset",)


def test_of_a_device_that_was_lost_the_warning_tells_all() -> None:
    assert describe.device(DeviceChanged(0, "output", None)) == ()


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


def test_a_question_and_what_was_decided() -> None:
    asked = ToolAsked(1, "f", "shell", {"command": "ls"}, always=False)
    assert describe.question(asked) == 'shell(command="ls") waits for your word'

    def decided(allowed: bool, by: DecidedBy) -> str:
        return describe.decision(ToolDecided(1, "f", "shell", allowed, by))

    assert decided(True, "user") == "allowed by you"
    assert decided(True, "user, always") == "allowed by you, for the whole conversation"
    assert decided(False, "user") == "denied by you"
    assert decided(False, "no terminal") == "denied since nobody can be asked here"
    assert decided(False, "settings") == "denied by your settings"


def test_what_a_call_gives_while_it_goes_on() -> None:
    progress = ToolProgress(1, "f", "timer", {"left_s": 60})
    assert describe.progress(progress) == '{"left_s": 60} (goes on)'


def test_code_and_its_result_are_one_line_each() -> None:
    assert describe.code(CodeWritten(1, "PYTHON", "a = 1\nprint(a)")) == (
        'python "a = 1\\nprint(a)"'
    )
    assert describe.code(CodeWritten(1, "PYTHON", "if a:\n    b()")) == 'python "if a:\\n    b()"'
    assert describe.code(CodeWritten(1, "", "a")) == 'unknown "a"'
    assert describe.code_result(CodeRan(1, True, "1\n")) == '"1\\n"'
    assert len(describe.code_result(CodeRan(1, True, "x" * 9_999))) == describe.MAX_CODE_CHARS


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("**Looking it up**\n\nThe user asks.", "Looking it up"),
        ("\n**Two\nlines**", "Two lines"),
        ("No heading\nat all", "No heading at all"),
        ("** **", ""),
        ("", ""),
    ],
)
def test_a_thought_is_folded_to_its_heading(text: str, heading: str) -> None:
    assert describe.heading(text) == heading


def test_a_thought_in_one_line() -> None:
    assert describe.thought(Thinking(1, "**Title**\n\nBody")) == "Title Body"


@given(any_text)
def test_code_thoughts_and_results_are_harmless_lines(text: str) -> None:
    for shown in (
        describe.heading(text),
        describe.thought(Thinking(0, text)),
        describe.code(CodeWritten(0, text, text)),
        describe.code_result(CodeRan(0, True, text)),
        describe.value({text: text}),
    ):
        assert not any(char < " " or "\x7f" <= char <= "\x9f" for char in shown)


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
