"""Stopping and going on: told in the right order, once each. (With a shell: test_ui_pty.py.)"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading

import pytest

if sys.platform == "win32":
    pytest.skip("only on POSIX", allow_module_level=True)

from voicecli.ui.job_control import job_control

DEADLINE_S = 20


def test_a_process_that_goes_on_by_itself_is_told() -> None:
    async def going_on() -> None:
        told = asyncio.Event()
        with job_control(lambda: None, told.set):
            os.kill(os.getpid(), signal.SIGCONT)
            async with asyncio.timeout(DEADLINE_S):
                await told.wait()

    asyncio.run(going_on())
    assert signal.getsignal(signal.SIGTSTP) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGCONT) is signal.SIG_DFL


def test_outside_of_the_main_thread_nothing_is_watched() -> None:
    async def nothing() -> None:
        with job_control(lambda: None, lambda: None):
            assert signal.getsignal(signal.SIGTSTP) is signal.SIG_DFL

    thread = threading.Thread(target=asyncio.run, args=(nothing(),))
    thread.start()
    thread.join(DEADLINE_S)
    assert not thread.is_alive()
