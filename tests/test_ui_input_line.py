"""Typing must work as everywhere else, and no key may do something by surprise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.ui.action import Send
from voicecli.ui.input_line import MAX_CHARS, InputLine, edit
from voicecli.ui.keys import Key

EDITING = [
    *("backspace", "delete", "ctrl-d", "ctrl-u", "ctrl-k", "ctrl-w", "alt-backspace"),
    *("left", "right", "ctrl-b", "ctrl-f", "home", "end", "ctrl-a", "ctrl-e"),
    *("ctrl-left", "ctrl-right", "alt-b", "alt-f", "up", "tab", "ctrl-x"),
]


def line(shown: str) -> InputLine:
    """A line from its text with `|` for the cursor."""
    before, after = shown.split("|")
    return InputLine(before + after, len(before))


def shown(typed: InputLine | None) -> str | None:
    return None if typed is None else f"{typed.text[: typed.cursor]}|{typed.text[typed.cursor :]}"


def test_enter_sends_and_esc_leaves() -> None:
    assert edit(line(" hello |"), Key("enter")) == (None, Send("hello"))
    assert edit(line("  |"), Key("enter")) == (None, None)
    assert edit(line("hello|"), Key("esc")) == (None, None)
    assert edit(line("hello|"), Key("hangup")) == (None, "quit")


@pytest.mark.parametrize(
    ("before", "name", "after"),
    [
        ("ab|c", "backspace", "a|c"),
        ("|abc", "backspace", "|abc"),
        ("a|bc", "delete", "a|c"),
        ("abc|", "delete", "abc|"),
        ("a|bc", "ctrl-d", "a|c"),
        ("ab|c", "ctrl-u", "|c"),
        ("a|bc", "ctrl-k", "a|"),
        ("one two  |x", "ctrl-w", "one |x"),
        ("  |x", "ctrl-w", "|x"),
        ("ab|", "left", "a|b"),
        ("|ab", "left", "|ab"),
        ("|ab", "right", "a|b"),
        ("ab|", "right", "ab|"),
        ("ab|", "home", "|ab"),
        ("|ab", "end", "ab|"),
        ("one two|", "ctrl-left", "one |two"),
        ("|one two", "ctrl-right", "one| two"),
        ("one| two", "ctrl-right", "one two|"),
        ("one|  ", "ctrl-right", "one  |"),
        ("a|b", "up", "a|b"),
    ],
)
def test_editing(before: str, name: str, after: str) -> None:
    assert shown(edit(line(before), Key(name))[0]) == after


@pytest.mark.parametrize("letter", ["é", "e\u0301", "日", "👍🏽", "👩‍👩‍👧", "क्षि"[:2]])
def test_a_letter_of_several_codes_is_one_for_the_cursor(letter: str) -> None:
    typed = InputLine().insert("a" + letter)
    assert edit(typed, Key("backspace"))[0] == InputLine("a", 1)
    moved, _ = edit(typed, Key("left"))
    assert moved == InputLine("a" + letter, 1)
    assert moved is not None
    assert edit(moved, Key("right"))[0] == typed


def test_letters_go_in_at_the_cursor() -> None:
    assert shown(edit(line("a|c"), Key("char", "b"))[0]) == "ab|c"


def test_control_characters_are_not_typed() -> None:
    assert InputLine().insert("a\x1b[2J\x00\u202eb\tc\r\nd\re\u3000").text == "a[2Jb\tc\nd\ne\u3000"


def test_there_is_a_limit() -> None:
    typed = InputLine().insert("x" * (MAX_CHARS + 5))
    assert len(typed.text) == typed.cursor == MAX_CHARS
    assert typed.insert("y") == typed


keys = st.builds(Key, st.sampled_from(EDITING)) | st.builds(
    Key, st.just("char"), st.text(max_size=3)
)


@given(st.lists(keys))
def test_the_cursor_stays_within_the_text(pressed: list[Key]) -> None:
    typed = InputLine()
    for key in pressed:
        after, action = edit(typed, key)
        assert after is not None
        assert action is None
        assert 0 <= after.cursor <= len(after.text)
        typed = after
