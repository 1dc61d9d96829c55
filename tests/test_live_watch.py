"""A silent service and a closed lid are noticed at the next look, by the clock of the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import pytest
from virtual_time import run_virtually

from voicecli.live.exchange import SILENT_SERVICE_S
from voicecli.live.failures import Verdict
from voicecli.live.items import Typed
from voicecli.live.models import DEFAULT_MODEL
from voicecli.live.policy import SILENT, SLEPT, SessionPolicy
from voicecli.live.setup import Setup
from voicecli.live.watch import LOOK_EVERY_S, watch


class Lid:
    """The time of day, which goes on while the machine sleeps."""

    def __init__(self) -> None:
        self.slept_s = 0.0

    def wall_s(self) -> float:
        return asyncio.get_running_loop().time() + self.slept_s


def waiting() -> SessionPolicy:
    """A session whose service owes an answer."""
    policy = SessionPolicy(Setup(DEFAULT_MODEL), None, lambda: 1.0)
    policy.connected(asyncio.get_running_loop().time())
    policy.queue(Typed("hello"))
    policy.passed(policy.outbox.take(), asyncio.get_running_loop().time())
    return policy


async def first_left(
    policy: SessionPolicy, lid: Lid, standing: Callable[[], bool]
) -> tuple[Verdict, float]:
    """Why the connection is left, and after how long."""
    loop = asyncio.get_running_loop()
    began_s, left = loop.time(), loop.create_future()

    async def leave(verdict: Verdict) -> None:
        if not left.done():
            left.set_result(verdict)

    watching = asyncio.create_task(watch(policy, standing, leave, lid.wall_s))
    try:
        return await left, loop.time() - began_s
    finally:
        watching.cancel()


def run(scene: Callable[[], Coroutine[object, object, None]]) -> None:
    run_virtually(scene())


def test_a_service_that_owes_an_answer_is_left_at_the_next_look() -> None:
    async def scene() -> None:
        verdict, after_s = await first_left(waiting(), Lid(), lambda: True)
        assert verdict is SILENT
        assert SILENT_SERVICE_S <= after_s <= SILENT_SERVICE_S + 2 * LOOK_EVERY_S

    run(scene)


def test_without_a_connection_nothing_is_left_for_its_silence() -> None:
    async def scene() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(300):
                await first_left(waiting(), Lid(), lambda: False)

    run(scene)


def test_a_machine_that_has_slept_leaves_its_connection_at_once() -> None:
    async def scene() -> None:
        lid = Lid()
        watching = asyncio.create_task(first_left(waiting(), lid, lambda: True))
        await asyncio.sleep(3)
        lid.slept_s = 3_600.0
        verdict, after_s = await watching
        assert verdict is SLEPT
        assert after_s <= 3 + 2 * LOOK_EVERY_S

    run(scene)
