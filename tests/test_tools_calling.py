"""Functions of all kinds: in a thread or in the loop, for one result or many."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any

import pytest

from voicecli.tools.calling import Calling
from voicecli.tools.own_thread import THREAD_NAME
from voicecli.tools.tool import ArgumentsError

DEADLINE_S = 30

USER = contextvars.ContextVar("USER", default="nobody")


def calling(function: Callable[..., Any]) -> Calling:
    return Calling(function, dict)


def results_of(function: Callable[..., Any], **args: object) -> list[object]:
    async def main() -> list[object]:
        async with asyncio.timeout(DEADLINE_S):
            return [result async for result in calling(function)(args)]

    return asyncio.run(main())


def test_a_function_runs_in_a_thread_and_sees_the_context() -> None:
    def where(who: str) -> tuple[str, str, str]:
        return who, threading.current_thread().name, USER.get()

    token = USER.set("Ada")
    try:
        assert results_of(where, who="me") == [("me", THREAD_NAME, "Ada")]
    finally:
        USER.reset(token)


def test_an_async_function_runs_in_the_loop() -> None:
    async def where(who: str) -> tuple[str, bool]:
        return who, threading.current_thread() is threading.main_thread()

    assert results_of(where, who="me") == [("me", True)]


def test_a_generator_runs_in_one_thread_with_one_context() -> None:
    def places() -> Generator[tuple[int, str], None, None]:
        USER.set("Bea")
        for _ in range(3):
            yield threading.get_ident(), USER.get()

    results = results_of(places)
    assert len(results) == 3
    assert len(set(results)) == 1
    assert USER.get() == "nobody"


def test_an_async_generator_gives_all_of_its_results() -> None:
    async def counts(to: int) -> AsyncGenerator[int, None]:
        for number in range(to):
            yield number

    assert results_of(counts, to=3) == [0, 1, 2]


@pytest.mark.parametrize("results", [[], [None], [None, 0, StopIteration]])
def test_any_result_of_a_generator_arrives(results: list[object]) -> None:
    def gives() -> Generator[object, None, None]:
        yield from results

    assert results_of(gives) == results


def test_which_functions_stream() -> None:
    def plain() -> None: ...

    async def coroutine() -> None: ...

    def generator() -> Generator[int, None, None]:
        yield 1

    async def async_generator() -> AsyncGenerator[int, None]:
        yield 1

    functions = (plain, coroutine, generator, async_generator)
    assert [calling(one).streams for one in functions] == [False, False, True, True]


def test_arguments_that_do_not_fit_are_told_before_anything_is_done() -> None:
    called: list[str] = []

    def read(args: object) -> dict[str, Any]:
        raise ArgumentsError("no")

    def plain() -> None:
        called.append("plain")

    async def coroutine() -> None:
        called.append("coroutine")

    def generator() -> Generator[None, None, None]:
        called.append("generator")
        yield

    async def async_generator() -> AsyncGenerator[None, None]:
        called.append("async generator")
        yield

    async def main() -> None:
        for function in (plain, coroutine, generator, async_generator):
            with pytest.raises(ArgumentsError, match="no"):
                await anext(Calling(function, read)({}))

    asyncio.run(main())
    assert called == []


def test_the_next_result_is_asked_for_when_the_last_one_was_taken() -> None:
    asked: list[int] = []

    def counts() -> Generator[int, None, None]:
        for number in range(1000):
            asked.append(number)
            yield number

    async def main() -> None:
        results = calling(counts)({})
        assert await anext(results) == 0
        assert await anext(results) == 1
        await results.aclose()

    asyncio.run(main())
    assert asked == [0, 1]


def test_a_generator_that_is_left_puts_its_things_in_order_in_its_thread() -> None:
    closed = threading.Event()
    idents: list[int] = []

    def counts() -> Generator[int, None, None]:
        idents.append(threading.get_ident())
        try:
            yield 1
            yield 2
        finally:
            idents.append(threading.get_ident())
            closed.set()

    async def main() -> None:
        results = calling(counts)({})
        assert await anext(results) == 1
        await results.aclose()

    asyncio.run(main())
    assert closed.wait(DEADLINE_S)
    assert len(set(idents)) == 1


def test_a_generator_that_is_stopped_at_work_is_asked_for_no_more() -> None:
    at_work, release, closed = threading.Event(), threading.Event(), threading.Event()
    asked: list[int] = []

    def counts() -> Generator[int, None, None]:
        try:
            for number in range(3):
                asked.append(number)
                at_work.set()
                release.wait(DEADLINE_S)
                yield number
        finally:
            closed.set()

    async def main() -> None:
        results = calling(counts)({})
        task = asyncio.ensure_future(anext(results))
        assert await asyncio.to_thread(at_work.wait, DEADLINE_S)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    release.set()
    assert closed.wait(DEADLINE_S)
    assert asked == [0]


def test_a_generator_that_fails_at_its_end_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    thread: list[threading.Thread] = []

    def counts() -> Generator[int, None, None]:
        thread.append(threading.current_thread())
        try:
            yield 1
        finally:
            raise RuntimeError("the door is stuck")

    async def main() -> None:
        results = calling(counts)({})
        await anext(results)
        await results.aclose()

    asyncio.run(main())
    thread[0].join(DEADLINE_S)
    assert "the door is stuck" in caplog.text


def test_an_error_of_a_generator_arrives_after_its_results() -> None:
    def counts() -> Generator[int, None, None]:
        yield 1
        raise ValueError("no more")

    async def main() -> None:
        results = calling(counts)({})
        assert await anext(results) == 1
        with pytest.raises(ValueError, match="no more"):
            await anext(results)

    asyncio.run(main())
