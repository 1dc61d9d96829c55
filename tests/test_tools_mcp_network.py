"""What a server on the network may answer: no more than can be used, and nothing packed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path

import httpx2
import pytest

from voicecli.tools.mcp.child import LARGEST_MESSAGE_BYTES
from voicecli.tools.mcp.config import ServerConfig, read_servers
from voicecli.tools.mcp.inspection import Finding, inspect
from voicecli.tools.mcp.network import http_client
from voicecli.tools.mcp.words import Words

DEADLINE_S = 30.0


async def ask(
    answer: bytes,
    words: Words | None = None,
    *,
    session: str | None = None,
    forgotten: Callable[[], None] = lambda: None,
) -> tuple[httpx2.Response, str]:
    """What the client makes of the answer, and the request that it sent."""
    asked = ""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked = (await reader.readuntil(b"\r\n\r\n")).decode()
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    config = ServerConfig("web", "web", url="x", headers={"X-Key": "hunter2"})
    client = http_client(config, words or Words("web", str), forgotten)
    async with asyncio.timeout(DEADLINE_S), server, client:
        headers = {"Mcp-Session-Id": session} if session else {}
        return await client.get(f"http://127.0.0.1:{port}/mcp", headers=headers), asked


def run(
    scenario: Coroutine[None, None, tuple[httpx2.Response, str]],
) -> tuple[httpx2.Response, str]:
    return asyncio.run(scenario)


def head(*lines: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode()


def test_an_answer_comes_and_the_headers_are_sent() -> None:
    response, asked = run(ask(head("Content-Length: 2") + b"{}"))
    assert response.json() == {}
    assert "x-key: hunter2" in asked.lower()
    assert "accept-encoding: identity" in asked.lower()


def test_a_body_that_is_too_large_is_an_error() -> None:
    with pytest.raises(httpx2.StreamError, match="too large"):
        run(ask(head("Content-Type: application/json") + b"x" * (LARGEST_MESSAGE_BYTES + 1)))


def test_a_stream_of_events_may_be_long() -> None:
    """Each event has a limit in the package."""
    body = b": nothing\n\n" * (LARGEST_MESSAGE_BYTES // 10)
    response, _ = run(ask(head("Content-Type: text/event-stream; charset=utf-8") + body))
    assert len(response.content) == len(body)


def test_what_is_packed_is_refused() -> None:
    with pytest.raises(httpx2.DecodingError, match="not asked for"):
        run(ask(head("Content-Encoding: gzip", "Content-Length: 2") + b"\x1f\x8b"))


def test_a_refusal_is_remembered_with_its_number() -> None:
    words = Words("web", str)
    run(ask(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", words))
    assert words.last == "HTTP 401 Unauthorized"


def test_not_found_means_that_a_session_is_forgotten() -> None:
    calls: list[str] = []
    nothing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    run(ask(nothing, forgotten=lambda: calls.append("without")))
    run(ask(nothing, session="s1", forgotten=lambda: calls.append("with")))
    run(ask(head("Content-Length: 0"), session="s1", forgotten=lambda: calls.append("found")))
    assert calls == ["with"]


def test_where_a_server_sends_one_on_to_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    """Such an address repeats the path, which is the key of some services."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        location = b"Location: https://elsewhere.example/s/hunter2hunter2/mcp\r\n"
        writer.write(b"HTTP/1.1 307 Moved\r\n" + location + b"Content-Length: 0\r\n\r\n")
        writer.close()

    async def try_out() -> Finding:
        async with asyncio.timeout(DEADLINE_S):
            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            table = {"url": f"http://127.0.0.1:{port}/s/hunter2hunter2/mcp"}
            async with server:
                (finding,) = await inspect(read_servers({"web": table}, {}, Path()), {})
        return finding

    finding = asyncio.run(try_out())
    assert "elsewhere.example" in finding.problem
    assert "hunter2hunter2" not in finding.problem + caplog.text
