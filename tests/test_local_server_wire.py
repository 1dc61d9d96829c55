"""The server's edge, frame by frame: what no well-behaved SDK sends, and how connections end."""

from __future__ import annotations

import asyncio
import base64
import json
import socket as sockets

import pytest
from local_wire import PATH, SETUP, read_close, read_until, send, set_up, with_socket
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from voicecli.local.refusal import INVALID_KEY
from voicecli.local.script_file import load
from voicecli.local.server import LiveServer, listen_on_loopback

KEY = f"{PATH}?key=k"


async def converse(socket: ClientConnection) -> None:
    """One turn in camel case, as the JavaScript SDK sends it."""
    await set_up(socket, generationConfig={"responseModalities": ["AUDIO"]})
    await send(socket, {"realtimeInput": {"text": "thank you"}})
    words = await read_until(socket, "serverContent", "outputTranscription", "text")
    assert words.startswith("You are welcome.")
    await read_until(socket, "serverContent", "turnComplete")


def test_camel_case_and_a_key_in_the_query_over_plain_http() -> None:
    with_socket(converse)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_tls_is_good_for_every_name_of_the_loopback(host: str) -> None:
    with_socket(converse, tls=True, host=host)


@pytest.mark.skipif(not sockets.has_ipv6, reason="only on machines with IPv6")
def test_tls_is_good_for_ipv6_as_well() -> None:
    with_socket(converse, tls=True, host="[::1]")


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (PATH, {"x-goog-api-key": "k"}),
        (f"{PATH}Constrained?access_token=auth_tokens/k", {}),
        (f"{PATH}Constrained", {"Authorization": "Token auth_tokens/k"}),
        (f"/{KEY}", {}),
        (f"/some/prefix{KEY}", {}),
    ],
)
def test_every_way_to_bring_a_key_is_taken(path: str, headers: dict[str, str]) -> None:
    with_socket(converse, path=path, headers=headers)


def test_without_a_key_the_setup_is_refused_as_at_googles() -> None:
    async def talk(socket: ClientConnection) -> None:
        await send(socket, SETUP)
        assert await read_close(socket) == (1007, INVALID_KEY)

    with_socket(talk, path=PATH)


@pytest.mark.parametrize("path", ["/", "/ws/other", PATH.replace("v1beta", "v9")])
def test_other_paths_are_not_found(path: str) -> None:
    async def talk(socket: ClientConnection) -> None:
        raise AssertionError("connected")

    with pytest.raises(InvalidStatus) as refused:
        with_socket(talk, path=path)
    assert refused.value.response.status_code == 404


@pytest.mark.parametrize(
    "frame",
    [
        "{",
        "[]",
        '{"unknown":{}}',
        '{"realtimeInput":{"text":"too early"}}',
        '{"setup":{"model":1}}',
        "[" * 50_000,
        b"\xff\xfe",
        json.dumps({"x" * 500: {}}),
        json.dumps({"ü" * 500: {}}),
    ],
)
def test_a_bad_first_frame_is_refused_with_a_reason_that_fits(frame: str | bytes) -> None:
    async def talk(socket: ClientConnection) -> None:
        await socket.send(frame)
        code, reason = await read_close(socket)
        assert code == 1007
        assert 0 < len(reason.encode()) <= 123

    with_socket(talk)


@pytest.mark.parametrize(
    "frame",
    [
        SETUP,
        {"realtimeInput": {"activityStart": {}}},
        {"realtimeInput": {"audio": {"data": "*", "mimeType": "audio/pcm"}}},
        {"toolResponse": {"functionResponses": 1}},
        {"contextUpdate": {"tools": {"tools": [{"codeExecution": {}}]}}},
    ],
)
def test_a_bad_later_frame_ends_the_conversation(frame: dict[str, object]) -> None:
    async def talk(socket: ClientConnection) -> None:
        await set_up(socket)
        await send(socket, frame)
        code, reason = await read_close(socket)
        assert code == 1007
        assert reason

    with_socket(talk)


def test_a_refusal_in_the_middle_of_a_reply_stops_it() -> None:
    async def talk(socket: ClientConnection) -> None:
        await set_up(socket)
        await send(socket, {"realtimeInput": {"text": "tell me about the sea"}})
        await read_until(socket, "serverContent", "modelTurn")
        await socket.send("{")
        assert (await read_close(socket))[0] == 1007

    with_socket(talk, speed=1.0)


def test_binary_frames_and_snake_case_are_read_alike() -> None:
    async def talk(socket: ClientConnection) -> None:
        await socket.send(json.dumps({"setup": {"model": "gemini-3.8-live"}}).encode())
        await read_until(socket, "setupComplete")
        await socket.send(b'{"realtime_input":{"text":"hello"}}')
        await read_until(socket, "serverContent", "turnComplete")

    with_socket(talk)


