"""One connection to the service, from the setup that it accepted to its close."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

from voicecli.errors import NetworkError
from voicecli.live import events as ev
from voicecli.live.client import make_client
from voicecli.live.decode import decode
from voicecli.live.endpoint import Endpoint
from voicecli.live.setup import Dial, Setup, connect_config
from voicecli.settings.key import ApiKey, redact

if TYPE_CHECKING:
    from google import genai
    from google.genai.live import AsyncSession

    from voicecli.live.outgoing import Send

# A network that takes nothing for so long is gone; a server in this process may be at work.
SEND_WITHIN_S = 20.0
SEND_LOCALLY_WITHIN_S = 300.0
# The library waits for its close frame to leave before it begins to count.
HANG_UP_WITHIN_S = 2.0

# A log is for reading, and a message may hold minutes of sound.
LOGGED_CHARACTERS = 200

# What the SDK raises for a message that it does not know, whatever is wrong with it.
_NOT_UNDERSTOOD = (AttributeError, LookupError, TypeError, ValueError)

_log = logging.getLogger(__name__)


class Connection:
    """Made by `connect`; `close` it in the end."""

    def __init__(
        self, sdk: AsyncSession, stack: AsyncExitStack, key: ApiKey, send_within_s: float
    ) -> None:
        self._sdk = sdk
        self._send_within_s = send_within_s
        self._stack = stack
        self._key = key

    async def events(self) -> AsyncIterator[ev.LiveEvent]:
        """What the service says; raises what ends the connection, whoever ends it."""
        while True:
            try:
                async for message in self._sdk.receive():
                    for event in tuple(decode(message)):
                        yield event
            except _NOT_UNDERSTOOD as error:
                # The socket is sound.
                _log.warning("a message was not understood: %s", self._in_brief(error))
                yield ev.Unrecognised("message that is not understood")

    async def send(self, send: Send) -> bool:
        """Send something; False if the connection is gone, which `events` notices too."""
        from websockets.exceptions import ConnectionClosed

        try:
            async with asyncio.timeout(self._send_within_s):
                await send(self._sdk)
        except ConnectionClosed:
            return False
        except TimeoutError:
            self._abort()
            return False
        return True

    async def hang_up(self) -> None:
        """Say goodbye: `events` ends after what is still on its way."""
        try:
            async with asyncio.timeout(HANG_UP_WITHIN_S):
                await self._sdk.close()
        except TimeoutError:
            self._abort()

    async def close(self) -> None:
        """Returns when the socket is closed."""
        try:
            await self.hang_up()
        finally:
            await self._stack.aclose()

    def _abort(self) -> None:
        """Leave a socket that takes nothing: neither SDK nor library offers a way."""
        self._sdk._ws.transport.abort()

    def _in_brief(self, error: Exception) -> str:
        return redact(str(error)[:LOGGED_CHARACTERS], self._key)


Connect = Callable[[Setup, Dial], Awaitable[Connection]]


async def connector(endpoint: Endpoint, within_s: float) -> Connect:
    """What connects to `endpoint`, each time within so many seconds. Raises UsageError."""
    # The import alone takes half a second: the screen stays alive meanwhile.
    client = await asyncio.to_thread(make_client, endpoint)
    send_within_s = SEND_LOCALLY_WITHIN_S if endpoint.local else SEND_WITHIN_S
    return partial(connect, client, endpoint.key, within_s=within_s, send_within_s=send_within_s)


async def connect(
    client: genai.Client,
    key: ApiKey,
    setup: Setup,
    dial: Dial,
    *,
    within_s: float,
    send_within_s: float = SEND_WITHIN_S,
) -> Connection:
    """Connect and have `setup` accepted; whatever is sent later has to leave in time, too.

    Raises NetworkError, or what the SDK and the socket raise: see `voicecli.live.failures`.
    """
    connecting = client.aio.live.connect(model=setup.model, config=connect_config(setup, dial))
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(within_s):
                sdk = await stack.enter_async_context(connecting)
        except (OSError, UnicodeError):
            raise  # the way to the service, not what it said, though some are ValueErrors too
        except _NOT_UNDERSTOOD as error:
            raise _not_accepted() from error
        if sdk.setup_complete is None:
            raise _not_accepted()
        return Connection(sdk, stack.pop_all(), key, send_within_s)


def _not_accepted() -> NetworkError:
    return NetworkError(
        "the service did not accept the conversation",
        why="its first message was not setupComplete",
        hint="try again, or another model with --model",
    )
