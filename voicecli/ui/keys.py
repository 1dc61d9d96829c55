"""Keys as they come from a terminal: bytes to keys, and the reader for POSIX.

The sequences are those of xterm's ctlseqs ("PC-Style Function Keys", "Bracketed Paste Mode").
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

# An escape sequence arrives in one piece or nearly so, even over a slow line; the Esc key is alone.
ESC_ALONE_S = 0.05
# The end of a paste that never comes must not swallow the keyboard for ever.
PASTE_STALLED_S = 1.0
MAX_PASTE_BYTES = 1 << 20
_READ_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class Key:
    """`char` and `paste` carry `text`; others are a name such as `enter`, `left` or `ctrl-u`.

    `hangup` says that there will be no more keys.
    """

    name: str
    text: str = ""


class KeyReader(Protocol):
    """Hands keys to a callback in the event loop."""

    def start(self, on_key: Callable[[Key], None]) -> None:
        """Begin; called in the event loop."""

    def stop(self) -> None:
        """End; safe to call twice, and before `start`."""


_PASTE_BEGIN, _PASTE_END = b"\x1b[200~", b"\x1b[201~"
_SEQUENCE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|O[ -~])")
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|O)?\Z")
_CONTROL: Final = {0x08: "backspace", 0x09: "tab", 0x0A: "enter", 0x0D: "enter", 0x7F: "backspace"}
_FINAL: Final = {b"A": "up", b"B": "down", b"C": "right", b"D": "left", b"H": "home", b"F": "end"}
_TILDE: Final = {
    b"1": "home",
    b"3": "delete",
    b"4": "end",
    b"5": "page-up",
    b"6": "page-down",
    b"7": "home",
    b"8": "end",
}
_WITH_CTRL = re.compile(rb"\x1b\[1;[3579]([CD])")


class KeyDecoder:
    """Bytes in any pieces to keys; unknown sequences vanish. Time is passed in."""

    def __init__(self) -> None:
        self._rest = b""
        self._pasting = False
        self._fed_s = 0.0

    @property
    def expires_s(self) -> float | None:
        """When to call `expire` if nothing more is fed; None if nothing is pending."""
        if self._pasting:
            return self._fed_s + PASTE_STALLED_S
        return self._fed_s + ESC_ALONE_S if self._rest else None

    def feed(self, data: bytes, now_s: float) -> list[Key]:
        """The keys that `data`, with what was pending, makes whole."""
        self._rest += data
        self._fed_s = now_s
        keys: list[Key] = []
        while self._rest and (step := self._step()) is not None:
            used, key = step
            self._rest = self._rest[used:]
            if key is not None:
                keys.append(key)
        return keys

    def expire(self, now_s: float) -> list[Key]:
        """The keys that pending bytes stand for, now that nothing followed in time."""
        if self.expires_s is None or now_s < self.expires_s:
            return []
        rest, self._rest = self._rest, b""
        if self._pasting:
            self._pasting = False
            return [Key("paste", rest.decode("utf-8", "replace"))]
        return [Key("esc")] if rest == b"\x1b" else []

    def _step(self) -> tuple[int, Key | None] | None:
        """How many bytes the next key takes, and the key; None if more bytes are needed."""
        if self._pasting:
            return self._paste()
        if self._rest[0] == 0x1B:
            return self._escape()
        if self._rest[0] < 0x20 or self._rest[0] == 0x7F:
            return 1, _control(self._rest[0])
        return self._letter()

    def _paste(self) -> tuple[int, Key | None] | None:
        end = self._rest.find(_PASTE_END)
        if end < 0 and len(self._rest) <= MAX_PASTE_BYTES:
            return None
        self._pasting = False
        pasted = self._rest[:end] if end >= 0 else self._rest
        used = end + len(_PASTE_END) if end >= 0 else len(self._rest)
        return used, Key("paste", pasted.decode("utf-8", "replace"))

    def _escape(self) -> tuple[int, Key | None] | None:
        found = _SEQUENCE.match(self._rest)
        if found:
            self._pasting = found.group() == _PASTE_BEGIN
            return found.end(), _sequence(found.group())
        if _UNFINISHED.match(self._rest):
            return None
        after = self._rest[1]
        if after == 0x1B:
            return 1, Key("esc")
        if after in b"bf":
            return 2, Key(f"alt-{chr(after)}")
        return (2, Key("alt-backspace")) if after in b"\x08\x7f" else (2, None)

    def _letter(self) -> tuple[int, Key | None] | None:
        lead = self._rest[0]
        size = 1 + (lead >= 0xC0) + (lead >= 0xE0) + (lead >= 0xF0)
        try:
            return size, Key("char", self._rest[:size].decode())
        except UnicodeDecodeError as error:
            unfinished = error.reason == "unexpected end of data" and len(self._rest) < size
            return None if unfinished else (1, None)


def _control(code: int) -> Key:
    return Key(_CONTROL.get(code) or f"ctrl-{chr(code + 0x60)}")


def _sequence(whole: bytes) -> Key | None:
    with_ctrl = _WITH_CTRL.fullmatch(whole)
    if with_ctrl:
        return Key("ctrl-" + _FINAL[with_ctrl.group(1)])
    body, final = whole[2:-1], whole[-1:]
    if final == b"~":
        name = _TILDE.get(body.split(b";")[0])
    elif whole == b"\x1bOM":
        name = "enter"
    else:
        name = _FINAL.get(final)
    return Key(name) if name else None


class PosixKeyReader:
    """Reads keys from a terminal's file descriptor, whose modes `Terminal` has set."""

    def __init__(self, keyboard_fd: int) -> None:
        self._fd = keyboard_fd
        self._decoder = KeyDecoder()
        self._expiry: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, on_key: Callable[[Key], None]) -> None:
        """Begin to watch the descriptor in the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._fd, self._readable, self._loop, on_key)

    def stop(self) -> None:
        """Watch no longer."""
        self._cancel_expiry()
        if self._loop is not None:
            self._loop.remove_reader(self._fd)
            self._loop = None

    def _readable(self, loop: asyncio.AbstractEventLoop, on_key: Callable[[Key], None]) -> None:
        self._cancel_expiry()
        data = _read(self._fd)
        if data is None:
            return
        if not data:
            self.stop()
            on_key(Key("hangup"))
            return
        for key in self._decoder.feed(data, loop.time()):
            on_key(key)
        self._await_expiry(loop, on_key)

    def _await_expiry(self, loop: asyncio.AbstractEventLoop, on_key: Callable[[Key], None]) -> None:
        if self._loop is not None and self._decoder.expires_s is not None:
            self._expiry = loop.call_at(self._decoder.expires_s, self._expire, loop, on_key)

    def _expire(self, loop: asyncio.AbstractEventLoop, on_key: Callable[[Key], None]) -> None:
        # The loop may call a clock's tick early; the decoder is told the time it waits for.
        for key in self._decoder.expire(self._decoder.expires_s or loop.time()):
            on_key(key)

    def _cancel_expiry(self) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None


def _read(fd: int) -> bytes | None:
    """What was typed; empty if the terminal is gone, None if the loop woke for nothing."""
    try:
        return os.read(fd, _READ_BYTES)
    except BlockingIOError:
        return None
    except OSError:  # EIO: the terminal was closed
        return b""
