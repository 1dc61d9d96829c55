"""Keys arrive in pieces, from many terminals, and none of it may end up as text by mistake."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.ui.keys import (
    ESC_ALONE_S,
    MAX_PASTE_BYTES,
    PASTE_STALLED_S,
    Key,
    KeyDecoder,
    PosixKeyReader,
)

if sys.platform == "win32":
    pytest.skip("only on POSIX", allow_module_level=True)

import tty

DEADLINE_S = 20


def decoded(*pieces: bytes) -> list[Key]:
    decoder = KeyDecoder()
    return [key for piece in pieces for key in decoder.feed(piece, 0.0)]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\r", "enter"),
        (b"\n", "enter"),
        (b"\t", "tab"),
        (b"\x7f", "backspace"),
        (b"\x08", "backspace"),
        (b"\x15", "ctrl-u"),
        (b"\x17", "ctrl-w"),
        (b"\x04", "ctrl-d"),
        (b"\x1b[D", "left"),
        (b"\x1bOD", "left"),
        (b"\x1b[C", "right"),
        (b"\x1b[A", "up"),
        (b"\x1b[B", "down"),
        (b"\x1b[H", "home"),
        (b"\x1bOF", "end"),
        (b"\x1b[1~", "home"),
        (b"\x1b[4~", "end"),
        (b"\x1b[3~", "delete"),
        (b"\x1b[3;5~", "delete"),
        (b"\x1b[5~", "page-up"),
        (b"\x1b[6~", "page-down"),
        (b"\x1b[1;5D", "ctrl-left"),
        (b"\x1b[1;3C", "ctrl-right"),
        (b"\x1b[1;2D", "left"),
        (b"\x1bOM", "enter"),
        (b"\x1bb", "alt-b"),
        (b"\x1bf", "alt-f"),
        (b"\x1b\x7f", "alt-backspace"),
    ],
)
def test_named_keys(data: bytes, name: str) -> None:
    assert decoded(data) == [Key(name)]


@pytest.mark.parametrize("letter", ["a", "é", "日", "👍", " "])
def test_letters_in_any_pieces(letter: str) -> None:
    data = letter.encode()
    assert decoded(data) == [Key("char", letter)]
    assert decoded(*(bytes([byte]) for byte in data)) == [Key("char", letter)]


@pytest.mark.parametrize(
    "data", [b"\x1b[2~", b"\x1bOP", b"\x1b[?1;2c", b"\x1b[24;80R", b"\x1bx", b"\x1b[\x01"]
)
def test_unknown_sequences_vanish(data: bytes) -> None:
    assert [key for key in decoded(data + b"a") if key.name == "char"] == [Key("char", "a")]


@pytest.mark.parametrize("data", [b"\xff", b"\x80", b"\xc3a", b"\xe2\x82a", b"\xed\xa0\x80"])
def test_bytes_that_are_no_utf8_vanish(data: bytes) -> None:
    assert {key.text for key in decoded(data + b"b")} <= {"a", "b"}


def test_a_paste_is_one_key_and_nothing_in_it_is_a_command() -> None:
    assert decoded(b"\x1b[200~q\x1b[A\r\xc3\xa9\x1b[201~m") == [
        Key("paste", "q\x1b[A\ré"),
        Key("char", "m"),
    ]


def test_a_paste_without_an_end_is_given_out_after_a_while() -> None:
    decoder = KeyDecoder()
    assert decoder.feed(b"\x1b[200~half", 1.0) == []
    assert decoder.expires_s == 1.0 + PASTE_STALLED_S
    assert decoder.expire(1.5) == []
    assert decoder.expire(2.0) == [Key("paste", "half")]
    assert decoder.feed(b"q", 3.0) == [Key("char", "q")]


def test_a_paste_without_an_end_does_not_fill_the_memory() -> None:
    decoder = KeyDecoder()
    decoder.feed(b"\x1b[200~", 0)
    keys = decoder.feed(b"x" * (MAX_PASTE_BYTES + 1), 0)
    assert [key.name for key in keys] == ["paste"]
    assert decoder.expires_s is None


def test_esc_is_a_key_once_nothing_follows() -> None:
    decoder = KeyDecoder()
    assert decoder.feed(b"\x1b", 1.0) == []
    assert decoder.expires_s == 1.0 + ESC_ALONE_S
    assert decoder.expire(1.01) == []
    assert decoder.expire(1.0 + ESC_ALONE_S) == [Key("esc")]
    assert decoder.expires_s is None
    assert decoder.expire(9.0) == []


def test_esc_twice_is_esc_twice() -> None:
    decoder = KeyDecoder()
    assert decoder.feed(b"\x1b\x1b", 0) == [Key("esc")]
    assert decoder.expire(1) == [Key("esc")]


def test_half_a_sequence_and_half_a_letter_expire_without_a_key() -> None:
    decoder = KeyDecoder()
    for half in (b"\x1b[1;", b"\xe2\x82"):
        assert decoder.feed(half, 0) == []
        assert decoder.expire(1) == []
        assert decoder.feed(b"a", 2) == [Key("char", "a")]


pieces = st.sampled_from(
    [b"a", b"\x1b[A", b"\x1bOM", b"\x1b[200~", b"\x1b[201~", b"\r", b"\xc3\xa9", b"\x1b[1;5C"]
)


@given(st.lists(pieces), st.data())
def test_how_the_bytes_are_cut_makes_no_difference(parts: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(parts)
    cut = data.draw(st.integers(0, len(whole)))
    assert decoded(whole[:cut], whole[cut:]) == decoded(whole)


@given(st.lists(st.binary(max_size=20)))
def test_any_bytes_are_taken(parts: list[bytes]) -> None:
    decoder = KeyDecoder()
    for at, part in enumerate(parts):
        decoder.feed(part, at)
        decoder.expire(at + 0.5)
    decoder.expire(1e9)
    decoder.expire(2e9)
    assert decoder.expires_s is None


def read_keys(act: Callable[[int], object], count: int) -> list[Key]:
    """The first `count` keys that a reader hands over after `act` on the pty's other end."""
    ours, theirs = os.openpty()

    async def reading() -> list[Key]:
        keys: asyncio.Queue[Key] = asyncio.Queue()
        reader = PosixKeyReader(theirs)
        reader.start(keys.put_nowait)
        try:
            async with asyncio.timeout(DEADLINE_S):
                act(ours)
                return [await keys.get() for _ in range(count)]
        finally:
            reader.stop()
            reader.stop()

    tty.setraw(theirs)
    try:
        return asyncio.run(reading())
    finally:
        os.close(theirs)
        with contextlib.suppress(OSError):  # `act` may have closed it
            os.close(ours)


def test_the_reader_hands_over_keys_as_they_come() -> None:
    assert read_keys(lambda fd: os.write(fd, b"m\x1b[A"), 2) == [
        Key("char", "m"),
        Key("up"),
    ]


def test_the_reader_hands_over_a_lone_esc_by_itself() -> None:
    assert read_keys(lambda fd: os.write(fd, b"\x1b"), 1) == [Key("esc")]


def test_the_reader_says_when_the_terminal_is_gone() -> None:
    assert read_keys(os.close, 1) == [Key("hangup")]


def test_a_reader_that_never_began_can_be_stopped() -> None:
    PosixKeyReader(0).stop()
