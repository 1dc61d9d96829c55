"""Keys on Windows: the console gives characters, and two of them for a special key.

Only a thread can wait for them. The mapping is pure and works anywhere; see Microsoft's `_getwch`.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from typing import Final

from voicecli.ui.keys import Key

# Short enough for typing to feel direct, long enough to cost nothing.
POLL_S = 0.02

_PREFIXES = "\x00à"
_SPECIAL: Final = {
    "H": "up",
    "P": "down",
    "K": "left",
    "M": "right",
    "G": "home",
    "I": "page-up",
    "Q": "page-down",
    "O": "end",
    "S": "delete",
    "s": "ctrl-left",
    "t": "ctrl-right",
}
_CONTROL: Final = {
    "\r": "enter",
    "\n": "enter",
    "\x08": "backspace",
    "\x7f": "ctrl-w",  # Ctrl-Backspace
    "\t": "tab",
    "\x1b": "esc",
}


class WindowsKeyDecoder:
    """Characters of `msvcrt.getwch` to keys; remembers the first half of a pair."""

    def __init__(self) -> None:
        self._first = ""

    def feed(self, char: str) -> Key | None:
        """The key that `char` completes, if any."""
        first, self._first = self._first, ""
        if first and first in _PREFIXES:
            name = _SPECIAL.get(char)
            return Key(name) if name else None
        if first:
            return _paired(first, char)
        if char in _PREFIXES or "\ud800" <= char <= "\udbff":
            self._first = char
            return None
        if char in _CONTROL:
            return Key(_CONTROL[char])
        return Key(f"ctrl-{chr(ord(char) + 0x60)}") if char < " " else Key("char", char)

    def expire(self) -> Key | None:
        """The key that a lone first half stands for: the letter à looks like a prefix."""
        first, self._first = self._first, ""
        return Key("char", first) if first == "à" else None


def _paired(first: str, second: str) -> Key | None:
    pair = (first + second).encode("utf-16-le", "surrogatepass")
    text = pair.decode("utf-16-le", "ignore")
    return Key("char", text) if text else None


class WindowsKeyReader:
    """Polls the console in a thread of its own and hands keys to the event loop."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, on_key: Callable[[Key], None]) -> None:
        """Begin to poll."""
        loop = asyncio.get_running_loop()

        def hand_over(key: Key) -> None:
            loop.call_soon_threadsafe(on_key, key)

        self._thread = threading.Thread(target=self._poll, args=(hand_over,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Poll no longer; returns when the thread has ended."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _poll(self, hand_over: Callable[[Key], None]) -> None:
        if sys.platform != "win32":
            return
        import msvcrt

        decoder = WindowsKeyDecoder()
        while not self._stopped.wait(POLL_S):
            while msvcrt.kbhit():
                key = decoder.feed(msvcrt.getwch())
                if key is None and not msvcrt.kbhit():
                    key = decoder.expire()
                if key is not None:
                    hand_over(key)
