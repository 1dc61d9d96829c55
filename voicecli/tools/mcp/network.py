"""What is asked of a server over HTTP, with limits on what it answers."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable

import httpx2
from mcp.client import Transport
from mcp.client.streamable_http import streamable_http_client

from voicecli.tools.mcp.child import LARGEST_MESSAGE_BYTES
from voicecli.tools.mcp.config import ServerConfig
from voicecli.tools.mcp.words import Words

# A server in the same city answers in a tenth of this; the start-up has a limit of its own.
CONNECT_TIMEOUT_S = 10.0
# A stream of news may be silent for long; the calls have limits of their own.
READ_TIMEOUT_S = 300.0
SESSION = "mcp-session-id"

# The package logs addresses, of which some are keys; what matters of it comes as an error, too.
logging.getLogger("mcp").setLevel(logging.CRITICAL + 1)


def http_client(
    config: ServerConfig, words: Words, forgotten: Callable[[], None]
) -> httpx2.AsyncClient:
    """A client with the server's headers; `words` hears of refusals.

    `forgotten` is called when the server does not know the session any more.
    """

    async def look_at(response: httpx2.Response) -> None:
        # The one meaning of it (MCP 2025-11-25, "Session Management").
        if response.status_code == httpx2.codes.NOT_FOUND and SESSION in response.request.headers:
            forgotten()
        if response.status_code >= httpx2.codes.BAD_REQUEST:
            words.note(f"HTTP {response.status_code} {response.reason_phrase}")
        # Compressed, little becomes any amount.
        packed = response.headers.get("content-encoding", "identity") != "identity"
        if packed or not isinstance(response.stream, httpx2.AsyncByteStream):
            raise httpx2.DecodingError("it sends what was not asked for: compressed answers")
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            response.stream = _Limited(response.stream)

    return httpx2.AsyncClient(
        headers={**config.headers, "Accept-Encoding": "identity"},
        timeout=httpx2.Timeout(CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S),
        event_hooks={"response": [look_at]},
    )


def over_http(config: ServerConfig, client: httpx2.AsyncClient) -> Transport:
    """The server's messages by streamable HTTP; the package limits each event of a stream."""
    return streamable_http_client(
        config.url, http_client=client, max_sse_event_size=LARGEST_MESSAGE_BYTES
    )


class _Limited(httpx2.AsyncByteStream):
    """A body that ends with an error where it becomes too large."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._stream:
            size += len(piece)
            if size > LARGEST_MESSAGE_BYTES:
                # What the package takes for a fault of this answer, and not of the connection.
                raise httpx2.StreamError("it is too large")
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()
