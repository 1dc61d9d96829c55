"""What a server writes beside the protocol helps to find its fault, and harms nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.tools.mcp.words import LONGEST_LINE_CHARACTERS, MOST_LOGGED_LINES, Words


def words() -> Words:
    return Words("files", lambda text: text.replace("hunter2", "…"))


def test_the_last_lines_are_remembered() -> None:
    heard = words()
    heard.hear(b"one\ntwo\nthr")
    heard.hear(b"ee\nfour\n")
    assert heard.last == "two / three / four"


def test_a_line_that_is_not_complete_counts() -> None:
    heard = words()
    heard.hear(b"one\ncannot open")
    assert heard.last == "one / cannot open"
    assert words().last == ""


def test_lines_go_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    words().hear(b"cannot open\n\n")
    assert [record.getMessage() for record in caplog.records] == [
        "MCP server files says: cannot open"
    ]


def test_secrets_and_control_characters_are_taken_out(caplog: pytest.LogCaptureFixture) -> None:
    heard = words()
    heard.hear(b"the key is hunter2\x1b[31m\xff\r\n")
    heard.hear(b"hunter2")
    assert "hunter2" not in heard.last + caplog.text
    assert heard.last.isprintable()


def test_a_flood_does_not_push_all_else_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    heard = words()
    for number in range(1000):
        heard.hear(b"flood %d\n" % number)
    assert len(caplog.records) == MOST_LOGGED_LINES + 1
    assert "not kept" in caplog.records[-1].getMessage()
    assert heard.last.endswith("flood 999")


def test_a_line_without_end_is_not_kept_whole() -> None:
    heard = words()
    for _ in range(100):
        heard.hear(b"x" * 65_536)
    assert len(heard.last) <= LONGEST_LINE_CHARACTERS


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_anything_can_be_heard(pieces: list[bytes]) -> None:
    heard = words()
    for piece in pieces:
        heard.hear(piece)
    assert len(heard.last) <= 3 * LONGEST_LINE_CHARACTERS + 10
