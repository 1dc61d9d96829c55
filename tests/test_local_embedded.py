"""The server inside of another program must come and go without a trace."""

from __future__ import annotations

import asyncio
import socket
import ssl
import stat
import threading

import pytest
from local_wire import PATH, read_close, read_until, send, set_up
from websockets.asyncio.client import connect

from voicecli.local.embedded import EmbeddedServer
from voicecli.local.faults import Fault, FaultPlan, Kind, Moment
from voicecli.local.script import Reply, Script


async def words_of(server: EmbeddedServer, text: str) -> str:
    context = ssl.create_default_context(cafile=server.ca_file)
    url = server.base_url.replace("https", "wss") + f"{PATH}?key=k"
    async with asyncio.timeout(20), connect(url, ssl=context, proxy=None) as client:
        await set_up(client)
        await send(client, {"realtimeInput": {"text": text}})
        return str(await read_until(client, "serverContent", "outputTranscription", "text"))


def port_of(server: EmbeddedServer) -> int:
    return int(server.base_url.rpartition(":")[2])


def test_it_answers_from_the_built_in_script_or_from_ones_own() -> None:
    with EmbeddedServer() as server:
        assert asyncio.run(words_of(server, "thank you")) == "You are welcome."
    with EmbeddedServer(Script(fallback=Reply(say="Indeed."))) as server:
        assert asyncio.run(words_of(server, "thank you")) == "Indeed."


def test_faults_of_its_own_strike() -> None:
    plan = FaultPlan([Fault(Kind.CLOSE, at=Moment.SPEAKING, code=1001)])

    async def closed(server: EmbeddedServer) -> int:
        context = ssl.create_default_context(cafile=server.ca_file)
        url = server.base_url.replace("https", "wss") + f"{PATH}?key=k"
        async with asyncio.timeout(20), connect(url, ssl=context, proxy=None) as client:
            await set_up(client)
            await send(client, {"realtimeInput": {"text": "thank you"}})
            return (await read_close(client))[0]

    with EmbeddedServer(faults=plan) as server:
        assert asyncio.run(closed(server)) == 1001
        assert asyncio.run(words_of(server, "thank you")) == "You are welcome."


def test_the_authority_is_in_a_private_place_and_gone_at_the_end() -> None:
    with EmbeddedServer() as server:
        ca_file = server.ca_file
        assert stat.S_IMODE(ca_file.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE(ca_file.stat().st_mode) == 0o600
    assert not ca_file.parent.exists()


def test_nothing_listens_and_no_thread_runs_after_the_end() -> None:
    before = threading.enumerate()
    with EmbeddedServer() as server:
        assert len(threading.enumerate()) > len(before)
    assert threading.enumerate() == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port_of(server)))


def test_it_is_reached_on_the_loopback_only() -> None:
    with EmbeddedServer() as server:
        assert server.base_url.startswith("https://localhost:")
        socket.create_connection(("127.0.0.1", port_of(server))).close()
        with pytest.raises(OSError):  # noqa: PT011 - refused or unreachable, as the system says
            socket.create_connection(("127.0.0.2", port_of(server)), timeout=5)


def test_it_ends_although_a_client_is_connected() -> None:
    async def stay(server: EmbeddedServer, ready: threading.Event) -> int:
        context = ssl.create_default_context(cafile=server.ca_file)
        url = server.base_url.replace("https", "wss") + f"{PATH}?key=k"
        async with asyncio.timeout(20), connect(url, ssl=context, proxy=None) as client:
            await set_up(client)
            ready.set()
            return (await read_close(client))[0]

    codes: list[int] = []
    ready = threading.Event()
    with EmbeddedServer() as server:
        client = threading.Thread(target=lambda: codes.append(asyncio.run(stay(server, ready))))
        client.start()
        assert ready.wait(20)
    client.join(20)
    assert codes == [1001]


def test_an_exception_in_the_block_goes_through_and_the_server_ends() -> None:
    with pytest.raises(ValueError, match="mine"), EmbeddedServer() as server:
        raise ValueError("mine")
    assert not server.ca_file.exists()


def test_a_server_that_cannot_start_says_so_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_socket(port: int) -> list[socket.socket]:
        raise OSError("no sockets left")

    monkeypatch.setattr("voicecli.local.server.listen_on_loopback", no_socket)
    before = threading.enumerate()
    server = EmbeddedServer()
    with pytest.raises(OSError, match="no sockets left"):
        server.__enter__()
    assert not server.ca_file.exists()
    assert set(threading.enumerate()) <= set(before)
