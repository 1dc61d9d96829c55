"""A real MCP server, made with the `mcp` package, that misbehaves when it is asked to.

    python mcp_server.py [--http PORT] [HABIT ...]

Over HTTP it prints its port when it listens; 0 lets the system choose one. The habits:

    crash     ends before it has started, with a traceback that holds $SECRET
    sleepy    never starts; makes the file $BEGUN when it has begun to
    deaf      ignores SIGTERM and that its input ends
    old       speaks, over HTTP, the protocol as it was before 2026
    modern    speaks only the protocol of 2026
    noisy     writes what is no message to its output, and much more to its error output
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
from typing import Any

if "deaf" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "noisy" in sys.argv:
    print("Listening on nothing at all.\n{]\n{}", flush=True)
    sys.stderr.write("what a nice day\n" * 100_000)
if "crash" in sys.argv:
    raise RuntimeError(f"no luck with {os.environ.get('SECRET')}")
if "sleepy" in sys.argv:
    print("getting ready", file=sys.stderr, flush=True)
    if "BEGUN" in os.environ:
        open(os.environ["BEGUN"], "w").close()
    threading.Event().wait()

import uvicorn
from mcp.server import MCPServer
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver import Context, Image
from mcp.server.mcpserver.exceptions import ToolError
from mcp.shared.exceptions import MCPError
from mcp.types import (
    METHOD_NOT_FOUND,
    EmbeddedResource,
    ResourceLink,
    TextContent,
    TextResourceContents,
)
from pydantic import BaseModel


async def without_2026(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """What most servers are: older than the protocol that begins with a discovery."""
    if ctx.method == "server/discover":
        raise MCPError(METHOD_NOT_FOUND, "Method not found")
    return await call_next(ctx)


async def only_2026(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """What servers may become."""
    if ctx.method == "initialize":
        raise MCPError(METHOD_NOT_FOUND, "Method not found")
    return await call_next(ctx)


HABITS = {"old": without_2026, "modern": only_2026}

server = MCPServer(
    "misbehaving",
    version="1.2",
    log_level="WARNING",
    middleware=[HABITS[habit] for habit in HABITS if habit in sys.argv],
)


class Node(BaseModel):
    """A schema that refers to itself."""

    children: list[Node]


class Place(BaseModel):
    """A schema in a place of its own, which others refer to."""

    city: str
    country: str = "FR"


@server.tool()
def echo(text: str) -> str:
    """Say the same again."""
    return text


@server.tool()
def weather(place: Place) -> Place:
    """Answers as JSON."""
    return place


@server.tool()
def names() -> list[str]:
    """The names in the environment."""
    return sorted(os.environ)


@server.tool()
def folder() -> str:
    """Where it runs."""
    return os.getcwd()


@server.tool()
async def slow() -> str:
    """Never ends."""
    await asyncio.Event().wait()
    return ""


@server.tool()
def crash() -> str:
    """Ends the server in the middle of the call."""
    os._exit(3)


@server.tool()
async def last_words() -> str:
    """Ends the server right after the call."""
    asyncio.get_running_loop().call_later(0.1, os._exit, 0)
    return "farewell"


@server.tool()
def much(characters: int) -> str:
    """As much as is asked for."""
    return "x" * characters


@server.tool()
def fail() -> str:
    """Says that it failed."""
    raise ToolError("there is no such file; list the folder first")


@server.tool()
def show() -> list[TextContent | Image | ResourceLink | EmbeddedResource]:
    """A picture, a link and a file."""
    file = TextResourceContents(uri="file:///notes.txt", text="buy milk")
    return [
        TextContent(type="text", text="here:"),
        Image(data=bytes(12_000)),
        ResourceLink(type="resource_link", uri="https://example.org/map", name="map"),
        EmbeddedResource(type="resource", resource=file),
    ]


@server.tool()
def recursive(node: Node) -> str:
    """Cannot be declared."""
    return str(node)


@server.tool()
async def grow(ctx: Context) -> str:
    """From now on there is `shrink` too."""
    server.add_tool(lambda: "small", name="shrink", description="New.")
    await ctx.notify_tools_changed()
    await ctx.session.send_tool_list_changed()
    return "grown"


async def serve_http(port: int) -> None:
    with socket.create_server(("127.0.0.1", port)) as listening:
        print(listening.getsockname()[1], flush=True)
        config = uvicorn.Config(server.streamable_http_app(), log_level="error")
        await uvicorn.Server(config).serve(sockets=[listening])


async def serve() -> None:
    if "--http" in sys.argv:
        await serve_http(int(sys.argv[sys.argv.index("--http") + 1]))
    else:
        await server.run_stdio_async()


if __name__ == "__main__":
    asyncio.run(serve())
    if "deaf" in sys.argv:
        threading.Event().wait()
