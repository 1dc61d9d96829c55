"""Notices a service that has gone silent, and a machine that has slept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from voicecli.live.failures import Verdict
from voicecli.live.policy import SILENT, SLEPT, SessionPolicy
from voicecli.live.sleep import Sleep

LOOK_EVERY_S = 1.0


async def watch(
    policy: SessionPolicy,
    standing: Callable[[], bool],
    leave: Callable[[Verdict], Awaitable[None]],
    wall_s: Callable[[], float],
) -> None:
    """Have a connection left over which nothing comes any more; for ever.

    `standing` says whether there is one, `wall_s` is the time of day.
    """
    now_s = asyncio.get_running_loop().time
    sleep = Sleep(now_s(), wall_s())
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        if sleep.has_slept(now_s(), wall_s()):
            await leave(SLEPT)
        elif standing() and policy.silent(now_s()):
            await leave(SILENT)
