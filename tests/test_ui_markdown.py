"""A transcript is Markdown that shows what was said, whatever was said."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from ui_events import SAMPLES

from voicecli.live.patience import Patience
from voicecli.talk import events as talk
from voicecli.ui.escape import one_line, visible
from voicecli.ui.markdown import MarkdownTranscript, escaped

SESSION = talk.SessionStarted(0, "m", None, True, None, None, None, False, Patience.NORMAL)
any_text = st.text(st.characters(codec=None))


def said(role: talk.Role, text: str, heard: str | None = None) -> talk.Transcript:
    return talk.Transcript(0, role, text, True, text if heard is None else heard)


def document(*events: talk.TalkEvent, title: str | None = "Title") -> str:
    transcript = MarkdownTranscript(title)
    return "".join(map(transcript.take, events))


def test_a_conversation() -> None:
    words = said("user", "Hello"), said("model", "The sea is big", "The sea")
    assert document(SESSION, *words) == (
        "# Title\n\n**you:** Hello\n\n**voicecli:** The sea *\\[not heard: is big\\]*\n"
    )


def test_another_session_is_set_apart() -> None:
    assert document(SESSION, said("user", "a"), SESSION) == "# Title\n\n**you:** a\n\n---\n"
    assert document(SESSION, said("user", "a"), title=None) == "\n---\n\n**you:** a\n"


def test_tools_and_sources_are_told() -> None:
    paragraphs = document(*SAMPLES).split("\n\n")
    assert '*tool:* get\\_weather(city="London")' in paragraphs
    assert '*tool:* get\\_weather → {"temperature\\_c": 12} (0.7 s)' in paragraphs
    assert paragraphs[-1] == "*source:* Weather https://weather.example.org/\n"


def test_questions_are_told_by_their_answers_and_partial_results_as_they_came() -> None:
    text = document(*SAMPLES)
    assert "*tool:* add\\_note: allowed (user)" in text
    assert '*tool:* timer … {"left\\_s": 60}' in text


def test_code_and_what_it_printed_are_blocks() -> None:
    text = document(*SAMPLES)
    assert "\n*code:*\n\n```python\nprint(6 * 7)\n```\n" in text
    assert "\n*code printed:*\n\n```\n42\n\n```\n" in text
    assert "*code failed:*" in document(talk.CodeRan(0, ok=False, output="no"))


@given(any_text, any_text, any_text)
def test_code_cannot_end_its_block_whatever_it_is(code: str, language: str, output: str) -> None:
    text = document(talk.CodeWritten(0, language, code), talk.CodeRan(0, True, output))
    tokens = MarkdownIt().parse(text)
    blocks = [token.content for token in tokens if token.type == "fence"]
    assert blocks == [visible(code) + "\n", visible(output) + "\n"]
    kinds = [token.type for token in tokens]
    assert kinds.count("paragraph_open") == 2
    assert not {"html_block", "heading_open"} & set(kinds)


def test_words_come_in_the_order_in_which_they_began() -> None:
    began = talk.Transcript(0, "model", "The", False, "")
    text = document(began, said("user", "stop"), said("model", "The sea"))
    assert text.index("The sea") < text.index("stop")


def test_what_has_no_words_adds_nothing() -> None:
    assert (
        document(said("user", "  "), talk.Noted(0, "x"), talk.StateChanged(0, talk.State.THINKING))
        == ""
    )


@pytest.mark.parametrize(
    "text",
    [
        "# heading",
        "- item",
        "1. item",
        "> quote",
        "```\ncode",
        "[link](https://example.org)",
        "![picture](x.png)",
        "<script>alert(1)</script>",
        "**bold** _it_ ~~gone~~ `code`",
        "&lt; a \\* b",
        "a\n\n---\n\nb",
        "| a | b |\n|---|---|",
        "    indented",
    ],
)
def test_what_was_said_is_no_markup(text: str) -> None:
    html = (
        MarkdownIt("commonmark")
        .enable(["table", "strikethrough"])
        .render(document(said("user", text)))
    )
    assert re.fullmatch(r"<p><strong>you:</strong> [^<]*</p>\n", html)


@given(any_text, any_text)
def test_any_words_are_shown_as_they_are_on_one_line(text: str, heard: str) -> None:
    lines = document(said("user", text), said("model", text, heard)).split("\n")
    assert len(lines) == (5 if one_line(text) else 1)
    shown = MarkdownIt("commonmark").render(f"x {escaped(text)} x")
    bare = re.sub(r"</?p>|\n$", "", shown)
    for sign, letter in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        bare = bare.replace(sign, letter)
    assert bare == f"x {one_line(text)} x"


@given(any_text)
def test_no_control_codes_are_left(text: str) -> None:
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", document(said("model", text)))
