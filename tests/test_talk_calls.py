"""The life of a call: asked for, at work, answered or stopped; side by side with others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from event_view import Memory
from sound_pieces import HandOutput
from tool_of import tool_of
from virtual_time import run_virtually

from voicecli.audio.sound_system import PortAudioSystem
from voicecli.audio.speaker import Speaker
from voicecli.live.endpoint import Endpoint
from voicecli.live.events import FunctionCall
from voicecli.live.items import Item, ToolResult
from voicecli.live.models import DEFAULT_MODEL
from voicecli.live.session import LiveSession
from voicecli.live.setup import Setup
from voicecli.settings.key import ApiKey
from voicecli.talk import events as talk
from voicecli.talk.calls import MOST_AT_WORK, TOO_MANY, Calls
from voicecli.talk.parts import Parts
from voicecli.talk.stage import Stage
from voicecli.tools.approval import Answer
from voicecli.tools.tool import Arguments, Risk, Scheduling, Tool
from voicecli.tools.toolbox import Toolbox


class Session(LiveSession):
    """Takes note of what is to be sent."""

    items: list[Item]

    def queue(self, item: Item) -> None:
        self.items.append(item)


class Bench:
    """Calls with everything around them in the test's hands."""

    def __init__(self, *tools: Tool, can_ask: bool = True) -> None:
        loop = asyncio.get_running_loop()
        self.view = Memory()
        setup = Setup(DEFAULT_MODEL)
        nowhere = Endpoint(ApiKey("no-key", "a test"), base_url="https://localhost:1", local=True)
        self.session = Session(nowhere, setup)
        self.session.items = []
        parts = Parts(
            session=self.session,
            setup=setup,
            local=True,
            speaker=Speaker(HandOutput()),
            sounds=PortAudioSystem(),
            tools=Toolbox(tools),
            views=[self.view],
            can_ask=can_ask,
        )
        self.stage = Stage(parts, loop.time)
        self.calls = Calls(self.stage, self.session, lambda tool: tool.background)
        self.group = asyncio.TaskGroup()

    @property
    def sent(self) -> list[Item]:
        return self.session.items

    def call(self, call_id: str, name: str, **args: object) -> None:
        self.calls.start(FunctionCall(call_id, name, args), self.group)

    def of(self, *kinds: type) -> list[Any]:
        return [event for event in self.view.events if isinstance(event, kinds)]

    def state(self) -> talk.State:
        self.stage.outside = None
        self.stage.follow()
        return self.stage.turns.state


def bench(test: Callable[[Bench], Awaitable[None]], *tools: Tool, can_ask: bool = True) -> None:
    async def main() -> None:
        made = Bench(*tools, can_ask=can_ask)
        async with made.group:
            await test(made)
            made.calls.cancel_all()

    run_virtually(main())


def slow(seconds: float, name: str = "slow", **changes: Any) -> Tool:
    """Gives `name` after some seconds."""

    async def call(args: Arguments) -> AsyncGenerator[object, None]:
        await asyncio.sleep(seconds)
        yield name

    return replace(tool_of(lambda: None, name, **changes), call=call)


def ticking(*seconds: float, name: str = "timer", **changes: Any) -> Tool:
    """Gives each number when so many seconds have passed."""

    async def call(args: Arguments) -> AsyncGenerator[object, None]:
        began_s = asyncio.get_running_loop().time()
        for second in seconds:
            await asyncio.sleep(began_s + second - asyncio.get_running_loop().time())
            yield second

    return replace(tool_of(lambda: None, name, streams=True, **changes), call=call)


def answer(call_id: str, name: str, result: object, **changes: Any) -> ToolResult:
    return replace(ToolResult(call_id, name, {"result": result}), **changes)


