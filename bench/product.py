"""A system under test as a process: started, watched from /proc, ended."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.call import Call
from bench.server import BenchServer

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
LEAVE_S = 5.0
READY_FRAMES = 10
POLL_S = 0.05
# A server in the environment has to be found, and no proxy may be in between.
FOREIGN = ("GEMINI_", "GOOGLE_", "VOICECLI_", "XDG_CONFIG")


@dataclass(frozen=True, slots=True)
class System:
    """What is measured: a command, and how long it needs until it is at rest."""

    name: str
    command: Sequence[str]
    version: str = ""
    settle_s: float = 1.0
    ready_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Product:
    """A running system and its conversation."""

    pid: int
    started_s: float
    call: Call

    def cpu_s(self) -> float:
        """CPU time of the whole process tree so far, user and system."""
        return sum(_cpu_ticks(pid) for pid in _tree(self.pid)) / TICKS_PER_S

    def peak_mb(self) -> float:
        """The most memory that was resident, summed over the process tree."""
        return sum(_peak_kb(pid) for pid in _tree(self.pid)) / 1024


def client_environment(card: Mapping[str, str], server: BenchServer, home: Path) -> dict[str, str]:
    """The environment of a client of `server` on the virtual sound card, with an empty home."""
    own = {name: value for name, value in card.items() if not name.startswith(FOREIGN)}
    return {
        **own,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "GOOGLE_API_KEY": "x",
        "GOOGLE_GEMINI_BASE_URL": server.base_url,
        "SSL_CERT_FILE": str(server.ca_file),
        "NO_PROXY": "localhost",
    }


@contextmanager
def running(
    system: System, environment: Mapping[str, str], server: BenchServer, log: Path
) -> Iterator[Product]:
    """The system as it converses, from its first microphone frames on.

    Raises TimeoutError, and RuntimeError for one that ends instead.
    """
    server.expect_client()
    started_s = time.monotonic()
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(system.command),
            env=dict(environment),
            cwd=environment["HOME"],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        call = _conversation(process, server, started_s + system.ready_s)
        time.sleep(system.settle_s)
        yield Product(process.pid, started_s, call)
    finally:
        _end(process)


def _conversation(process: subprocess.Popen[bytes], server: BenchServer, deadline_s: float) -> Call:
    """The call of a process that has begun to send sound."""
    call: Call | None = None
    while call is None or call.uplink.frames < READY_FRAMES:
        if process.poll() is not None:
            raise RuntimeError(f"the process ended with exit code {process.returncode}")
        if time.monotonic() > deadline_s:
            raise TimeoutError("no microphone frames came" if call else "no setup came")
        with suppress(TimeoutError):
            call = call or server.wait_for_call(POLL_S)
        time.sleep(POLL_S)
    return call


def _end(process: subprocess.Popen[bytes]) -> None:
    """Press Ctrl-C, and end the process' own group if that does not do."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(LEAVE_S)
            break
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # children that stayed
    assert process.stdin is not None
    process.stdin.close()


def _tree(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            with suppress(OSError):
                found += [int(child) for child in task.read_text().split()]
    return found


def _cpu_ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def _peak_kb(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0
