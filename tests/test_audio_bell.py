"""A missed ring is a conversation that hangs: what waits must be woken, from any thread."""

from __future__ import annotations

import asyncio
import threading

from voicecli.audio.bell import Bell

DEADLINE_S = 10.0


def test_a_ring_from_another_thread_wakes_all_that_listen() -> None:
    async def main() -> None:
        bell = Bell()
        listeners = [bell.listen(), bell.listen()]
        ringer = threading.Thread(target=bell.ring)
        ringer.start()
        async with asyncio.timeout(DEADLINE_S):
            await asyncio.gather(*listeners)
        ringer.join()

    asyncio.run(main())


def test_a_ring_between_listening_and_waiting_is_not_missed() -> None:
    async def main() -> None:
        bell = Bell()
        listener = bell.listen()
        bell.ring()
        async with asyncio.timeout(DEADLINE_S):
            await listener

    asyncio.run(main())


def test_a_ring_wakes_only_those_who_listened_before_it() -> None:
    async def main() -> None:
        bell = Bell()
        bell.ring()
        listener = bell.listen()
        await asyncio.sleep(0)
        assert not listener.done()

    asyncio.run(main())


def test_who_gave_up_waiting_is_left_alone() -> None:
    async def main() -> None:
        bell = Bell()
        gone, there = bell.listen(), bell.listen()
        bell.ring()
        gone.cancel()
        async with asyncio.timeout(DEADLINE_S):
            await there
        assert gone.cancelled()

    asyncio.run(main())


def test_waiting_for_what_never_rings_does_not_pile_up() -> None:
    async def main() -> None:
        bell = Bell()
        for _ in range(100):
            bell.listen().cancel()
        bell.listen()
        assert len(bell._listeners) == 1

    asyncio.run(main())


def test_ringing_after_the_loop_has_ended_raises_nothing() -> None:
    bell = Bell()

    async def main() -> None:
        bell.listen()

    asyncio.run(main())
    bell.ring()


def test_ringing_when_nobody_listens_is_nothing() -> None:
    Bell().ring()