def test_calls_run_side_by_side_and_each_is_answered_with_its_id() -> None:
    async def test(bench: Bench) -> None:
        bench.call("f1", "slow")
        bench.call("f2", "quick")
        await asyncio.sleep(0.5)
        bench.call("f3", "slow")
        await asyncio.sleep(2.5)
        assert bench.sent == [
            answer("f2", "quick", "quick"),
            answer("f1", "slow", "slow"),
            answer("f3", "slow", "slow"),
        ]
        assert [event.duration_s for event in bench.of(talk.ToolFinished)] == [1.0, 2.0, 2.0]

    bench(test, slow(2.0), slow(1.0, "quick"))


def test_a_function_that_is_not_there_is_answered_with_those_that_are() -> None:
    async def test(bench: Bench) -> None:
        bench.call("f1", "fly")
        await asyncio.sleep(0.1)
        (sent,) = bench.sent
        assert isinstance(sent, ToolResult)
        assert sent.response == {"error": "there is no function fly; those on offer: slow"}
        (finished,) = bench.of(talk.ToolFinished)
        assert finished.error == sent.response["error"]

    bench(test, slow(1.0), slow(1.0, "hidden", risk=Risk.DENY))


def test_a_function_that_is_denied_is_known_and_never_called() -> None:
    ran: list[object] = []

    async def test(bench: Bench) -> None:
        bench.call("f1", "hidden")
        await asyncio.sleep(0.1)
        assert ran == []
        assert [event.by for event in bench.of(talk.ToolDecided)] == ["settings"]
        assert "settings" in bench.of(talk.ToolFinished)[0].error

    bench(test, tool_of(lambda: ran.append(1), "hidden", risk=Risk.DENY))


def test_too_many_calls_at_once_are_refused_and_the_others_go_on() -> None:
    async def test(bench: Bench) -> None:
        for number in range(MOST_AT_WORK + 2):
            bench.call(f"f{number}", "slow")
        await asyncio.sleep(5.0)
        errors = [event.call_id for event in bench.of(talk.ToolFinished) if event.error == TOO_MANY]
        assert errors == [f"f{MOST_AT_WORK}", f"f{MOST_AT_WORK + 1}"]
        assert len(bench.sent) == MOST_AT_WORK + 2
        bench.call("later", "slow")
        await asyncio.sleep(5.0)
        assert bench.sent[-1] == answer("later", "slow", "slow")

    bench(test, slow(1.0))


def test_who_asks_again_gets_the_same_and_nothing_is_run_twice() -> None:
    async def test(bench: Bench) -> None:
        bench.call("f1", "slow")
        assert bench.calls.knows("f1")
        assert not bench.calls.knows("f9")
        bench.calls.repeat("f1")
        assert bench.sent == []
        await asyncio.sleep(2.0)
        bench.calls.repeat("f1")
        bench.calls.repeat("f9")
        assert bench.sent == [answer("f1", "slow", "slow")] * 2

    bench(test, slow(1.0))


def test_a_cancelled_call_is_stopped_told_once_and_never_answered() -> None:
    async def test(bench: Bench) -> None:
        bench.call("f1", "slow")
        await asyncio.sleep(1.0)
        bench.calls.cancel(["f1", "unknown"])
        bench.calls.cancel(["f1"])
        await asyncio.sleep(10.0)
        assert bench.sent == []
        (finished,) = bench.of(talk.ToolFinished)
        assert finished.cancelled
        assert finished.duration_s == 1.0
        bench.calls.repeat("f1")
        assert bench.sent == []

    bench(test, slow(5.0))


def test_a_call_that_is_over_cannot_be_cancelled() -> None:
    async def test(bench: Bench) -> None:
        bench.call("f1", "slow")
        await asyncio.sleep(2.0)
        bench.calls.cancel(["f1"])
        assert [event.cancelled for event in bench.of(talk.ToolFinished)] == [False]

    bench(test, slow(1.0))


