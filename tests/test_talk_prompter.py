"""A scripted line comes at its moment: not before the last reply was heard, and never never."""

from __future__ import annotations

import asyncio

import pytest
from virtual_time import run_virtually

from voicecli.errors import NetworkError
from voicecli.live.events import FunctionCall
from voicecli.talk import events as talk
from voicecli.talk.prompter import SILENT_SERVICE_S, SPOKEN_OF_WITHIN_S, Prompter
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
        list(self.turns.turn_complete(self.now(), position=10**9))
        self.prompter.take(talk.StateChanged(self.now(), talk.State.LISTENING))
        self.prompter.take(talk.TurnEnded(self.now(), number, interrupted=False, heard_s=1.0))

    def call(self, *, background: bool) -> None:
        call = FunctionCall("f1", "look", {})
        for event in self.turns.call_started(call, self.now(), background=background):
            self.prompter.take(event)

    async def progress(self, at_s: float) -> None:
        await asyncio.sleep(at_s - self.now())
        for event in self.turns.call_progressed("f1", self.now(), "half"):
            self.prompter.take(event)

    async def finish(self, at_s: float, *, cancelled: bool = False) -> None:
        await asyncio.sleep(at_s - self.now())
        if cancelled:
            ended = self.turns.call_cancelled("f1", self.now())
        else:
            ended = self.turns.call_finished("f1", self.now(), "done", None)
        for event in ended:
            self.prompter.take(event)

    async def over_at_s(self) -> float:
        await self.prompter.until_over(self.turns, self.now)
        return self.now()

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


def test_a_line_does_not_wait_for_a_function_in_the_background() -> None:
    async def main() -> None:
        stage = Stage()
        stage.say()
        stage.call(background=True)
        async with asyncio.TaskGroup() as group:
            due = group.create_task(stage.due_at_s(Cue("next")))
            await stage.begin_reply(1.0)
            await stage.end_reply(2.0, 1)
        assert due.result() == pytest.approx(2.0, abs=0.11)

    run_virtually(main())


def test_the_end_waits_for_what_runs_in_the_background_and_for_the_reply_to_it() -> None:
    async def main() -> None:
        stage = Stage()
        stage.say()
        stage.call(background=True)
        async with asyncio.TaskGroup() as group:
            over = group.create_task(stage.over_at_s())
            await stage.begin_reply(1.0)
            await stage.end_reply(2.0, 1)
            await stage.finish(600.0)
            await stage.begin_reply(603.0)
            await stage.end_reply(620.0, 2)
        assert over.result() == pytest.approx(620.0, abs=0.11)

    run_virtually(main())


@pytest.mark.parametrize(
    ("cancelled", "over_s"), [(False, 60.0 + SPOKEN_OF_WITHIN_S), (True, 60.0)]
)
def test_a_result_that_nobody_speaks_of_is_not_waited_for_long(
    cancelled: bool, over_s: float
) -> None:
    async def main() -> None:
        stage = Stage()
        stage.say()
        stage.call(background=True)
        async with asyncio.TaskGroup() as group:
            over = group.create_task(stage.over_at_s())
            await stage.begin_reply(1.0)
            await stage.end_reply(2.0, 1)
            await stage.finish(60.0, cancelled=cancelled)
        waited_s = 0.0 if cancelled else SPOKEN_OF_WITHIN_S
        assert over.result() == pytest.approx(60.0 + waited_s, abs=0.11)

    run_virtually(main())


def test_a_result_that_came_before_the_last_reply_ended_has_its_time_too() -> None:
    async def main() -> None:
        stage = Stage()
        stage.say()
        stage.call(background=True)
        async with asyncio.TaskGroup() as group:
            over = group.create_task(stage.over_at_s())
            await stage.begin_reply(1.0)
            await stage.finish(8.0)
            await stage.end_reply(9.0, 1)
            await stage.begin_reply(10.0)
            await stage.end_reply(30.0, 2)
        assert over.result() == pytest.approx(30.0, abs=0.11)

    run_virtually(main())


def test_the_end_waits_for_the_words_on_what_a_function_told_after_its_answer() -> None:
    async def main() -> None:
        stage = Stage()
        stage.say()
        stage.call(background=False)
        async with asyncio.TaskGroup() as group:
            over = group.create_task(stage.over_at_s())
            await stage.progress(1.0)
            await stage.begin_reply(2.0)
            await stage.end_reply(3.0, 1)
            await stage.progress(60.0)
            await stage.finish(60.0)
            await stage.begin_reply(61.0)
            await stage.end_reply(62.0, 2)
        assert over.result() == pytest.approx(62.0, abs=0.11)

    run_virtually(main())


def test_the_answer_to_a_function_that_was_waited_for_is_the_end() -> None:
    async def main() -> None:
        stage = Stage()
        stage.say()
        stage.call(background=False)
        async with asyncio.TaskGroup() as group:
            over = group.create_task(stage.over_at_s())
            await stage.begin_reply(1.0)
            await stage.finish(2.0)
            await stage.end_reply(4.0, 1)
        assert over.result() == pytest.approx(4.0, abs=0.11)

    run_virtually(main())
