"""Systems under test as processes: started with the benchmark's environment, watched, ended."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.product import System, client_environment, running
from bench.server import BenchServer

if sys.platform != "linux":
    pytest.skip("only on Linux, for /proc", allow_module_level=True)

# A client of a few lines that sends silence for ever, in a child of its own process.
CLIENT = """
import asyncio, os
from google import genai
from google.genai import types

async def main():
    client = genai.Client(api_key=os.environ["GOOGLE_API_KEY"])
    config = types.LiveConnectConfig(response_modalities=["AUDIO"])
    async with client.aio.live.connect(model="gemini-3.8-live", config=config) as session:
        while True:
            blob = types.Blob(data=bytes(320), mime_type="audio/pcm;rate=16000")
            await session.send_realtime_input(audio=blob)
            await asyncio.sleep(0.01)

if os.fork():
    print("parent", os.getpid(), flush=True)
    os.wait()
else:
    asyncio.run(main())
"""


@pytest.fixture(scope="module")
def server() -> Iterator[BenchServer]:
    with BenchServer() as server:
        yield server


def system(code: str, ready_s: float = 60.0) -> System:
    return System("test", (sys.executable, "-c", code), settle_s=0.0, ready_s=ready_s)


def environment(server: BenchServer, home: Path) -> dict[str, str]:
    return client_environment(os.environ, server, home)


def test_the_environment_leads_to_the_server_and_to_an_empty_home(
    server: BenchServer, tmp_path: Path
) -> None:
    own = {"PATH": "/bin", "GEMINI_API_KEY": "none", "VOICECLI_VOICE": "Puck", "PULSE_SINK": "s"}
    given = client_environment(own, server, tmp_path)

    assert given["GOOGLE_GEMINI_BASE_URL"] == server.base_url
    assert given["SSL_CERT_FILE"] == str(server.ca_file)
    assert given["HOME"] == str(tmp_path)
    assert (given["PATH"], given["PULSE_SINK"]) == ("/bin", "s")
    assert not {"GEMINI_API_KEY", "VOICECLI_VOICE"} & given.keys()


def test_a_process_is_watched_with_its_children_and_ended_with_them(
    server: BenchServer, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with running(system(CLIENT), environment(server, tmp_path), server, log) as product:
        assert product.started_s < product.call.setup_s
        assert product.call.uplink.frames >= 10
        assert product.cpu_s() > 0
        assert product.peak_mb() > 20
        children = Path(f"/proc/{product.pid}/task/{product.pid}/children").read_text().split()
        assert len(children) == 1

    assert f"parent {product.pid}" in log.read_text()
    deadline_s = time.monotonic() + 10
    while _alive(int(children[0])):
        assert time.monotonic() < deadline_s
        time.sleep(0.01)
    assert product.cpu_s() == 0


def _alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_a_process_that_ends_at_once_is_not_waited_for(server: BenchServer, tmp_path: Path) -> None:
    starting = running(
        system("raise SystemExit(3)"), environment(server, tmp_path), server, tmp_path / "log"
    )
    with pytest.raises(RuntimeError, match="exit code 3"), starting:
        pass


def test_a_process_that_never_calls_is_given_up(server: BenchServer, tmp_path: Path) -> None:
    silent = system("import time; time.sleep(60)", ready_s=0.2)
    starting = running(silent, environment(server, tmp_path), server, tmp_path / "log")
    with pytest.raises(TimeoutError, match="no setup came"), starting:
        pass