def test_a_frame_of_megabytes_is_taken() -> None:
    async def talk(socket: ClientConnection) -> None:
        await set_up(socket)
        picture = base64.b64encode(bytes(5_000_000)).decode()
        body = {"video": {"data": picture, "mimeType": "image/jpeg"}, "text": "hello"}
        await send(socket, {"realtimeInput": body})
        await read_until(socket, "serverContent", "turnComplete")

    with_socket(talk)


def test_a_client_that_leaves_in_the_middle_harms_nobody() -> None:
    async def talk(socket: ClientConnection) -> None:
        await set_up(socket)
        await send(socket, {"realtimeInput": {"text": "tell me about the sea"}})
        await read_until(socket, "serverContent", "modelTurn")
        socket.transport.abort()

    for _ in range(3):
        with_socket(talk, speed=1.0)


def test_leaving_ends_every_task_of_the_connection() -> None:
    async def run() -> None:
        async with LiveServer(load(None), tls=None) as server:
            before = asyncio.all_tasks()
            url = server.base_url.replace("http", "ws", 1) + KEY
            async with asyncio.timeout(20):
                async with connect(url, proxy=None) as socket:
                    await set_up(socket)
                    silence = base64.b64encode(bytes(64_000)).decode()
                    audio = {"data": silence, "mimeType": "audio/pcm;rate=16000"}
                    await send(socket, {"realtimeInput": {"audio": audio}})
                    await send(socket, {"realtimeInput": {"text": "tell me about the sea"}})
                    await read_until(socket, "serverContent", "modelTurn")
                while asyncio.all_tasks() - before:
                    await asyncio.wait(asyncio.all_tasks() - before)

    asyncio.run(run())


def test_stopping_the_server_says_that_it_goes_away() -> None:
    async def run() -> tuple[int, str]:
        server = LiveServer(load(None), tls=None)
        async with asyncio.timeout(20):
            await server.__aenter__()
            url = server.base_url.replace("http", "ws", 1) + KEY
            async with connect(url, proxy=None) as socket:
                await set_up(socket)
                await send(socket, {"realtimeInput": {"text": "tell me about the sea"}})
                await read_until(socket, "serverContent", "modelTurn")
                closing = asyncio.create_task(server.__aexit__(None, None, None))
                closed = await read_close(socket)
                await closing
        return closed

    assert asyncio.run(run())[0] == 1001


def test_stopping_the_server_does_not_wait_for_sound_that_is_still_to_be_judged() -> None:
    async def talk(socket: ClientConnection) -> None:
        await set_up(socket)
        minutes = base64.b64encode(bytes(11_000_000)).decode()
        audio = {"data": minutes, "mimeType": "audio/pcm;rate=1000"}
        await send(socket, {"realtimeInput": {"audio": audio}})
        await send(socket, {"realtimeInput": {"text": "never read"}})

    with_socket(talk)


def test_a_session_has_one_connection_at_a_time() -> None:
    async def run() -> None:
        async with asyncio.timeout(20), LiveServer(load(None), tls=None) as server:
            url = server.base_url.replace("http", "ws", 1) + KEY
            async with connect(url, proxy=None) as first:
                await send(first, SETUP)
                handle = await read_until(first, "sessionResumptionUpdate", "newHandle")
                again = {"setup": {**SETUP["setup"], "sessionResumption": {"handle": handle}}}
                async with connect(url, proxy=None) as second:
                    await send(second, again)
                    assert (await read_close(second))[0] == 1011
            async with connect(url, proxy=None) as third:
                await send(third, again)
                await read_until(third, "setupComplete")

    asyncio.run(run())


def test_two_clients_talk_at_the_same_time() -> None:
    async def run() -> None:
        async with LiveServer(load(None), tls=None, speed=50.0) as server:
            url = server.base_url.replace("http", "ws", 1) + KEY

            async def client() -> None:
                async with connect(url, proxy=None) as socket:
                    await converse(socket)

            async with asyncio.timeout(20):
                await asyncio.gather(*(client() for _ in range(5)))

    asyncio.run(run())


def test_a_port_that_is_taken_is_an_error_and_another_is_found() -> None:
    listeners = listen_on_loopback(0)
    try:
        port = listeners[0].getsockname()[1]
        assert {listener.getsockname()[1] for listener in listeners} == {port}
        with pytest.raises(OSError, match="in use"):
            listen_on_loopback(port)
    finally:
        for listener in listeners:
            listener.close()


def test_a_port_that_is_taken_on_ipv6_only_is_an_error_too() -> None:
    first, *others = listen_on_loopback(0)
    port = first.getsockname()[1]
    first.close()
    try:
        if others:
            with pytest.raises(OSError, match="in use"):
                listen_on_loopback(port)
    finally:
        for listener in others:
            listener.close()
