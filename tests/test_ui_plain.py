"""Without a terminal, stdout holds finished turns only: what one would keep or pipe on."""

from __future__ import annotations

import asyncio
import io
import os
from typing import TextIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui_controls import Recorder
from ui_events import SAMPLES

from voicecli.talk import events as talk
from voicecli.ui.line_writer import LineWriter
from voicecli.ui.plain import PlainView

any_text = st.text(st.characters(codec=None))


def shown(*events: talk.TalkEvent) -> tuple[list[str], list[str]]:
    out, err = io.StringIO(), io.StringIO()
    view = PlainView(out, err)
    for event in events:
        view.show(event)
    view.close()
    return out.getvalue().splitlines(), err.getvalue().splitlines()


def said(role: talk.Role, text: str, heard: str, *, final: bool = True) -> talk.Transcript:
    return talk.Transcript(0, role, text, final, heard)


def test_one_of_each_event() -> None:
    out, err = shown(*SAMPLES)
    assert out == [
        "voicecli: The sea is [not heard: big and blue.]",
        'tool: get_weather(city="London")',
        'tool: add_note(text="buy milk") waits for your word',
        "tool: add_note allowed by you",
        'tool: timer -> {"left_s": 60} (goes on)',
        'tool: get_weather -> {"temperature_c": 12} (0.7 s)',
        'code: python "print(6 * 7)"',
        'code result: "42\\n"',
        "source: Weather https://weather.example.org/",
    ]
    assert err == [
        "voicecli: gemini-3.8-live · voice Kore · microphone: Mic · speaker: Headset"
        " · echo cancelled",
        "voicecli: microphone muted",
        "voicecli: you talk",
        "voicecli: volume 60 %",
        "voicecli: patience high: only a long pause ends your turn",
        "voicecli: speaker: Headset",
        "voicecli: thought: Looking up the weather.",
        "voicecli: reconnected",
        "voicecli: warning: the microphone has been silent for 30 s",
        "hint: voicecli devices",
        "voicecli: error: The key was refused: API key not valid.",
        "hint: voicecli config show",
        "voicecli: ended: 6 turns · 1:02 · you left",
        "voicecli: 2.1k tokens · in: 812 text, 1.1k audio, 27 unspecified"
        " · out: 210 audio, 40 thoughts",
        "voicecli: cost: $0.0066 at the prices of 2026-11",
    ]


def test_a_turn_that_was_tapped_is_told_at_both_ends() -> None:
    _, err = shown(talk.TalkingChanged(0, talking=True), talk.TalkingChanged(1, talking=False))
    assert err == ["voicecli: you talk", "voicecli: sent what you said"]


def test_a_list_of_devices_is_for_those_who_can_pick() -> None:
    device = talk.DeviceOption("input", 0, "Mic", default=True, current=True)
    assert shown(talk.DevicesListed(0, (device,)), talk.DevicesListed(0, ())) == ([], [])


def test_only_finished_turns_with_words_are_printed() -> None:
    out, err = shown(
        said("user", "Hel", "Hel", final=False),
        said("user", "Hello", "Hello"),
        said("model", " ", ""),
    )
    assert out == ["you: Hello"]
    assert err == []


def test_words_that_interrupt_a_reply_come_after_it() -> None:
    out, _ = shown(
        said("user", "Tell me", "Tell me"),
        said("model", "The sea", "", final=False),
        said("user", "stop", "stop"),
        said("user", "please", "please"),
        said("model", "The sea is big", "The sea"),
    )
    assert out == [
        "you: Tell me",
        "voicecli: The sea [not heard: is big]",
        "you: stop",
        "you: please",
    ]


def test_words_that_are_settled_while_they_are_answered_come_before_the_answer() -> None:
    out, _ = shown(
        said("user", "Hel", "Hel", final=False),
        said("model", "Hi", "", final=False),
        said("user", "Hello", "Hello"),
        said("model", "Hi there", "Hi there"),
    )
    assert out == ["you: Hello", "voicecli: Hi there"]


def test_words_that_nothing_settled_are_not_lost_at_the_end() -> None:
    out, _ = shown(said("user", "and then", "and then", final=False), talk.Ended(0, "", 0, 0))
    assert out == ["you: and then"]


def test_the_users_own_words_are_always_heard() -> None:
    assert shown(said("user", "Hello", ""))[0] == ["you: Hello"]


def test_nothing_heard_at_all() -> None:
    assert shown(said("model", "Hello", ""))[0] == ["voicecli: [not heard: Hello]"]


def test_a_turn_is_one_line() -> None:
    assert shown(said("model", "a\n\nb", "a\n\nb"))[0] == ["voicecli: a b"]


def test_the_end_is_told_once() -> None:
    assert shown(talk.Ended(0, "", 0, 0))[1] == ["voicecli: ended: 0 turns · 0:00"]


@given(any_text)
def test_no_control_codes_reach_a_stream(text: str) -> None:
    device = talk.DeviceChanged(0, "input", text)
    remarks = talk.Warned(0, text, text), talk.Noted(0, text), device
    out, err = shown(said("user", text, text), *remarks)
    assert not any(char < " " or "\x7f" <= char <= "\x9f" for line in out + err for char in line)


def test_a_reader_that_leaves_is_noticed_between_the_lines() -> None:
    reader, writer = os.pipe()

    async def main(view: PlainView) -> None:
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            watch = group.create_task(view.run(Recorder()))
            await asyncio.sleep(0)
            assert not watch.done()
            os.close(reader)

    with open(writer, "w") as stdout, pytest.raises(ExceptionGroup) as caught:
        asyncio.run(main(PlainView(stdout, io.StringIO())))
    assert isinstance(caught.value.exceptions[0], BrokenPipeError)


@pytest.mark.parametrize("stream", [io.StringIO(), io.TextIOWrapper(io.BytesIO())])
def test_a_stream_without_a_descriptor_has_a_reader_for_ever(stream: TextIO) -> None:
    assert not LineWriter(stream).reader_left()


def test_a_reader_of_stdout_that_leaves_ends_the_conversation_and_one_of_stderr_does_not() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as gone:
        out = io.StringIO()
        view = PlainView(out, gone)
        view.show(talk.Noted(0, "lost"))
        view.show(said("user", "kept", "kept"))
        assert out.getvalue() == "you: kept\n"
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as gone:
        view = PlainView(gone, io.StringIO())
        with pytest.raises(BrokenPipeError):
            view.show(said("user", "lost", "lost"))
