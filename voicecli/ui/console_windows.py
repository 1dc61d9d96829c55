"""Windows' console, made to obey control sequences and to take UTF-8; and as it was before.

See Microsoft's "Console Virtual Terminal Sequences". Can only run there; `Terminal` calls it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

_STD_OUTPUT_HANDLE = -11
_VIRTUAL_TERMINAL_PROCESSING = 0x0004
_UTF8 = 65001


@dataclass(frozen=True, slots=True)
class ConsoleModes:
    """Output mode and code page, as found."""

    output_mode: int
    code_page: int


def enter() -> ConsoleModes | None:
    """Set the modes that the screen needs; the old ones, or None where there is no console."""
    if sys.platform != "win32":
        return None
    import ctypes

    kernel32 = ctypes.windll.kernel32
    handle = kernel32.GetStdHandle(_STD_OUTPUT_HANDLE)
    mode = ctypes.c_uint32()
    if not kernel32.GetConsoleMode(handle, ctypes.byref(mode)):
        return None
    found = ConsoleModes(mode.value, kernel32.GetConsoleOutputCP())
    kernel32.SetConsoleMode(handle, mode.value | _VIRTUAL_TERMINAL_PROCESSING)
    kernel32.SetConsoleOutputCP(_UTF8)
    return found


def leave(found: ConsoleModes) -> None:
    """Set the modes that `enter` found."""
    if sys.platform == "win32":
        import ctypes

        kernel32 = ctypes.windll.kernel32
        kernel32.SetConsoleOutputCP(found.code_page)
        kernel32.SetConsoleMode(kernel32.GetStdHandle(_STD_OUTPUT_HANDLE), found.output_mode)
