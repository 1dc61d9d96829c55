"""A connection to one server, however it is reached."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from mcp.client import Client, IncomingMessage
from mcp.shared.exceptions import MCPError
from mcp.types import Implementation, Tool, ToolListChangedNotification
from pydantic import ValidationError

from voicecli import __version__
from voicecli.tools.mcp.child import ServerGoneError, child
from voicecli.tools.mcp.config import ServerConfig
from voicecli.tools.mcp.listings import Unfit, mending
from voicecli.tools.mcp.network import http_client, over_http
from voicecli.tools.mcp.words import Words

# The service takes some hundred functions in all, and models get lost in far fewer.
MOST_TOOLS = 128
# A server whose list never ends must not hang a conversation.
MOST_PAGES = 50
LONGEST_WHY_CHARACTERS = 300


@asynccontextmanager
async def connect(
    config: ServerConfig,
    environ: Mapping[str, str],
    words: Words,
    *,
    changed: Callable[[], None],
    forgotten: Callable[[], None],
    unfit: Unfit,
) -> AsyncIterator[Client]:
    """Start the server or reach it, and agree on a version of the protocol.

    `changed` is called when the server says that its functions have changed, `forgotten` when it
    does not know this connection any more, `unfit` when it lists one that cannot be. Raises
    whatever can go wrong, also in the middle of the block if the server is lost; `why` puts it in
    words.
    """

    async def on_message(message: IncomingMessage) -> None:
        if isinstance(message, ToolListChangedNotification):
            changed()

    async def entered(stack: AsyncExitStack, mode: str) -> Client:
        if config.url:
            http = await stack.enter_async_context(http_client(config, words, forgotten))
            transport = over_http(config, http)
        else:
            transport = child(config, environ, words)
        client = Client(
            mending(transport, lambda: client.protocol_version, unfit),
            mode=mode,
            message_handler=on_message,
            client_info=Implementation(name="voicecli", version=__version__),
            cache=None,
        )
        return await stack.enter_async_context(client)

    async with AsyncExitStack() as stack:
        yield await _agreed(stack, entered, "auto" if config.url else "legacy")


async def _agreed(
    stack: AsyncExitStack, entered: Callable[[AsyncExitStack, str], Awaitable[Client]], mode: str
) -> Client:
    """A client in `mode`, or, where the server refuses the older handshake, by discovery.

    A process is asked by the older one first: most servers know no other, and of these some end at
    a question that they do not know, and some say nothing.
    """
    if mode == "legacy":
        try:
            async with AsyncExitStack() as first:
                client = await entered(first, mode)
                stack.push_async_exit(first.pop_all())
                return client
        except Exception as error:
            cause = _cause(error)
            if not isinstance(cause, MCPError) or is_closed(cause):
                raise
    return await entered(stack, "auto")


async def list_tools(client: Client) -> tuple[Tool, ...]:
    """The server's functions, and no more of them than are of use."""
    tools: list[Tool] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = await client.list_tools(cursor=cursor)
        tools += page.tools
        cursor = page.next_cursor
        if not cursor or len(tools) >= MOST_TOOLS:
            break
    return tuple(tools[:MOST_TOOLS])


def is_closed(error: MCPError) -> bool:
    """Whether the call got no answer since the connection ended."""
    # The text of the package; its code stands for faults of one answer as well.
    return error.message == "Connection closed"


def why(error: BaseException, config: ServerConfig, words: Words) -> str:
    """What went wrong with the server, in a line and without secrets."""
    cause = _cause(error)
    said = f", after saying: {words.last}" if words.last else ""
    match cause:
        case OSError() if config.cwd and str(cause.filename) == str(config.cwd):
            text = f"its folder {config.cwd} cannot be used: {cause.strerror}"
        case FileNotFoundError() | NotADirectoryError() | PermissionError():
            text = f"{cause.filename or config.shown} cannot be run: {cause.strerror}"
        case ServerGoneError():
            text = f"{cause}{said}"
        case ValidationError():
            text = "what it says of itself or its functions is not valid"
        case TimeoutError():
            text = f"it did not answer within {config.startup_timeout_s:g} s{said}"
        case _:
            text = f"{str(cause) or type(cause).__name__}{said}"
    short = config.redact(text[: 4 * LONGEST_WHY_CHARACTERS])
    line = "".join(c if c.isprintable() else " " for c in short)
    return " ".join(line.split())[:LONGEST_WHY_CHARACTERS]


def _cause(error: BaseException) -> BaseException:
    """The error that the others in a group followed from."""
    causes = list(_leaves(error))
    gone = [cause for cause in causes if isinstance(cause, ServerGoneError)]
    return (gone or causes)[0]


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in _leaves(inner)]
    return [error]
