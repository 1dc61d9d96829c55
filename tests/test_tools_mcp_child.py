"""A server is a stranger's program: whatever it does, it is heard, limited and ended.

The programs here are a few lines that load nothing, so that each test takes a moment.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage
from mcp.types import JSONRPCNotification, JSONRPCRequest

from voicecli.tools.mcp.child import LARGEST_MESSAGE_BYTES, ServerGoneError, child
from voicecli.tools.mcp.config import ServerConfig
from voicecli.tools.mcp.words import Words

# Far more than anything here takes; a test that runs into it has failed.
DEADLINE_S = 30.0

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="only on systems with signals")

ECHO = "import sys\nfor line in sys.stdin: print(line, end='', flush=True)"


class Conversation:
    """What goes on with a child."""

    def __init__(
        self,
        words: Words,
        incoming: MemoryObjectReceiveStream[SessionMessage | Exception],
        outgoing: MemoryObjectSendStream[SessionMessage],
    ) -> None:
        self.words = words
        self._incoming = incoming
        self._outgoing = outgoing

    async def hear(self) -> dict[str, object]:
        message = await self._incoming.receive()
        assert isinstance(message, SessionMessage)
        return dict(json.loads(message.message.model_dump_json(exclude_unset=True)))

    async def say(self, method: str) -> None:
        await self._outgoing.send(SessionMessage(JSONRPCNotification(jsonrpc="2.0", method=method)))

    async def ask(self, method: str) -> None:
        await self._outgoing.send(
            SessionMessage(JSONRPCRequest(jsonrpc="2.0", id=7, method=method))
        )


@asynccontextmanager
async def running(
    program: str, *args: str, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> AsyncIterator[Conversation]:
    config = ServerConfig(
        "a", "a", command=sys.executable, args=("-c", program, *args), env=env or {}, cwd=cwd
    )
    words = Words("a", config.redact)
    async with asyncio.timeout(DEADLINE_S), child(config, os.environ, words) as streams:
        yield Conversation(words, *streams)


def say(method: str) -> str:
    """A line of a program that says a message."""
    return f'print(\'{{"jsonrpc": "2.0", "method": "{method}"}}\', flush=True)'


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # What has ended and was not waited for is still in the table of processes.
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def leaf(group: BaseException) -> BaseException:
    return leaf(group.exceptions[0]) if isinstance(group, BaseExceptionGroup) else group


def test_messages_go_there_and_come_back() -> None:
    async def scenario() -> None:
        async with running(ECHO) as conversation:
            for method in ("one", "two"):
                await conversation.say(method)
                assert (await conversation.hear())["method"] == method

    asyncio.run(scenario())


def test_it_sees_of_the_environment_what_is_harmless_and_what_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "hunter2")

    async def scenario() -> None:
        program = "import os\n" + say("x").replace(
            '"x"', '"\' + (" ".join(sorted(os.environ)) + os.getcwd()) + \'"'
        )
        async with running(program, env={"TOKEN": "t"}, cwd=tmp_path) as conversation:
            said = str((await conversation.hear())["method"])
            assert "GEMINI" not in said
            assert {"HOME", "PATH", "TOKEN"} <= set(said.split())
            assert str(tmp_path) in said

    asyncio.run(scenario())


def test_rubbish_between_messages_is_passed_over() -> None:
    async def scenario() -> None:
        program = f"print('Listening!', b'', '{{}}', sep='\\n')\n{say('hello')}\ninput()"
        async with running(program) as conversation:
            assert (await conversation.hear())["method"] == "hello"
            assert "Listening!" in conversation.words.last

    asyncio.run(scenario())


def test_an_answer_that_is_too_large_becomes_an_error_and_the_next_message_is_heard() -> None:
    async def scenario() -> None:
        large = 'print(\'{"jsonrpc": "2.0", "id": 7, "result": "\' + \'x\' * %d + \'"}\')'
        program = f"input()\n{large % (3 * LARGEST_MESSAGE_BYTES)}\n{say('next')}\ninput()"
        async with running(program) as conversation:
            await conversation.ask("much")
            answer = await conversation.hear()
            assert answer["id"] == 7
            assert "larger than 8 MB" in json.dumps(answer["error"])
            assert (await conversation.hear())["method"] == "next"

    asyncio.run(scenario())


def test_a_line_that_is_too_large_and_no_answer_is_passed_over() -> None:
    async def scenario() -> None:
        program = f"print('x' * {2 * LARGEST_MESSAGE_BYTES})\n{say('next')}\ninput()"
        async with running(program) as conversation:
            assert (await conversation.hear())["method"] == "next"

    asyncio.run(scenario())


def test_a_flood_of_errors_does_not_stop_it() -> None:
    async def scenario() -> None:
        program = f"import sys\nsys.stderr.write('flood\\n' * 200_000)\n{say('done')}\ninput()"
        async with running(program) as conversation:
            assert (await conversation.hear())["method"] == "done"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("raise SystemExit(3)", "exit code 3"),
        ("", "exit code 0"),
        ("import os\nos.kill(os.getpid(), 9)", "signal 9"),
        ("import os, sys, time\nos.close(1)\ntime.sleep(60)", "closed its output"),
    ],
)
def test_an_end_is_told_in_the_middle_of_the_block(program: str, said: str) -> None:
    async def scenario() -> None:
        async with running(program):
            await anyio.sleep_forever()

    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(scenario())
    assert isinstance(leaf(caught.value), ServerGoneError)
    assert said in str(leaf(caught.value))


def test_a_program_that_is_not_there_is_an_os_error() -> None:
    async def scenario() -> None:
        config = ServerConfig("a", "a", command="/nowhere/at/all")
        async with child(config, os.environ, Words("a", str)):
            raise AssertionError

    with pytest.raises(FileNotFoundError):
        asyncio.run(scenario())


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only on Linux")
@pytest.mark.parametrize("with_sigterm", [True, False])
def test_what_does_not_want_to_end_is_ended_with_all_that_it_started(with_sigterm: bool) -> None:
    program = f"""
