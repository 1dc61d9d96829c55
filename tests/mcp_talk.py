"""What a conversation does with MCP servers, without the conversation: for tests of the servers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from voicecli.tools.mcp.config import ServerConfig, read_servers
from voicecli.tools.mcp.servers import Servers
from voicecli.tools.runner import Outcome, run
from voicecli.tools.toolbox import News, Toolbox

SERVER = Path(__file__).with_name("mcp_server.py")
OLD_SERVER = Path(__file__).with_name("old_mcp_server.py")
# Loading the package takes two seconds, on a busy machine many more.
STARTUP_TIMEOUT_S = 90
DEADLINE_S = 120.0


def table(*habits: str, **more: object) -> dict[str, object]:
    """The table of the misbehaving server with these habits."""
    return {
        "command": sys.executable,
        "args": [str(SERVER), *habits],
        "startup_timeout_s": STARTUP_TIMEOUT_S,
        **more,
    }


def old_table(*habits: str) -> dict[str, object]:
    """The table of the server that knows only the older protocol."""
    args = [str(OLD_SERVER), *habits]
    return {"command": sys.executable, "args": args, "startup_timeout_s": STARTUP_TIMEOUT_S}


def read(tables: Mapping[str, object]) -> tuple[ServerConfig, ...]:
    return read_servers(tables, os.environ, Path.cwd())


class Talk:
    """Servers with a toolbox, and what is told of them."""

    def __init__(self, tables: Mapping[str, object], toolbox: Toolbox | None = None) -> None:
        self.toolbox = toolbox or Toolbox()
        self.servers = Servers(read(tables), self.toolbox, os.environ)

    def names(self) -> list[str]:
        return [tool.name for tool in self.toolbox.offered]

    async def call(self, name: str, **args: object) -> Outcome:
        tool = self.toolbox.get(name)
        assert tool is not None
        return await run(tool, args, lambda _: None)

    async def news(self, words: str) -> News:
        """The next news that has `words` in it; the deadline is the test's."""
        while True:
            news = await self.toolbox.news()
            if words in news.message:
                return news


def children() -> set[int]:
    """The servers that this process has started and that are still there.

    Other tests in it may have left helpers of their own, such as a voice.
    """
    lists = Path("/proc/self/task").glob("*/children")
    pids = {int(pid) for one in lists for pid in one.read_text().split()}
    return {pid for pid in pids if _is_server(pid)}


def _is_server(pid: int) -> bool:
    """Whether it runs one of the test's servers; of a process that has ended nothing is told."""
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return any(os.fsencode(server) in words for server in (SERVER, OLD_SERVER))


@contextmanager
def http_server(*habits: str, port: int = 0) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The misbehaving server in a process of its own; gives that and the port."""
    command: Sequence[str] = [sys.executable, str(SERVER), "--http", str(port), *habits]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


def web_table(port: int, **more: object) -> dict[str, object]:
    """The table of that server."""
    url = f"http://127.0.0.1:{port}/mcp"
    return {"url": url, "startup_timeout_s": STARTUP_TIMEOUT_S, **more}
