"""Keeps one server running, and its functions in the toolbox as long as it does."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping

import anyio
from mcp.client import Client
from mcp.client.subscriptions import SubscriptionLost
from mcp.shared.exceptions import MCPError
from mcp.types import Tool as ServerTool
from mcp.types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from voicecli.tools.mcp.child import ServerGoneError
from voicecli.tools.mcp.config import ServerConfig
from voicecli.tools.mcp.connection import connect, is_closed, list_tools, why
from voicecli.tools.mcp.names import Names
from voicecli.tools.mcp.offer import offer
from voicecli.tools.mcp.results import ToolError, result_of
from voicecli.tools.mcp.words import Words
from voicecli.tools.tool import Arguments
from voicecli.tools.toolbox import News, Toolbox

_log = logging.getLogger(__name__)

# What dies twice in one conversation would die a third time, perhaps in every call.
RESTARTS = 1
# A server that changes its functions all the time is not followed more closely than this.
CHANGES_PAUSE_S = 1.0
MOST_TOLD = 3
LONGEST_FAULT_CHARACTERS = 400


class Keeper:
    """Starts one server, follows it, and starts it again once."""

    def __init__(
        self, config: ServerConfig, toolbox: Toolbox, names: Names, environ: Mapping[str, str]
    ) -> None:
        self.settled = anyio.Event()
        """Whether it is known if the server comes up."""
        self._config = config
        self._toolbox = toolbox
        self._names = names
        self._environ = environ
        self._client: Client | None = None
        self._listed: tuple[ServerTool, ...] = ()
        self._unfit: list[str] = []
        self._told_left_out: frozenset[str] = frozenset()
        self._offering = False
        self._changed = anyio.Event()
        self._lost = False

    async def keep(self) -> None:
        """Run until the server is gone for good, or until cancelled; raises nothing else."""
        lives = 0
        while True:
            was_up, problem = await self._live(again=lives > 0)
            lives += was_up
            if not was_up or lives > RESTARTS:
                break
            self._warn(f"ended and is started again: {problem}")
        self._warn(f"{'is gone' if lives else 'does not start'}: {problem}", hint=True)
        self.settled.set()

    def begin_offering(self) -> None:
        """From now on the functions are in the toolbox whenever the server is there."""
        self._offering = True
        self._publish()

    async def _live(self, *, again: bool) -> tuple[bool, str]:
        """Whether the server came up, and why it is down now; its functions are withdrawn."""
        self._changed, self._lost = anyio.Event(), False
        words = Words(self._config.name, self._config.redact)
        was_up = False
        error: Exception = TimeoutError()
        try:
            deadline = anyio.current_time() + self._config.startup_timeout_s
            with anyio.CancelScope(deadline=deadline) as start:
                async with connect(
                    self._config,
                    self._environ,
                    words,
                    changed=self._note_change,
                    forgotten=self._note_loss,
                    unfit=self._unfit.append,
                ) as client:
                    self._listed = await list_tools(client)
                    start.deadline = math.inf
                    was_up = True
                    self._came_up(client, again=again)
                    await self._follow(client)
        except Exception as problem:
            error = problem
        finally:
            self._client = None
            self._listed = ()
        self._publish()
        return was_up, why(error, self._config, words)

    def _came_up(self, client: Client, *, again: bool) -> None:
        self._client = client
        self._publish()
        self.settled.set()
        if again:
            self._toolbox.tell(News(f"the {self._config.origin} is back"))

    def _note_change(self) -> None:
        self._changed.set()

    def _note_loss(self) -> None:
        self._lost = True
        self._changed.set()

    async def _follow(self, client: Client) -> None:
        """Keep the list of functions up to date; raises ServerGoneError if the server is lost."""
        async with anyio.create_task_group() as group:
            if client.protocol_version in MODERN_PROTOCOL_VERSIONS:
                group.start_soon(self._listen, client)
            while True:
                await self._changed.wait()
                if self._lost:
                    raise ServerGoneError("the connection was lost")
                self._changed = anyio.Event()
                await self._list_anew(client)
                await anyio.sleep(CHANGES_PAUSE_S)

    async def _listen(self, client: Client) -> None:
        """From 2026 on, changes are told only to those who subscribe."""
        tools = client.server_capabilities.tools
        while tools is not None and tools.list_changed:
            try:
                async with client.listen(tools_list_changed=True) as changes:
                    # Nobody tells what changed before, or while there was no subscription.
                    self._note_change()
                    async for _ in changes:
                        self._note_change()
                return
            except SubscriptionLost as error:
                self._log("tells no changes for now", error)
            except MCPError as error:
                self._log("tells no changes", error)
                return
            await anyio.sleep(CHANGES_PAUSE_S)

    async def _list_anew(self, client: Client) -> None:
        try:
            with anyio.fail_after(self._config.startup_timeout_s):
                listed = await list_tools(client)
        except (MCPError, ValidationError, TimeoutError) as error:
            self._log("does not list its functions", error)
            return
        if listed != self._listed:
            self._listed = listed
            self._publish()
            self._toolbox.tell(News(f"the {self._config.origin} has changed its functions"))

    def _publish(self) -> None:
        if not self._offering:
            return
        offered = offer(self._config, self._listed, self._names, self._call)
        self._toolbox.put(self._config.origin, offered.tools)
        left_out = dict.fromkeys((*offered.left_out, *self._unfit))
        new = [reason for reason in left_out if reason not in self._told_left_out]
        self._unfit.clear()
        if new:
            self._told_left_out |= set(new)
            more = f" and {len(new) - MOST_TOLD} more" if len(new) > MOST_TOLD else ""
            reasons = "; ".join(new[:MOST_TOLD])
            self._warn(f"has functions that cannot be offered: {reasons}{more}", hint=True)

    def _warn(self, what: str, *, hint: bool = False) -> None:
        advice = f"voicecli mcp test {self._config.name}" if hint else ""
        self._toolbox.tell(News(f"the {self._config.origin} {what}", hint=advice, warning=True))

    def _log(self, what: str, error: Exception) -> None:
        _log.warning("the %s %s: %r", self._config.origin, what, self._short(error))

    def _short(self, error: Exception) -> str:
        return self._config.redact(str(error)[:LONGEST_FAULT_CHARACTERS])

    async def _call(self, name: str, args: Arguments) -> object:
        client = self._client
        if client is None:
            raise ToolError(f"the {self._config.origin} is not running")
        try:
            answer = await client.call_tool(name, dict(args))
        except MCPError as error:
            if is_closed(error) or self._lost:
                raise ToolError(f"the {self._config.origin} was lost during the call") from None
            raise ToolError(self._config.redact(error.message)) from None
        except (RuntimeError, ValidationError) as error:
            # Its answer is not what the protocol, or its own schema, says.
            raise ToolError(f"the answer is not valid: {self._short(error)}") from None
        return result_of(answer)
