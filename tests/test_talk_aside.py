"""What blocks is waited for by the one who asked, and by nobody else: not even by the process."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from voicecli.talk.aside import aside

DEADLINE_S = 20.0


def test_work_is_done_in_another_thread_and_its_result_comes_back() -> None:
    assert asyncio.run(aside(threading.current_thread)) is not threading.current_thread()


def test_what_it_raises_comes_back_too() -> None:
    def fail() -> None:
        raise OSError("no device")

    with pytest.raises(OSError, match="no device"):
        asyncio.run(aside(fail))


def test_the_loop_goes_on_meanwhile() -> None:
    async def main() -> None:
        go_on = threading.Event()
        work = asyncio.create_task(aside(lambda: go_on.wait(DEADLINE_S)))
        await asyncio.sleep(0)
        go_on.set()  # the loop got here while the work was waiting
        assert await work

    asyncio.run(main())


def test_who_no_longer_waits_is_not_bothered_with_the_result() -> None:
    async def main() -> None:
        go_on, over = threading.Event(), threading.Event()

        def work() -> None:
            go_on.wait(DEADLINE_S)
            over.set()

        task = asyncio.create_task(aside(work))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go_on.set()
        assert over.wait(DEADLINE_S)
        await asyncio.sleep(0)

    asyncio.run(main())


def test_work_that_ends_after_the_loop_harms_nobody() -> None:
    go_on = threading.Event()
    threads: list[threading.Thread] = []

    def work() -> None:
        threads.append(threading.current_thread())
        go_on.wait(DEADLINE_S)

    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await aside(work)

    asyncio.run(main())
    go_on.set()
    threads[0].join(DEADLINE_S)
    assert not threads[0].is_alive()


def test_work_that_hangs_does_not_keep_the_process() -> None:
    code = "\n".join(
        (
            "import asyncio, threading",
            "from voicecli.talk.aside import aside",
            "async def main():",
            "    task = asyncio.create_task(aside(threading.Event().wait))",
            "    await asyncio.sleep(0.05)",
            "    task.cancel()",
            "asyncio.run(main())",
        )
    )
    subprocess.run([sys.executable, "-c", code], timeout=DEADLINE_S, check=True)
