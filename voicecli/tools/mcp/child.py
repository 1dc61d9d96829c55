"""A server as a child process: its messages, a line each, over its standard input and output.

The `mcp` package has this too; but it holds a line of any length in memory, waits seconds for a
server that has not started yet, and gives the error output no other way than a file.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process, SubprocessStreamProtocol
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage
from mcp.types import INTERNAL_ERROR, ErrorData, JSONRPCError, jsonrpc_message_adapter

from voicecli.tools.child_environment import child_environment
from voicecli.tools.mcp.config import ServerConfig
from voicecli.tools.mcp.words import Words

# A large picture in base64; parsing more would hold up the sound of the conversation.
LARGEST_MESSAGE_BYTES = 8_000_000
# A server ends when its input ends. What is still starting, or does not care, is told by signal.
INPUT_ENDED_GRACE_S = 0.5
TERMINATED_GRACE_S = 1.0
# The loop has to hear of a death; this runs out only where nothing can be killed.
KILLED_GRACE_S = 1.0
ERROR_PIECE_BYTES = 65_536
# Where the ID stands in an answer, in all the forms in which servers write it.
_HEAD_BYTES = 200
_ID = re.compile(rb'"id"\s*:\s*(\d{1,15})\s*[,}]')


class ServerGoneError(Exception):
    """The server has ended, or does not speak the protocol; the message says which."""


class _Pipes(SubprocessStreamProtocol):
    """`Process.wait` also waits for whatever else holds the pipes; this does not."""

    def __init__(self) -> None:
        super().__init__(limit=LARGEST_MESSAGE_BYTES, loop=asyncio.get_running_loop())
        self.exited = asyncio.Event()

    def process_exited(self) -> None:
        super().process_exited()
        self.exited.set()


@dataclass(frozen=True, slots=True)
class _Child:
    """As `create_subprocess_exec` gives it, but with the transport, which closes every pipe."""

    transport: asyncio.SubprocessTransport
    process: Process
    exited: asyncio.Event

    async def exits(self, within_s: float) -> bool:
        """Whether it ends in time."""
        with anyio.move_on_after(within_s):
            await self.exited.wait()
        return self.exited.is_set()

    def signal(self, name: str) -> None:
        """Send it to the process and to all that it started in its group."""
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self.process.kill()
            else:
                os.killpg(self.process.pid, getattr(signal, name))


@asynccontextmanager
async def child(
    config: ServerConfig, environ: Mapping[str, str], words: Words
) -> AsyncIterator[
    tuple[
        MemoryObjectReceiveStream[SessionMessage | Exception],
        MemoryObjectSendStream[SessionMessage],
    ]
]:
    """Run the server's command; gives the streams of its messages.

    Raises OSError if it cannot be started, and ServerGoneError in the middle of the block if it
    ends. Afterwards the process and all that it started is gone, after some two seconds at most.
    """
    started = await _start(config, environ)
    heard, incoming = anyio.create_memory_object_stream[SessionMessage | Exception]()
    outgoing, to_say = anyio.create_memory_object_stream[SessionMessage]()
    try:
        async with heard, incoming, outgoing, to_say, anyio.create_task_group() as group:
            group.start_soon(_hear, started, heard, words)
            group.start_soon(_say, started.process, to_say)
            group.start_soon(_hear_errors, started.process, words)
            yield incoming, outgoing
            group.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True):
            await _end(started)


async def _start(config: ServerConfig, environ: Mapping[str, str]) -> _Child:
    loop = asyncio.get_running_loop()
    transport, pipes = await loop.subprocess_exec(
        _Pipes,
        config.command,
        *config.args,
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        env=child_environment(environ) | dict(config.env),
        cwd=config.cwd,
        # Ctrl-C in the terminal is for voicecli, and a signal reaches all that the server starts.
        start_new_session=True,
    )
    return _Child(transport, Process(transport, pipes, loop), pipes.exited)


async def _hear(
    started: _Child, heard: MemoryObjectSendStream[SessionMessage | Exception], words: Words
) -> None:
    stdout = started.process.stdout
    assert stdout is not None
    while True:
        try:
            line = await stdout.readuntil(b"\n")
        except asyncio.LimitOverrunError:
            answer = await _too_large(stdout)
            words.remark("sent a message that is too large; it is left out")
            if answer is not None:
                await heard.send(SessionMessage(answer))
            continue
        except asyncio.IncompleteReadError:
            raise ServerGoneError(await _how_it_ended(started)) from None
        try:
            message = jsonrpc_message_adapter.validate_json(line, by_name=False)
        except ValueError:
            words.note(line[:_HEAD_BYTES].decode(errors="replace"))
            continue
        await heard.send(SessionMessage(message))


async def _too_large(stream: asyncio.StreamReader) -> JSONRPCError | None:
    """Leave out a line; the error that takes its place if it was an answer."""
    found = _ID.search(await stream.read(_HEAD_BYTES))
    while True:
        try:
            await stream.readuntil(b"\n")
            break
        except asyncio.LimitOverrunError as error:
            await stream.read(error.consumed)
        except asyncio.IncompleteReadError:
            break
    if found is None:
        return None
    fault = ErrorData(
        code=INTERNAL_ERROR,
        message=f"the answer was larger than {LARGEST_MESSAGE_BYTES // 1_000_000} MB",
    )
    return JSONRPCError(jsonrpc="2.0", id=int(found[1]), error=fault)


async def _how_it_ended(started: _Child) -> str:
    if not await started.exits(KILLED_GRACE_S):
        return "it closed its output"
    code = started.process.returncode or 0
    return f"it was ended by signal {-code}" if code < 0 else f"it ended with exit code {code}"


async def _say(process: Process, to_say: MemoryObjectReceiveStream[SessionMessage]) -> None:
    assert process.stdin is not None
    async for message in to_say:
        text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
        # Whoever ends closes this first and its output a moment later, which tells how it ended.
        with suppress(ConnectionError):
            process.stdin.write(text.encode() + b"\n")
            await process.stdin.drain()


async def _hear_errors(process: Process, words: Words) -> None:
    assert process.stderr is not None
    while piece := await process.stderr.read(ERROR_PIECE_BYTES):
        words.hear(piece)


async def _end(started: _Child) -> None:
    """End the process, and whatever it started in its group."""
    assert started.process.stdin is not None
    started.process.stdin.close()
    if not await started.exits(INPUT_ENDED_GRACE_S):
        started.signal("SIGTERM")
        await started.exits(TERMINATED_GRACE_S)
    started.signal("SIGKILL")
    await started.exits(KILLED_GRACE_S)
    started.transport.close()