import os, signal, time
if {not with_sigterm}:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
other = os.fork()
if other:
    print('{{"jsonrpc": "2.0", "method": "%d %d"}}' % (os.getpid(), other), flush=True)
time.sleep(600)
"""

    async def scenario() -> tuple[list[int], float]:
        async with running(program) as conversation:
            pids = [int(pid) for pid in str((await conversation.hear())["method"]).split()]
            assert all(is_alive(pid) for pid in pids)
            leaving_s = anyio.current_time()
        return pids, anyio.current_time() - leaving_s

    pids, took_s = asyncio.run(scenario())
    assert not any(is_alive(pid) for pid in pids)
    assert took_s < 10


def test_what_left_its_group_holds_no_descriptor_of_ours() -> None:
    """A daemon of the server's keeps its pipes open; the conversation does not wait for it."""
    program = f"""
import os, time
if os.fork() == 0:
    os.setsid()
    time.sleep(3)
    os._exit(0)
{say("hello")}
input()
"""

    async def scenario() -> int:
        before = len(os.listdir("/dev/fd"))
        async with running(program) as conversation:
            await conversation.hear()
        await asyncio.sleep(0)
        return len(os.listdir("/dev/fd")) - before

    assert asyncio.run(scenario()) == 0


def test_a_server_that_reads_nothing_holds_up_only_what_is_said_to_it() -> None:
    async def scenario() -> None:
        async with running(say("hello") + "\nimport time\ntime.sleep(600)") as conversation:
            await conversation.hear()
            with anyio.move_on_after(0.2) as limit:
                for _ in range(10_000):
                    await conversation.say("x" * 1000)
            assert limit.cancelled_caught

    asyncio.run(scenario())
