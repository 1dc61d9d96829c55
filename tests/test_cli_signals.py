"""Ctrl-C ends politely, Ctrl-C twice at once, and what was there before is there again after."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest

from voicecli.cli.signals import ending_on_signals

if sys.platform == "win32":
    pytest.skip("only on POSIX: Windows loops take no signal handlers", allow_module_level=True)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_the_first_signal_ends_politely(name: str) -> None:
    async def main() -> str:
        asked = asyncio.Event()
        with ending_on_signals(asked.set):
            os.kill(os.getpid(), getattr(signal, name))
            async with asyncio.timeout(10):
                await asked.wait()
        return "ended"

    assert asyncio.run(main()) == "ended"


def test_the_second_signal_ends_what_does_not_end_by_itself() -> None:
    asked = 0

    async def main() -> None:
        def ask() -> None:
            nonlocal asked
            asked += 1
            os.kill(os.getpid(), signal.SIGINT)

        with ending_on_signals(ask):
            os.kill(os.getpid(), signal.SIGINT)
            async with asyncio.timeout(10):
                await asyncio.Event().wait()

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())
    assert asked == 1


def test_after_the_block_signals_do_what_they_did_before() -> None:
    async def main() -> None:
        with ending_on_signals(lambda: None):
            pass

    before = signal.getsignal(signal.SIGTERM)
    asyncio.run(main())
    assert signal.getsignal(signal.SIGTERM) is before
