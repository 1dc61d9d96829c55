"""Whatever a function does, the model gets an answer that it can act on, and the talk goes on."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tool_of import tool_of
from virtual_time import run_virtually

from voicecli.tools.declare import tool as declared
from voicecli.tools.runner import GRACE_S, Outcome, run
from voicecli.tools.tool import LARGEST_RESULT_CHARACTERS, Arguments, Tool

DEADLINE_S = 30


def outcome_of(function: Callable[..., object], args: dict[str, object], **changes: Any) -> Outcome:
    tool = tool_of(function, **changes)
    return asyncio.run(run(tool, args, lambda result: None))


def test_a_result_goes_back_as_a_result() -> None:
    outcome = outcome_of(lambda city: {"sky": city}, {"city": "Bonn"})
    assert outcome.response == {"result": {"sky": "Bonn"}}


def test_a_function_that_fails_answers_with_its_message() -> None:
    def fails() -> None:
        raise RuntimeError("no such city")

    assert outcome_of(fails, {}).response == {"error": "RuntimeError: no such city"}


def test_a_function_that_takes_too_long_is_given_up() -> None:
    release = threading.Event()

    async def main() -> Outcome:
        try:
            tool = tool_of(lambda: release.wait(10), timeout_s=0.01)
            return await run(tool, {}, lambda result: None)
        finally:
            release.set()

    assert asyncio.run(main()).error == "f took longer than 0.01 s"


def test_a_result_that_is_too_long_is_cut_with_a_note() -> None:
    result = outcome_of(lambda: "x" * 50_000, {}).result
    assert isinstance(result, str)
    assert len(result) < LARGEST_RESULT_CHARACTERS + 100
    assert "cut: 50002 characters" in result


@given(st.dictionaries(st.text(), st.one_of(st.integers(), st.text(), st.binary(), st.none())))
def test_any_result_becomes_plain_json(value: dict[str, object]) -> None:
    json.dumps(outcome_of(lambda: value, {}).response)


def test_a_result_that_json_cannot_say_is_an_error_for_the_model() -> None:
    circular: list[object] = []
    circular.append(circular)
    assert "ValueError" in (outcome_of(lambda: circular, {}).error or "")


def test_an_infinite_number_is_no_json_either() -> None:
    assert "ValueError" in (outcome_of(lambda: float("inf"), {}).error or "")


def test_a_time_out_inside_the_function_is_its_own() -> None:
    def fails() -> None:
        raise TimeoutError("no answer from the lamp")

    assert outcome_of(fails, {}).error == "TimeoutError: no answer from the lamp"


def test_an_error_that_is_too_long_is_cut_with_a_note() -> None:
    def fails() -> None:
        raise RuntimeError("x" * 50_000)

    error = outcome_of(fails, {}).error or ""
    assert len(error) < LARGEST_RESULT_CHARACTERS + 100
    assert "(cut: " in error


def test_half_of_a_surrogate_pair_cannot_be_sent() -> None:
    assert outcome_of(lambda: {"a": "x\ud800"}, {}).result == {"a": "x\ufffd"}


def ignore(result: object) -> None:
    """A partial result that nobody wants."""


def test_a_traceback_goes_to_the_log_and_not_to_the_model(caplog: pytest.LogCaptureFixture) -> None:
    def fails() -> None:
        secret_place: dict[str, int] = {}
        secret_place["door"]

    outcome = outcome_of(fails, {})
    assert outcome.error == "KeyError: 'door'"
    assert "secret_place" in caplog.text
    assert caplog.records[0].levelno == logging.ERROR


def test_what_the_model_sent_wrong_is_not_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    @declared
    def adds(a: int) -> int:
        """Adds."""
        return a

    error = asyncio.run(run(adds, {"a": "x"}, ignore)).error
    assert error == 'a: input should be a valid integer, not "x". It takes: a (integer)'
    assert caplog.text == ""


@pytest.mark.parametrize("kind", ["in a thread", "in the loop"])
@pytest.mark.parametrize(
    "error", [SystemExit(3), KeyboardInterrupt(), asyncio.CancelledError(), StopIteration()]
)
def test_a_function_cannot_end_more_than_its_call(kind: str, error: BaseException) -> None:
    @declared
    def blocks() -> None:
        """Fails."""
        raise error

    @declared
    async def waits() -> None:
        """Fails."""
        raise error

    async def main() -> tuple[Outcome, str]:
        outcome = await run(blocks if kind == "in a thread" else waits, {}, ignore)
        await asyncio.sleep(0)
        return outcome, "still here"

    outcome, here = asyncio.run(main())
    assert outcome.error
    assert here == "still here"


def test_partial_results_arrive_as_they_come() -> None:
    """The function goes on only when its last result has arrived."""
    arrived = threading.Semaphore(0)

    @declared
    def counts() -> Generator[int, None, None]:
        """Counts."""
        for number in range(3):
            yield number
            assert arrived.acquire(timeout=DEADLINE_S)

    partial: list[object] = []

    def take(result: object) -> None:
        partial.append(result)
        arrived.release()

    assert asyncio.run(run(counts, {}, take)) == Outcome(over=True)
    assert partial == [0, 1, 2]


def test_a_partial_result_that_is_too_long_is_cut() -> None:
    @declared
    def tells() -> Generator[str, None, None]:
        """Tells."""
        yield "x" * 50_000

    partial: list[object] = []
    asyncio.run(run(tells, {}, partial.append))
    assert len(str(partial[0])) < LARGEST_RESULT_CHARACTERS + 100


def test_the_time_out_is_for_all_results_together() -> None:
    @declared(timeout_s=25)
    async def counts() -> AsyncGenerator[int, None]:
        """Counts."""
        for number in range(5):
            await asyncio.sleep(10)
            yield number

    partial: list[object] = []
    outcome = run_virtually(run(counts, {}, partial.append))
    assert outcome.error == "counts took longer than 25 s"
    assert partial == [0, 1]


def test_without_a_time_out_a_function_may_take_a_day() -> None:
    @declared(timeout_s=None)
    async def waits() -> str:
        """Waits."""
        await asyncio.sleep(86_400)
        return "now"

    assert run_virtually(run(waits, {}, ignore)).result == "now"


def cancelled_after(tool: Tool, after_s: float) -> tuple[float, list[object]]:
    """How long after its cancellation a call was over, and what it told."""

    async def main() -> tuple[float, list[object]]:
        partial: list[object] = []
        task = asyncio.create_task(run(tool, {}, partial.append))
        await asyncio.sleep(after_s)
        task.cancel()
        before_s = asyncio.get_running_loop().time()
        with pytest.raises(asyncio.CancelledError):
            await task
        over_s = asyncio.get_running_loop().time() - before_s
        await asyncio.sleep(60)
        return over_s, partial

    return run_virtually(main())


def test_a_call_that_is_cancelled_puts_its_things_in_order() -> None:
    order: list[str] = []

    @declared
    async def waits() -> None:
        """Waits."""
        try:
            await asyncio.sleep(10)
        finally:
            await asyncio.sleep(GRACE_S / 2)
            order.append("in order")

    assert cancelled_after(waits, 1) == (GRACE_S / 2, [])
    assert order == ["in order"]


def test_a_time_out_lets_it_put_its_things_in_order_too() -> None:
    order: list[str] = []

    @declared(timeout_s=1)
    async def waits() -> None:
        """Waits."""
        try:
            await asyncio.sleep(10)
        finally:
            order.append("in order")

    assert run_virtually(run(waits, {}, ignore)).error == "waits took longer than 1 s"
    assert order == ["in order"]


def test_one_that_does_not_end_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    @declared
    async def clings() -> AsyncGenerator[str, None]:
        """Clings."""
        for _ in range(10):
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(10)
            yield "still here"

    assert cancelled_after(clings, 1) == (0, [])

    @declared
    async def clings_longer() -> str:
        """Clings."""
        for _ in range(10):
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(10)
        return "still here"

    assert cancelled_after(clings_longer, 1) == (GRACE_S, [])
    assert "clings_longer does not end" in caplog.text


def test_an_error_at_the_end_of_what_is_stopped_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    @declared
    async def waits() -> None:
        """Waits."""
        try:
            await asyncio.sleep(10)
        finally:
            raise RuntimeError("the door is stuck")

    assert cancelled_after(waits, 1) == (0, [])
    assert "the door is stuck" in caplog.text


def test_the_program_ends_whatever_its_functions_do() -> None:
    program = (
        "import asyncio, logging, time, threading\n"
        "from voicecli.tools import tool\n"
        "from voicecli.tools.runner import run\n"
        "logging.disable()\n"
        "@tool(timeout_s=0.01)\n"
        "def hangs() -> None:\n"
        "    'Hangs.'\n"
        "    threading.Event().wait()\n"
        "@tool(timeout_s=0.01)\n"
        "async def clings() -> None:\n"
        "    'Clings.'\n"
        "    while True:\n"
        "        try: await asyncio.sleep(1)\n"
        "        except: pass\n"
        "async def main():\n"
        "    for tool in (hangs, clings):\n"
        "        print((await run(tool, {}, print)).error)\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "hangs took longer than 0.01 s\nclings took longer than 0.01 s\n"
    assert done.stderr == ""


def test_calls_run_side_by_side_while_others_hang() -> None:
    release, together = threading.Event(), threading.Barrier(8)

    @declared(timeout_s=DEADLINE_S)
    def meets(number: int) -> int:
        """Waits for the seven others."""
        together.wait(DEADLINE_S)
        return number

    @declared(timeout_s=0.01)
    def hangs() -> None:
        """Hangs."""
        release.wait(DEADLINE_S)

    async def main() -> list[Outcome]:
        await asyncio.gather(*(run(hangs, {}, ignore) for _ in range(20)))
        return await asyncio.gather(*(run(meets, {"number": n}, ignore) for n in range(8)))

    try:
        assert [outcome.result for outcome in asyncio.run(main())] == list(range(8))
    finally:
        release.set()


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text()))
def test_whatever_the_model_sends_there_is_an_answer(args: Arguments) -> None:
    @declared
    async def adds(a: int, b: str = "") -> str:
        """Adds."""
        return f"{a}{b}"

    response = run_virtually(run(adds, args, ignore)).response
    assert set(response) in ({"result"}, {"error"})
    json.dumps(response)
