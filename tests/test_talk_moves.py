"""A move that the service forces is made while nobody speaks, and before the service ends it.

In virtual time: waiting for a pause of a minute takes none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import pairwise

from event_view import Memory
from sound_pieces import HandOutput
from virtual_time import run_virtually

from voicecli.audio.sound_system import PortAudioSystem
from voicecli.audio.speaker import Speaker
from voicecli.live.endpoint import Endpoint
from voicecli.live.models import DEFAULT_MODEL
from voicecli.live.patience import Patience
from voicecli.live.session import LiveSession
from voicecli.live.setup import FunctionDeclaration, Setup
from voicecli.settings.key import ApiKey
from voicecli.talk import events as talk
from voicecli.talk.moves import LONGEST_BREATH_S, LOOK_EVERY_S, PAUSE_LOOKS, SPARE_S, Moves
from voicecli.talk.parts import Parts
from voicecli.talk.stage import Stage
from voicecli.tools.toolbox import Toolbox

PAUSE_S = LOOK_EVERY_S * PAUSE_LOOKS


class Mover:
    """A session that writes down when it moved, and to which patience."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self.setup = Setup(DEFAULT_MODEL)
        self.movable = self.takes_update = True
        self.offered: list[tuple[FunctionDeclaration, ...]] = []
        self.moved_s: list[float] = []
        self.moved = asyncio.Event()
        self._now_s = now_s

    def offer(self, functions: tuple[FunctionDeclaration, ...]) -> bool:
        self.offered.append(functions)
        return self.takes_update

    async def change_setup(self, setup: Setup) -> bool:
        if self.movable:
            self.setup = setup
            await self.move()
        return self.movable

    async def move(self) -> None:
        self.moved_s.append(self._now_s())
        self.moved.set()


class Bench:
    """Moves with everything around them in the test's hands."""

    def __init__(self, *, push_to_talk: bool = False) -> None:
        loop = asyncio.get_running_loop()
        self.view = Memory()
        setup = Setup(DEFAULT_MODEL, push_to_talk=push_to_talk)
        nowhere = Endpoint(ApiKey("no-key", "a test"), base_url="https://localhost:1", local=True)
        parts = Parts(
            session=LiveSession(nowhere, setup),
            setup=setup,
            local=True,
            speaker=Speaker(HandOutput()),
            sounds=PortAudioSystem(),
            tools=Toolbox(),
            views=[self.view],
        )
        self.stage = Stage(parts, loop.time)
        self.mover = Mover(loop.time)
        self.pause = self.quiet = True
        self.moves = Moves(self.stage, self.mover, lambda: self.pause, lambda: self.quiet)

    async def moved(self) -> float:
        """When the next move is made."""
        self.mover.moved.clear()
        await self.mover.moved.wait()
        return self.mover.moved_s[-1]


def with_moves(test: Callable[[Bench], Awaitable[None]], *, push_to_talk: bool = False) -> None:
    async def main() -> None:
        bench = Bench(push_to_talk=push_to_talk)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(bench.moves.run())
            await test(bench)
            running.cancel()

    run_virtually(main())


def test_where_nobody_speaks_the_move_is_made_once_the_pause_has_lasted() -> None:
    async def test(bench: Bench) -> None:
        bench.moves.go_away(50.0)
        assert bench.moves.leaving
        assert await bench.moved() == PAUSE_S

    with_moves(test)


def test_it_waits_for_the_end_of_the_reply_and_of_the_users_words() -> None:
    async def test(bench: Bench) -> None:
        bench.pause = False
        bench.moves.go_away(50.0)
        await asyncio.sleep(10.0)
        bench.pause, bench.quiet = True, False
        await asyncio.sleep(10.0)
        bench.quiet = True
        assert 20.0 < await bench.moved() < 20.0 + 2 * PAUSE_S

    with_moves(test)


def test_a_breath_is_no_pause() -> None:
    async def test(bench: Bench) -> None:
        bench.quiet = False
        bench.moves.go_away(50.0)
        for _ in range(20):
            await asyncio.sleep(0.3)
            bench.quiet = not bench.quiet
        assert bench.mover.moved_s == []

    with_moves(test)


def test_where_nobody_ever_pauses_it_moves_five_seconds_before_the_end() -> None:
    async def test(bench: Bench) -> None:
        bench.pause = False
        bench.moves.go_away(50.0)
        moved_s = await bench.moved()
        assert 50.0 - SPARE_S <= moved_s <= 50.0 - SPARE_S + 2 * LOOK_EVERY_S

    with_moves(test)


def test_an_end_that_is_near_is_not_waited_for() -> None:
    async def test(bench: Bench) -> None:
        bench.pause = False
        bench.moves.go_away(3.0)
        assert await bench.moved() <= LOOK_EVERY_S

    with_moves(test)


def test_of_two_warnings_the_earlier_end_counts() -> None:
    async def test(bench: Bench) -> None:
        bench.pause = False
        bench.moves.go_away(30.0)
        bench.moves.go_away(300.0)
        assert await bench.moved() < 30.0

    with_moves(test)