def test_a_function_that_does_not_heed_being_stopped_is_not_answered_either() -> None:
    async def stubborn(args: Arguments) -> AsyncGenerator[object, None]:
        try:
            await asyncio.sleep(60.0)
        except asyncio.CancelledError:
            yield "still here"

    async def test(bench: Bench) -> None:
        bench.call("f1", "timer")
        await asyncio.sleep(1.0)
        bench.calls.cancel(["f1"])
        await asyncio.sleep(1.0)
        assert bench.sent == []
        assert bench.of(talk.ToolProgress) == []
        assert [event.cancelled for event in bench.of(talk.ToolFinished)] == [True]

    bench(test, replace(ticking(), call=stubborn))


def test_a_call_waits_for_the_users_word_and_its_time_out_does_not_run_meanwhile() -> None:
    async def test(bench: Bench) -> None:
        bench.call("f1", "slow", path="a")
        await asyncio.sleep(1_000.0)
        assert bench.of(talk.ToolAsked) == [
            talk.ToolAsked(0.0, "f1", "slow", {"path": "a"}, always=True)
        ]
        assert bench.state() is talk.State.THINKING
        bench.calls.answer("f1", Answer.YES)
        await asyncio.sleep(2.0)
        assert bench.sent == [answer("f1", "slow", "slow")]
        kinds = [type(event) for event in bench.view.events if "Tool" in type(event).__name__]
        assert kinds == [talk.ToolCalled, talk.ToolAsked, talk.ToolDecided, talk.ToolFinished]

    bench(test, slow(1.0, risk=Risk.ASK, timeout_s=1.5))


def test_several_questions_are_asked_in_the_order_of_their_calls() -> None:
    async def test(bench: Bench) -> None:
        for number in range(5):
            bench.call(f"f{number}", "slow")
        await asyncio.sleep(0.1)
        asked = [event.call_id for event in bench.of(talk.ToolAsked)]
        assert asked == [f"f{number}" for number in range(5)]
        bench.calls.answer("f3", Answer.YES)
        bench.calls.answer("f1", Answer.NO)
        await asyncio.sleep(2.0)
        assert [item.call_id for item in bench.sent if isinstance(item, ToolResult)] == ["f1", "f3"]

    bench(test, slow(1.0, risk=Risk.ASK))


def test_a_call_that_the_user_refuses_is_answered_and_never_made() -> None:
    ran: list[object] = []

    async def test(bench: Bench) -> None:
        bench.call("f1", "note")
        await asyncio.sleep(0.1)
        bench.calls.answer("f1", Answer.NO)
        await asyncio.sleep(0.1)
        assert ran == []
        (sent,) = bench.sent
        assert isinstance(sent, ToolResult)
        assert "said no" in str(sent.response["error"])

    bench(test, tool_of(lambda: ran.append(1), "note", risk=Risk.ASK))


def test_a_call_that_is_cancelled_while_it_asks_is_never_made() -> None:
    ran: list[object] = []

    async def test(bench: Bench) -> None:
        bench.call("f1", "note")
        await asyncio.sleep(1.0)
        bench.calls.answer("f1", Answer.YES)
        bench.calls.cancel(["f1"])  # before the call has gone on
        bench.call("f2", "note")
        await asyncio.sleep(1.0)
        bench.calls.cancel(["f2"])
        bench.calls.answer("f2", Answer.YES)
        await asyncio.sleep(1.0)
        assert ran == []
        assert bench.sent == []
        assert [event.cancelled for event in bench.of(talk.ToolFinished)] == [True, True]

    bench(test, tool_of(lambda: ran.append(1), "note", risk=Risk.ASK))


def test_the_end_of_the_talk_ends_the_waiting_for_an_answer() -> None:
    async def test(bench: Bench) -> None:
        bench.call("f1", "slow")
        await asyncio.sleep(1.0)
        bench.calls.cancel_all()
        assert bench.of(talk.ToolFinished) == []

    bench(test, slow(1.0, risk=Risk.ASK))


