"""The mapping of Windows' console keys, which can be tested without Windows."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.ui.keys import Key
from voicecli.ui.keys_windows import WindowsKeyDecoder, WindowsKeyReader


def decoded(chars: str) -> list[Key]:
    decoder = WindowsKeyDecoder()
    return [key for char in chars if (key := decoder.feed(char)) is not None]


@pytest.mark.parametrize(
    ("chars", "key"),
    [
        ("a", Key("char", "a")),
        ("é", Key("char", "é")),
        ("\r", Key("enter")),
        ("\x08", Key("backspace")),
        ("\x7f", Key("ctrl-w")),
        ("\x1b", Key("esc")),
        ("\t", Key("tab")),
        ("\x15", Key("ctrl-u")),
        ("\xe0K", Key("left")),
        ("\x00M", Key("right")),
        ("\xe0I", Key("page-up")),
        ("\xe0Q", Key("page-down")),
        ("\xe0s", Key("ctrl-left")),
        ("\xe0S", Key("delete")),
        ("\ud83d\udc4d", Key("char", "👍")),
    ],
)
def test_console_characters_to_keys(chars: str, key: Key) -> None:
    assert decoded(chars) == [key]


def test_unknown_special_keys_and_broken_pairs_vanish() -> None:
    assert decoded("\x00;a") == [Key("char", "a")]
    assert decoded("\ud83da") == [Key("char", "a")]


def test_the_letter_that_looks_like_a_prefix_is_typed_when_nothing_follows() -> None:
    decoder = WindowsKeyDecoder()
    assert decoder.feed("à") is None
    assert decoder.expire() == Key("char", "à")
    assert decoder.expire() is None


@given(st.text(st.characters(codec=None)))
def test_any_characters_are_taken(chars: str) -> None:
    decoded(chars)


def test_the_reader_starts_and_stops() -> None:
    async def started() -> None:
        reader = WindowsKeyReader()
        reader.stop()
        reader.start(lambda key: None)
        reader.stop()
        reader.stop()

    asyncio.run(started())