def test_a_connection_that_was_lost_before_the_move_needs_none() -> None:
    async def test(bench: Bench) -> None:
        bench.pause = False
        bench.moves.go_away(50.0)
        await asyncio.sleep(10.0)
        bench.moves.connected()
        assert not bench.moves.leaving
        bench.pause = True
        await asyncio.sleep(100.0)
        assert bench.mover.moved_s == []

    with_moves(test)


def test_another_patience_is_taken_along_by_the_same_move() -> None:
    async def test(bench: Bench) -> None:
        bench.moves.go_away(50.0)
        bench.moves.next_patience()
        await bench.moved()
        bench.moves.connected()
        await asyncio.sleep(100.0)
        assert len(bench.mover.moved_s) == 1
        assert bench.mover.setup.patience is Patience.HIGH

    with_moves(test)


def test_another_patience_comes_in_a_room_that_is_never_quiet() -> None:
    async def test(bench: Bench) -> None:
        bench.quiet = False
        bench.moves.next_patience()
        assert await bench.moved() == PAUSE_S

    with_moves(test)


def test_a_patience_that_cannot_be_changed_is_told_and_shown_as_it_was() -> None:
    async def test(bench: Bench) -> None:
        bench.mover.movable = False
        bench.moves.next_patience()
        await asyncio.sleep(10.0)
        shown = [e.patience for e in bench.view.events if isinstance(e, talk.PatienceChanged)]
        assert shown == [Patience.HIGH, Patience.NORMAL]
        (warned,) = [e for e in bench.view.events if isinstance(e, talk.Warned)]
        assert "no handle" in warned.message

    with_moves(test)


def test_a_refused_patience_is_told_and_shown_as_it_is() -> None:
    async def test(bench: Bench) -> None:
        bench.moves.next_patience()
        await bench.moved()
        bench.mover.setup = replace(bench.mover.setup, patience=Patience.NORMAL)
        bench.moves.refused("no")
        shown = [e.patience for e in bench.view.events if isinstance(e, talk.PatienceChanged)]
        assert shown == [Patience.HIGH, Patience.NORMAL]

    with_moves(test)


LOOK = (FunctionDeclaration("look", "looks", {"type": "object"}),)


def test_functions_that_the_service_can_be_told_of_take_no_move() -> None:
    async def test(bench: Bench) -> None:
        bench.pause = False
        bench.moves.offer(LOOK)
        assert bench.mover.offered == [LOOK], "in the middle of a reply too"
        bench.pause = True
        await asyncio.sleep(10.0)
        assert bench.mover.moved_s == []

    with_moves(test)


def test_functions_that_take_a_move_wait_for_a_pause() -> None:
    async def test(bench: Bench) -> None:
        bench.mover.takes_update = bench.pause = False
        bench.moves.offer(LOOK)
        await asyncio.sleep(10.0)
        assert bench.mover.moved_s == []
        bench.pause = True
        await bench.moved()
        assert bench.mover.setup.functions == LOOK
        await asyncio.sleep(10.0)
        assert len(bench.mover.moved_s) == 1

    with_moves(test)


def test_functions_wait_for_a_handle_and_nobody_is_troubled() -> None:
    async def test(bench: Bench) -> None:
        bench.mover.takes_update = bench.mover.movable = False
        bench.moves.offer(LOOK)
        await asyncio.sleep(10.0)
        bench.mover.movable = True
        bench.moves.handle_came()
        await bench.moved()
        assert bench.mover.setup.functions == LOOK
        bench.moves.handle_came()
        await asyncio.sleep(10.0)
        assert len(bench.mover.moved_s) == 1
        assert bench.view.events == []

    with_moves(test)


def test_functions_that_the_service_refuses_are_told() -> None:
    async def test(bench: Bench) -> None:
        bench.mover.takes_update = False
        bench.moves.offer(LOOK)
        await bench.moved()
        bench.moves.refused("no")
        (warned,) = [e for e in bench.view.events if isinstance(e, talk.Warned)]
        assert warned.message == "the service does not take these functions: no"

    with_moves(test)


def test_with_push_to_talk_patience_has_no_meaning() -> None:
    async def test(bench: Bench) -> None:
        bench.moves.next_patience()
        await asyncio.sleep(10.0)
        assert bench.mover.moved_s == []
        assert bench.view.events == []

    with_moves(test, push_to_talk=True)


def test_a_service_that_ends_each_connection_at_once_is_followed_more_and_more_slowly() -> None:
    async def test(bench: Bench) -> None:
        for _ in range(12):
            bench.moves.go_away(0.0)
            await bench.moved()
            bench.moves.connected()
        gaps = [b - a for a, b in pairwise(bench.mover.moved_s)]
        assert gaps[0] < 1.0
        assert gaps[-1] >= LONGEST_BREATH_S
        assert sorted(gaps) == gaps

    with_moves(test)


def test_whoever_waits_for_a_move_is_told_when_it_is_made() -> None:
    async def test(bench: Bench) -> None:
        await bench.moves.made()
        bench.moves.go_away(50.0)
        waiting = asyncio.create_task(bench.moves.made())
        await bench.moved()
        assert not waiting.done()
        bench.moves.connected()
        await waiting

    with_moves(test)
