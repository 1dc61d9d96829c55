"""A web site on this machine, for what may reach it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

HOST = "site.example"
LOOPBACK = "127.0.0.1"


def page(body: str | bytes, kind: str = "text/html", more: str = "") -> bytes:
    """A response whose end is the connection's."""
    content = body.encode() if isinstance(body, str) else body
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{more}\r\n".encode() + content


def moved(to: str, status: int = 302) -> bytes:
    return f"HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()


class Site:
    """A web server on this machine: what it answers by path, and what it was asked."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.looked_up: list[str] = []
        self.port = 0

    def url(self, path: str = "/", scheme: str = "http") -> str:
        return f"{scheme}://{HOST}:{self.port}{path}"

    async def find(self, host: str, port: int) -> list[str]:
        self.looked_up.append(host)
        return [LOOPBACK]

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            request = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.asked.append(request)
            answer = self.answers[request.split()[1]]
            writer.write(answer.replace(b"PORT", str(self.port).encode()))
            await writer.drain()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
