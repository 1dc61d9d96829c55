"""A call is made when the settings or the user allow it, and by nothing else that anyone says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tool_of import tool_of
from virtual_time import run_virtually

from voicecli.live.events import FunctionCall
from voicecli.talk import events as talk
from voicecli.talk.permission import DENIED, REFUSED_BY_USER, TOO_LONG, Permission
from voicecli.tools.approval import Answer
from voicecli.tools.tool import Risk, Tool
from voicecli.tools.toolbox import Toolbox

SAFE = tool_of(lambda: 1, "safe")
NOTE = tool_of(lambda: 1, "note", risk=Risk.ASK)
SHELL = tool_of(lambda: 1, "shell", risk=Risk.ASK, always_asks=True)
GONE = tool_of(lambda: 1, "gone", risk=Risk.DENY)
TOOLS = {tool.name: tool for tool in (SAFE, NOTE, SHELL, GONE)}


class Desk:
    """A permission, and what was told of its decisions."""

    def __init__(self, risks: Mapping[str, Risk] | None = None, *, can_ask: bool = True) -> None:
        self.told: list[talk.TalkEvent] = []
        self.calls = 0
        now_s = asyncio.get_running_loop().time
        toolbox = Toolbox(TOOLS.values(), risks)
        self.permission = Permission(toolbox, self.told.append, now_s, can_ask=can_ask)

    async def refusal(self, tool: Tool) -> str | None:
        """What becomes of the next call, which is called f1, f2, and so on."""
        self.calls += 1
        call = FunctionCall(f"f{self.calls}", tool.name, {"a": self.calls})
        return await self.permission.refusal(call, tool)

    def decisions(self) -> list[tuple[str, bool, str]]:
        decided = (event for event in self.told if isinstance(event, talk.ToolDecided))
        return [(event.call_id, event.allowed, event.by) for event in decided]

    def asked(self) -> list[str]:
        return [event.call_id for event in self.told if isinstance(event, talk.ToolAsked)]


def at(test: Callable[[Desk], Awaitable[None]], **how: object) -> None:
    async def main() -> None:
        await test(Desk(**how))  # type: ignore[arg-type]

    run_virtually(main())


async def turn() -> None:
    """Let all tasks come to where they wait."""
    for _ in range(3):
        await asyncio.sleep(0)


def test_what_is_safe_by_itself_is_called_without_a_word() -> None:
    async def test(desk: Desk) -> None:
        assert await desk.refusal(SAFE) is None
        assert desk.told == []

    at(test)


def test_what_the_settings_deny_is_refused_and_what_they_allow_is_not_asked() -> None:
    async def test(desk: Desk) -> None:
        assert await desk.refusal(GONE) == DENIED
        assert await desk.refusal(NOTE) is None
        assert desk.asked() == []
        assert desk.decisions() == [("f1", False, "settings"), ("f2", True, "settings")]

    at(test, risks={"note": Risk.SAFE})


def test_a_safe_function_is_asked_for_where_the_settings_say_so() -> None:
    async def test(desk: Desk) -> None:
        call = asyncio.create_task(desk.refusal(SAFE))
        await turn()
        assert desk.asked() == ["f1"]
        desk.permission.answer("f1", Answer.NO)
        assert await call == REFUSED_BY_USER

    at(test, risks={"safe": Risk.ASK})


def test_no_setting_lets_pass_what_always_asks() -> None:
    async def test(desk: Desk) -> None:
        call = asyncio.create_task(desk.refusal(SHELL))
        await turn()
        assert desk.asked() == ["f1"]
        desk.permission.answer("f1", Answer.YES)
        assert await call is None

    at(test, risks={"shell": Risk.SAFE})


def test_a_question_tells_what_is_asked_and_waits_as_long_as_it_takes() -> None:
    async def test(desk: Desk) -> None:
        call = asyncio.create_task(desk.refusal(NOTE))
        await asyncio.sleep(24 * 3600.0)
        assert desk.told == [talk.ToolAsked(0.0, "f1", "note", {"a": 1}, always=True)]
        desk.permission.answer("f1", Answer.YES)
        assert await call is None
        assert desk.decisions() == [("f1", True, "user")]

    at(test)


def test_a_no_is_for_the_model_to_heed() -> None:
    async def test(desk: Desk) -> None:
        call = asyncio.create_task(desk.refusal(NOTE))
        await turn()
        desk.permission.answer("f1", Answer.NO)
        refusal = await call
        assert refusal is not None
        assert "said no" in refusal
        assert "other means" in refusal
        assert desk.decisions() == [("f1", False, "user")]

    at(test)


def test_always_holds_for_this_function_in_this_conversation() -> None:
    async def test(desk: Desk) -> None:
        first = asyncio.create_task(desk.refusal(NOTE))
        await turn()
        desk.permission.answer("f1", Answer.ALWAYS)
        assert await first is None
        assert await desk.refusal(NOTE) is None
        assert desk.asked() == ["f1"]
        assert desk.decisions() == [("f1", True, "user, always"), ("f2", True, "user, always")]
        other = asyncio.create_task(desk.refusal(SHELL))
        await turn()
        assert desk.asked() == ["f1", "f3"]
        other.cancel()

    at(test)


def test_always_answers_the_questions_that_wait_for_the_same_function() -> None:
    async def test(desk: Desk) -> None:
        calls = [asyncio.create_task(desk.refusal(tool)) for tool in (NOTE, SHELL, NOTE)]
        await turn()
        assert desk.asked() == ["f1", "f2", "f3"]
        desk.permission.answer("f1", Answer.ALWAYS)
        await turn()
        assert [call.done() for call in calls] == [True, False, True]
        desk.permission.answer("f3", Answer.NO)
        assert calls[2].result() is None, "it is allowed already"
        calls[1].cancel()

    at(test)


def test_always_answers_no_question_for_a_function_of_another_origin() -> None:
    async def test(desk: Desk) -> None:
        namesake = tool_of(lambda: 2, "note", risk=Risk.ASK, origin="elsewhere")
        calls = [asyncio.create_task(desk.refusal(tool)) for tool in (NOTE, namesake)]
        await turn()
        desk.permission.answer("f1", Answer.ALWAYS)
        await turn()
        assert [call.done() for call in calls] == [True, False]
        calls[1].cancel()

    at(test)


@pytest.mark.parametrize(
    "args",
    [
        {"command": "a" * 15_000 + "; rm -rf ~ ;" + "b" * 15_000},
        {"command": "\n" * 2_000},
        {str(number): number for number in range(2_000)},
    ],
)
def test_nobody_is_asked_about_more_than_can_be_shown(args: dict[str, object]) -> None:
    async def test(desk: Desk) -> None:
        call = FunctionCall("f1", "shell", args)
        assert await desk.permission.refusal(call, SHELL) == TOO_LONG
        assert desk.told == []
        assert await desk.permission.refusal(call, SAFE) is None

    at(test)


def test_a_call_right_behind_an_always_does_not_ask() -> None:
    async def test(desk: Desk) -> None:
        first = asyncio.create_task(desk.refusal(NOTE))
        await turn()
        desk.permission.answer("f1", Answer.ALWAYS)
        assert await desk.refusal(NOTE) is None, "before the first call has gone on"
        assert await first is None
        assert desk.asked() == ["f1"]

    at(test)


def test_always_is_no_more_than_a_yes_where_it_cannot_be_given() -> None:
    async def test(desk: Desk) -> None:
        for number in (1, 2):
            call = asyncio.create_task(desk.refusal(SHELL))
            await turn()
            desk.permission.answer(f"f{number}", Answer.ALWAYS)
            assert await call is None
        assert desk.asked() == ["f1", "f2"]
        assert desk.decisions() == [("f1", True, "user"), ("f2", True, "user")]
        assert [event.always for event in desk.told if isinstance(event, talk.ToolAsked)] == [
            False,
            False,
        ]

    at(test)


def test_only_the_first_answer_counts_and_none_to_what_does_not_ask() -> None:
    async def test(desk: Desk) -> None:
        desk.permission.answer("f1", Answer.YES)
        call = asyncio.create_task(desk.refusal(NOTE))
        await turn()
        assert not call.done(), "an answer before the question is none"
        desk.permission.answer("f1", Answer.NO)
        desk.permission.answer("f1", Answer.YES)
        assert await call == REFUSED_BY_USER
        desk.permission.answer("f1", Answer.YES)
        assert desk.decisions() == [("f1", False, "user")]

    at(test)


def test_a_cancelled_question_cannot_be_answered_any_more() -> None:
    async def test(desk: Desk) -> None:
        call = asyncio.create_task(desk.refusal(NOTE))
        await turn()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        desk.permission.answer("f1", Answer.ALWAYS)
        assert desk.decisions() == []
        again = asyncio.create_task(desk.refusal(NOTE))
        await turn()
        assert desk.asked() == ["f1", "f2"]
        again.cancel()

    at(test)


@pytest.mark.parametrize(("tool", "way"), [(NOTE, 'tool_risk.note = "safe"'), (SHELL, "terminal")])
def test_where_nobody_can_be_asked_the_model_is_told_why_and_what_helps(
    tool: Tool, way: str
) -> None:
    async def test(desk: Desk) -> None:
        refusal = await desk.refusal(tool)
        assert refusal is not None
        assert "there is no terminal" in refusal
        assert way in refusal
        assert ("tool_risk" in refusal) == (tool is NOTE)
        assert desk.told == [talk.ToolDecided(0.0, "f1", tool.name, False, "no terminal")]

    at(test, can_ask=False)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["call", "answer", "cancel"]),
        st.sampled_from(list(TOOLS)),
        st.sampled_from(list(Answer)),
        st.integers(1, 8),
    ),
    max_size=25,
)


@given(STEPS)
def test_whatever_happens_nothing_is_called_that_was_not_allowed(
    steps: list[tuple[str, str, Answer, int]],
) -> None:
    async def test(desk: Desk) -> None:
        calls: dict[str, tuple[Tool, asyncio.Task[str | None]]] = {}
        for kind, name, answer, number in steps:
            call_id = f"f{number}"
            if kind == "call":
                task = asyncio.create_task(desk.refusal(TOOLS[name]))
                calls[f"f{len(calls) + 1}"] = TOOLS[name], task
            elif kind == "answer":
                desk.permission.answer(call_id, answer)
            elif call_id in calls:
                calls[call_id][1].cancel()
            await turn()
        allowed = {call_id for call_id, yes, _ in desk.decisions() if yes}
        decided = [call_id for call_id, _, _ in desk.decisions()]
        assert len(decided) == len(set(decided)), "each call is decided on once"
        for call_id, (tool, task) in calls.items():
            made = task.done() and not task.cancelled() and task.result() is None
            assert not made or tool is SAFE or call_id in allowed
            task.cancel()

    at(test)
