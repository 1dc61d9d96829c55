"""Outside of Windows there is no such console, and asking for it must do nothing."""

from __future__ import annotations

import sys

import pytest

from voicecli.ui import console_windows

if sys.platform == "win32":
    pytest.skip("only on POSIX", allow_module_level=True)


def test_elsewhere_there_is_nothing_to_set_and_nothing_to_restore() -> None:
    assert console_windows.enter() is None
    console_windows.leave(console_windows.ConsoleModes(0, 437))
