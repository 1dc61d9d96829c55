"""Functions that block: each in a thread of its own, which holds up nobody and not the exit."""

from __future__ import annotations

import asyncio
import concurrent.futures
import subprocess
import sys
import threading
from contextlib import ExitStack

import pytest

from voicecli.tools.own_thread import MOST_THREADS, THREAD_NAME, OwnThread

DEADLINE_S = 30


def test_what_it_is_given_runs_in_one_thread_in_order() -> None:
    done: list[int] = []
    with OwnThread() as thread:
        futures = [thread.submit(done.append, number) for number in range(5)]
        idents = {thread.submit(threading.get_ident).result(DEADLINE_S) for _ in range(3)}
    assert [future.result(DEADLINE_S) for future in futures] == [None] * 5
    assert done == [0, 1, 2, 3, 4]
    assert len(idents) == 1
    assert threading.get_ident() not in idents


def test_the_thread_ends_after_what_it_was_given() -> None:
    with OwnThread() as thread:
        one = thread.submit(threading.current_thread).result(DEADLINE_S)
    one.join(DEADLINE_S)
    assert not one.is_alive()
    assert one.name == THREAD_NAME
    assert one.daemon


def test_without_work_there_is_no_thread() -> None:
    before = threading.active_count()
    with OwnThread():
        assert threading.active_count() == before


def test_one_that_hangs_holds_up_no_other() -> None:
    release = threading.Event()
    with ExitStack() as stack:
        stack.callback(release.set)
        for _ in range(20):
            stack.enter_context(OwnThread()).submit(release.wait, DEADLINE_S)
        with OwnThread() as thread:
            assert thread.submit(lambda: 7).result(DEADLINE_S) == 7


def test_too_many_that_hang_are_refused() -> None:
    release = threading.Event()
    with ExitStack() as stack:
        stack.callback(release.set)
        held = [stack.enter_context(OwnThread()) for _ in range(MOST_THREADS)]
        running = [thread.submit(release.wait, DEADLINE_S) for thread in held]
        with OwnThread() as thread, pytest.raises(RuntimeError, match="not come to an end"):
            thread.submit(lambda: 7)
        release.set()
        assert all(future.result(DEADLINE_S) for future in running)


@pytest.mark.parametrize(
    "error",
    [
        StopIteration(),
        SystemExit(3),
        KeyboardInterrupt(),
        GeneratorExit(),
        asyncio.CancelledError(),
        concurrent.futures.CancelledError(),
    ],
    ids=lambda error: type(error).__module__ + type(error).__name__,
)
def test_what_would_end_more_than_the_call_arrives_as_an_error(error: BaseException) -> None:
    def fails() -> None:
        raise error

    async def main() -> None:
        with OwnThread() as thread:
            running = asyncio.get_running_loop().run_in_executor(thread, fails)
            await asyncio.wait_for(running, DEADLINE_S)

    with pytest.raises(RuntimeError, match=type(error).__name__) as caught:
        asyncio.run(main())
    assert caught.value.__cause__ is error


def test_an_error_of_the_function_arrives_as_it_is() -> None:
    error = ValueError("no such city")

    def fails() -> None:
        raise error

    with OwnThread() as thread:
        assert thread.submit(fails).exception(DEADLINE_S) is error


def test_what_was_cancelled_before_its_turn_is_not_run() -> None:
    release, done = threading.Event(), threading.Event()
    with OwnThread() as thread:
        thread.submit(release.wait, DEADLINE_S)
        waiting = thread.submit(done.set)
        assert waiting.cancel()
        release.set()
        thread.submit(lambda: None).result(DEADLINE_S)
    assert not done.is_set()


def test_a_program_ends_while_a_thread_is_at_work() -> None:
    program = (
        "import asyncio, threading\n"
        "from voicecli.tools.own_thread import OwnThread\n"
        "async def main():\n"
        "    started = threading.Event()\n"
        "    def hangs():\n"
        "        started.set()\n"
        "        threading.Event().wait()\n"
        "    with OwnThread() as thread:\n"
        "        asyncio.get_running_loop().run_in_executor(thread, hangs)\n"
        "        assert started.wait(30)\n"
        "asyncio.run(main())\n"
        "print('over')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "over\n"
    assert done.stderr == ""
