"""A connection ends in many ways; what was still on its way must be heard, and nothing left open.

What is no connection, or an answer that nobody knows, is tested through the session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from google.genai.errors import APIError
from scripted_server import Act, AnswerSetup, Call, IgnoreSetup, scripted_server
from virtual_time import run_virtually

from voicecli.errors import NetworkError
from voicecli.live import events as live
from voicecli.live.client import make_client
from voicecli.live.connection import (
    SEND_WITHIN_S,
    Connection,
    connect,
)
from voicecli.live.items import Sound
from voicecli.live.models import DEFAULT_MODEL
from voicecli.live.outgoing import sound
from voicecli.live.setup import Dial, Setup

TURN_END = {"serverContent": {"turnComplete": True}}

Play = Callable[[Connection], Awaitable[None]]


def perform(folder: Path, scene: Act, play: Play, *, within_s: float = 10) -> dict[str, Any]:
    """Run `play` with a connection to a server of `scene`; returns the setup that it got."""

    async def main() -> dict[str, Any]:
        async with asyncio.timeout(20), scripted_server(folder, [scene]) as server:
            endpoint = server.endpoint
            client = await asyncio.to_thread(make_client, endpoint)
            setup = Setup(DEFAULT_MODEL, voice="Kore")
            await play(await connect(client, endpoint.key, setup, Dial("h1"), within_s=within_s))
            return server.setups[0]

    return asyncio.run(main())


async def all_events(connection: Connection) -> list[live.LiveEvent]:
    found: list[live.LiveEvent] = []
    try:
        async for event in connection.events():
            found.append(event)
    except APIError:
        return found
    raise AssertionError("a connection has no end of its own")


def test_the_setup_and_the_handle_go_first(tmp_path: Path) -> None:
    async def play(connection: Connection) -> None:
        await connection.close()

    async def scene(call: Call) -> None:
        await call.wait()

    setup = perform(tmp_path, scene, play)
    assert setup["sessionResumption"] == {"handle": "h1"}
    assert "Kore" in str(setup["generationConfig"]["speechConfig"])


def test_what_was_on_its_way_when_we_hung_up_is_still_heard(tmp_path: Path) -> None:
    async def scene(call: Call) -> None:
        await call.say(TURN_END, {"brandNew": {}}, TURN_END)
        await call.wait()

    async def play(connection: Connection) -> None:
        await connection.hang_up()
        assert await all_events(connection) == [
            live.TurnComplete(),
            live.Unrecognised("message that is not understood"),
            live.TurnComplete(),
        ]
        await connection.close()
        await connection.close()

    perform(tmp_path, scene, play)


def test_nothing_is_sent_over_a_connection_that_is_gone(tmp_path: Path) -> None:
    async def scene(call: Call) -> None:
        await call.hang_up(1011)

    async def play(connection: Connection) -> None:
        assert await all_events(connection) == []
        assert not await connection.send(sound([Sound(b"\0\0")]))
        await connection.close()

    perform(tmp_path, scene, play)


@pytest.mark.parametrize("scene", [AnswerSetup(TURN_END), AnswerSetup([1]), IgnoreSetup()])
def test_a_setup_without_its_answer_leaves_no_socket_open(tmp_path: Path, scene: Act) -> None:
    async def play(connection: Connection) -> None:
        raise AssertionError("connected")

    # The server's block ends only when its connections have: within the deadline of the test.
    with pytest.raises((NetworkError, TimeoutError)):
        perform(tmp_path, scene, play, within_s=0.5)


def test_a_message_that_does_not_leave_in_time_ends_the_connection(tmp_path: Path) -> None:
    """In virtual time: a network that takes nothing would hold up the keepalive and the close."""

    async def scene(call: Call) -> None:
        await call.wait()

    async def main() -> float:
        now_s = asyncio.get_running_loop().time
        async with asyncio.timeout(500), scripted_server(tmp_path, [scene]) as server:
            endpoint = server.endpoint
            client = await asyncio.to_thread(make_client, endpoint)
            connection = await connect(
                client, endpoint.key, Setup(DEFAULT_MODEL), Dial(), within_s=9
            )
            began_s = now_s()
            assert not await connection.send(lambda sdk: asyncio.sleep(1_000))
            assert await all_events(connection) == []
            await connection.close()
            return now_s() - began_s

    assert run_virtually(main()) == pytest.approx(SEND_WITHIN_S, abs=1.0)
