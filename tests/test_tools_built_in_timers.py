"""A timer tells at once until when it runs, speaks up when it is over, and can be stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from virtual_time import run_virtually

from voicecli.tools.built_in.timers import MAX_LABEL_CHARACTERS, MAX_TIMERS, Timers, timer_tools
from voicecli.tools.runner import Outcome, run
from voicecli.tools.tool import Risk, Scheduling

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
OVER = "over: tell the user now"

News = list[tuple[float, object]]


class Kitchen:
    """Calls the functions as the model does, and notes what comes back and when."""

    def __init__(self) -> None:
        tools = timer_tools(Timers(lambda: NOON))
        self._tools = {tool.name: tool for tool in tools}
        self.news: News = []

    async def call(self, name: str, **args: object) -> Outcome:
        return await run(self._tools[name], args, self._note)

    def start(self, **args: object) -> asyncio.Task[Outcome]:
        return asyncio.create_task(self.call("timer", **args))

    def _note(self, result: object) -> None:
        self.news.append((asyncio.get_running_loop().time(), result))


def in_the_kitchen(play: Callable[[Kitchen], Awaitable[None]]) -> News:
    kitchen = Kitchen()

    async def main() -> None:
        await play(kitchen)

    run_virtually(main())
    return kitchen.news


def test_it_tells_until_when_it_runs_and_when_it_is_over() -> None:
    async def play(kitchen: Kitchen) -> None:
        outcome = await kitchen.start(minutes=5, label="eggs")
        assert outcome.over

    assert in_the_kitchen(play) == [
        (0.0, {"timer": "eggs", "runs_until": "12:05:00"}),
        (300.0, {"timer": "eggs", "is": OVER}),
    ]


@pytest.mark.parametrize(
    ("duration", "ends_s"),
    [
        ({"seconds": 90}, 90.0),
        ({"minutes": 1.5}, 90.0),
        ({"hours": 1, "minutes": 30}, 5400.0),
        ({"hours": 24}, 86_400.0),
    ],
)
def test_the_parts_of_a_duration_are_added(duration: dict[str, float], ends_s: float) -> None:
    async def play(kitchen: Kitchen) -> None:
        await kitchen.start(**duration)

    assert in_the_kitchen(play)[-1] == (ends_s, {"timer": "timer", "is": OVER})


@pytest.mark.parametrize(
    "duration",
    [{}, {"seconds": 0.5}, {"minutes": -1}, {"hours": 24, "seconds": 1}, {"hours": 1e308}],
)
def test_a_duration_of_no_use_is_an_error_for_the_model(duration: dict[str, float]) -> None:
    async def play(kitchen: Kitchen) -> None:
        outcome = await kitchen.start(**duration)
        assert outcome.error == "a timer runs from 1 second to 24 hours"

    assert in_the_kitchen(play) == []


def test_several_run_side_by_side_and_are_listed_by_their_end() -> None:
    async def play(kitchen: Kitchen) -> None:
        calls = [kitchen.start(minutes=90, label="roast"), kitchen.start(minutes=5, label="eggs")]
        await asyncio.sleep(20)
        assert (await kitchen.call("timer_list")).result == [
            {"timer": "eggs", "runs_until": "12:05:00", "remaining": "4 min 40 s"},
            {"timer": "roast", "runs_until": "13:30:00", "remaining": "1 h 29 min 40 s"},
        ]
        await asyncio.gather(*calls)
        assert (await kitchen.call("timer_list")).result == []

    assert [at_s for at_s, _ in in_the_kitchen(play)] == [0.0, 0.0, 300.0, 5400.0]


def test_one_that_is_stopped_ends_without_a_word() -> None:
    async def play(kitchen: Kitchen) -> None:
        calls = [kitchen.start(minutes=90, label="Roast"), kitchen.start(minutes=5, label="eggs")]
        await asyncio.sleep(1)
        assert (await kitchen.call("timer_stop", label="roast")).result == {"stopped": "Roast"}
        assert (await calls[0]).over
        await calls[1]

    assert [at_s for at_s, _ in in_the_kitchen(play)] == [0.0, 0.0, 300.0]


@pytest.mark.parametrize("label", ["", "egg", "EGGS FOR ADA "])
def test_the_only_one_is_stopped_by_part_of_its_label_or_none(label: str) -> None:
    async def play(kitchen: Kitchen) -> None:
        call = kitchen.start(minutes=5, label="eggs for Ada")
        await asyncio.sleep(1)
        assert (await kitchen.call("timer_stop", label=label)).error is None
        await call

    assert len(in_the_kitchen(play)) == 1


def test_where_it_is_not_clear_which_the_model_is_told_what_runs() -> None:
    async def play(kitchen: Kitchen) -> None:
        nothing = await kitchen.call("timer_stop", label="eggs")
        assert nothing.error == "'eggs' fits 0 timers; there is no timer"
        calls = [kitchen.start(minutes=1, label=label) for label in ("soft eggs", "hard eggs")]
        await asyncio.sleep(1)
        both = await kitchen.call("timer_stop", label="eggs")
        assert both.error == "'eggs' fits 2 timers; there is soft eggs, hard eggs"
        await asyncio.gather(*calls)

    in_the_kitchen(play)


def test_two_of_one_label_are_told_apart() -> None:
    async def play(kitchen: Kitchen) -> None:
        calls = [kitchen.start(minutes=1, label=label) for label in ("eggs", "Eggs")]
        await asyncio.sleep(1)
        assert (await kitchen.call("timer_stop", label="eggs")).result == {"stopped": "eggs"}
        await asyncio.gather(*calls)

    assert in_the_kitchen(play)[-1] == (60.0, {"timer": "Eggs 2", "is": OVER})


def test_one_whose_call_is_cancelled_is_gone() -> None:
    async def play(kitchen: Kitchen) -> None:
        call = kitchen.start(minutes=5)
        await asyncio.sleep(1)
        call.cancel()
        await asyncio.wait([call])
        assert (await kitchen.call("timer_list")).result == []

    assert len(in_the_kitchen(play)) == 1


def test_there_is_a_limit_to_their_number_and_to_their_labels() -> None:
    async def play(kitchen: Kitchen) -> None:
        calls = [kitchen.start(minutes=1) for _ in range(MAX_TIMERS)]
        await asyncio.sleep(1)
        assert "run already" in ((await kitchen.start(minutes=1)).error or "")
        await asyncio.gather(*calls)
        label = "x" * (MAX_LABEL_CHARACTERS + 1)
        assert "label" in ((await kitchen.start(minutes=1, label=label)).error or "")

    assert len(in_the_kitchen(play)) == 2 * MAX_TIMERS


def test_it_runs_in_the_background_for_as_long_as_it_takes_and_asks_nobody() -> None:
    timer = timer_tools(Timers())[0]
    assert (timer.risk, timer.background, timer.streams) == (Risk.SAFE, True, True)
    assert (timer.timeout_s, timer.scheduling) == (None, Scheduling.WHEN_IDLE)
