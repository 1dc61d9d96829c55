"""A scripted line comes at its moment: not before the last reply was heard, and never never."""

from __future__ import annotations

import asyncio

import pytest
from virtual_time import run_virtually

from voicecli.errors import NetworkError
from voicecli.live.events import FunctionCall
from voicecli.talk import events as talk
from voicecli.talk.prompter import SILENT_SERVICE_S, Prompter
from voicecli.talk.script import Cue
from voicecli.talk.turns import Turns


class Stage:
    """A prompter with the turns that it watches, on the clock of the loop."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.prompter = Prompter()

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def say(self) -> None:
        self.prompter.said(self.turns, self.now())

    async def begin_reply(self, at_s: float) -> None:
        await asyncio.sleep(at_s - self.now())
        self.prompter.message_came(self.now())
        self.turns.sound(bytes(200), self.now())
        self.prompter.take(talk.StateChanged(self.now(), talk.State.SPEAKING))

    async def end_reply(self, at_s: float, number: int) -> None:
        await asyncio.sleep(at_s - self.now())
        self.prompter.take(talk.StateChanged(self.now(), talk.State.LISTENING))
        self.prompter.take(talk.TurnEnded(self.now(), number, interrupted=False, heard_s=1.0))

    async def due_at_s(self, cue: Cue) -> float:
        await self.prompter.until_due(cue, self.turns, self.now)
        return self.now()


def test_the_first_line_is_due_at_once_and_an_empty_script_ends_at_once() -> None:
    async def main() -> None:
        stage = Stage()
        assert await stage.due_at_s(Cue("hello")) == 0.0
        await stage.prompter.until_answered(stage.turns, stage.now)
        assert stage.now() == 0.0

    run_virtually(main())


def test_the_next_line_waits_for_the_end_of_the_reply() -> None:
    async def main() -> None:
        stage = Stage()
        stage.say()
        async with asyncio.TaskGroup() as group:
            due = group.create_task(stage.due_at_s(Cue("next")))
            await stage.begin_reply(1.0)
            await stage.end_reply(20.0, 1)
        assert due.result() == pytest.approx(20.0, abs=0.1)

    run_virtually(main())


def test_a_line_into_the_reply_is_due_while_it_is_heard() -> None:
    async def main() -> None:
        stage = Stage()
        stage.say()
        async with asyncio.TaskGroup() as group:
            due = group.create_task(stage.due_at_s(Cue("stop", into_reply_s=3.0)))
            await stage.begin_reply(2.0)
        assert due.result() == pytest.approx(5.0, abs=0.11)

    run_virtually(main())


def test_a_line_into_a_reply_that_is_too_short_comes_at_its_end() -> None:
    async def main() -> None:
        stage = Stage()
        stage.say()
        async with asyncio.TaskGroup() as group:
            due = group.create_task(stage.due_at_s(Cue("stop", into_reply_s=60.0)))
            await stage.begin_reply(1.0)
            await stage.end_reply(2.0, 1)
        assert due.result() == pytest.approx(2.0, abs=0.11)

    run_virtually(main())


def test_the_end_of_the_reply_that_was_spoken_over_does_not_answer_the_line() -> None:
    async def main() -> None:
        stage = Stage()
        stage.say()
        await stage.begin_reply(0.5)
        stage.say()
        async with asyncio.TaskGroup() as group:
            due = group.create_task(stage.due_at_s(Cue("next")))
            await stage.end_reply(1.0, 1)
            await stage.end_reply(9.0, 2)
        assert due.result() == pytest.approx(9.0, abs=0.1)

    run_virtually(main())


def test_a_function_at_work_means_that_the_answer_is_still_to_come() -> None:
    async def main() -> None:
        stage = Stage()
        stage.say()
        list(stage.turns.call_started(FunctionCall("f1", "now", {}), 0.0))
        async with asyncio.TaskGroup() as group:
            due = group.create_task(stage.due_at_s(Cue("next")))
            await stage.end_reply(1.0, 1)
            await asyncio.sleep(2.0)
            list(stage.turns.call_finished("f1", 3.0, "done", None))
        assert due.result() == pytest.approx(3.0, abs=0.11)

    run_virtually(main())


def test_a_service_that_never_answers_is_an_error_and_not_an_endless_wait() -> None:
    async def main() -> float:
        stage = Stage()
        stage.say()
        with pytest.raises(NetworkError):
            await stage.prompter.until_answered(stage.turns, stage.now)
        return stage.now()

    assert run_virtually(main()) == pytest.approx(SILENT_SERVICE_S, abs=0.2)


def test_a_long_reply_that_arrived_at_once_is_not_taken_for_silence() -> None:
    async def main() -> float:
        stage = Stage()
        stage.say()
        async with asyncio.TaskGroup() as group:
            due = group.create_task(stage.due_at_s(Cue("next")))
            await stage.begin_reply(1.0)
            await stage.end_reply(5 * SILENT_SERVICE_S, 1)
        return due.result()

    assert run_virtually(main()) == pytest.approx(5 * SILENT_SERVICE_S, abs=0.2)


def test_the_silence_counts_from_the_end_of_what_was_heard() -> None:
    async def main() -> float:
        stage = Stage()
        stage.say()
        async with asyncio.TaskGroup() as group:
            due = group.create_task(stage.due_at_s(Cue("next")))
            await stage.begin_reply(1.0)
            await asyncio.sleep(3 * SILENT_SERVICE_S)
            stage.prompter.take(talk.StateChanged(stage.now(), talk.State.LISTENING))
            await stage.end_reply(3.5 * SILENT_SERVICE_S, 1)
        return due.result()

    assert run_virtually(main()) == pytest.approx(3.5 * SILENT_SERVICE_S, abs=0.2)


def test_a_function_that_takes_its_time_is_not_taken_for_silence() -> None:
    async def main() -> float:
        stage = Stage()
        stage.say()
        list(stage.turns.call_started(FunctionCall("f1", "now", {}), 0.0))
        async with asyncio.TaskGroup() as group:
            due = group.create_task(stage.due_at_s(Cue("next")))
            await asyncio.sleep(2 * SILENT_SERVICE_S)
            list(stage.turns.call_finished("f1", stage.now(), "done", None))
            await stage.begin_reply(2.5 * SILENT_SERVICE_S)
            await stage.end_reply(2.6 * SILENT_SERVICE_S, 1)
        return due.result()

    assert run_virtually(main()) == pytest.approx(2.6 * SILENT_SERVICE_S, abs=0.2)


def test_the_time_without_a_connection_is_not_the_services_silence() -> None:
    async def main() -> float:
        stage = Stage()
        stage.say()
        async with asyncio.TaskGroup() as group:
            due = group.create_task(stage.due_at_s(Cue("next")))
            stage.prompter.take(talk.StateChanged(0.0, talk.State.RECONNECTING))
            await asyncio.sleep(4 * SILENT_SERVICE_S)
            stage.prompter.take(talk.StateChanged(stage.now(), talk.State.THINKING))
            await stage.end_reply(4.5 * SILENT_SERVICE_S, 1)
        return due.result()

    assert run_virtually(main()) == pytest.approx(4.5 * SILENT_SERVICE_S, abs=0.2)