def test_without_a_terminal_a_call_that_asks_is_refused_at_once() -> None:
    async def test(bench: Bench) -> None:
        bench.call("f1", "slow")
        await asyncio.sleep(0.1)
        assert bench.of(talk.ToolAsked) == []
        assert [event.by for event in bench.of(talk.ToolDecided)] == ["no terminal"]
        assert "tool_risk.slow" in bench.of(talk.ToolFinished)[0].error

    bench(test, slow(1.0, risk=Risk.ASK), can_ask=False)


def test_in_the_background_nobody_waits_for_the_result() -> None:
    async def test(bench: Bench) -> None:
        bench.call("f1", "slow")
        await asyncio.sleep(0.1)
        assert bench.of(talk.ToolCalled)[0].background
        assert bench.state() is talk.State.LISTENING
        assert bench.stage.turns.tools_pending
        await asyncio.sleep(2.0)
        assert bench.state() is talk.State.LISTENING
        assert bench.sent == [answer("f1", "slow", "slow", scheduling=Scheduling.WHEN_IDLE)]

    bench(test, slow(1.0, background=True, scheduling=Scheduling.WHEN_IDLE))


def test_results_in_the_background_go_out_and_are_shown_as_they_come() -> None:
    async def test(bench: Bench) -> None:
        bench.call("f1", "timer")
        await asyncio.sleep(4.0)
        shown = [(event.t_s, event.result) for event in bench.of(talk.ToolProgress)]
        assert shown == [(1.0, 1.0), (3.0, 3.0)]
        assert bench.sent == [
            answer("f1", "timer", 1.0, continues=True),
            answer("f1", "timer", 3.0, continues=True),
            ToolResult("f1", "timer", {}, Scheduling.SILENT),
        ]
        (finished,) = bench.of(talk.ToolFinished)
        assert (finished.result, finished.error, finished.duration_s) == (None, None, 3.0)

    bench(test, ticking(1.0, 3.0, background=True))


def test_a_model_that_waits_speaks_of_the_first_result_and_is_told_the_next_in_words() -> None:
    async def test(bench: Bench) -> None:
        bench.call("f1", "timer")
        await asyncio.sleep(0.5)
        assert bench.stage.turns.waits_for_tools
        await asyncio.sleep(1.0)
        assert not bench.stage.turns.waits_for_tools
        assert bench.stage.turns.tools_pending
        assert bench.state() is talk.State.THINKING, "the answer to the result is to come"
        bench.stage.emit_all(bench.stage.turns.turn_complete(1.6, 0))
        assert bench.state() is talk.State.LISTENING
        await asyncio.sleep(2.0)
        assert bench.state() is talk.State.THINKING, "it is going to speak of the second"
        assert bench.sent[0] == answer("f1", "timer", 1.0)
        (words,) = bench.sent[1:]
        assert getattr(words, "text", "") == "[The function timer({}) returned: 3.0]"
        assert bench.of(talk.Transcript) == [], "the user has not said it"

    bench(test, ticking(1.0, 3.0))


def test_what_happened_is_in_the_record_with_its_arguments_in_full() -> None:
    long = "x" * 20_000

    async def test(bench: Bench) -> None:
        bench.call("f1", "slow", text=long)
        await asyncio.sleep(2.0)
        assert bench.of(talk.ToolCalled)[0].args == {"text": long}

    bench(test, slow(1.0))


@pytest.mark.parametrize("background", [False, True])
def test_a_function_that_takes_too_long_is_told_and_ends(background: bool) -> None:
    async def test(bench: Bench) -> None:
        bench.call("f1", "slow")
        await asyncio.sleep(6.0)
        (finished,) = bench.of(talk.ToolFinished)
        assert finished.error == "slow took longer than 5 s"
        assert len(bench.sent) == 1

    bench(test, slow(60.0, timeout_s=5.0, background=background))
