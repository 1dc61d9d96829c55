"""Which systems are measured, how they are started, and the second environment for the rivals."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from bench.product import System

ROOT = Path(__file__).resolve().parents[1]
HERE = Path(__file__).parent
CACHE = ROOT / ".bench"
PYTHON = CACHE / "rivals/bin/python"
LOGS = CACHE / "logs"
INSTALL_TIMEOUT_S = 900.0

# What each needs, in an environment of its own so that versions do not meet; and what draws.
PACKAGES: Mapping[str, tuple[str, ...]] = {
    "pipecat": ("pipecat-ai[google,local]",),
    "livekit": ("livekit-agents", "livekit-plugins-google"),
    "plot": ("matplotlib",),
}

VOICECLI = System("voicecli", (sys.executable, "-m", "voicecli", "talk", "--json"), settle_s=0.7)
BASELINE = System("baseline", (sys.executable, str(HERE / "baseline.py")))


def installed(name: str) -> str:
    """Have the packages of `name` in the second environment; why not, or nothing."""
    CACHE.mkdir(exist_ok=True)
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", str(CACHE / "rivals")], check=True)
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        done = subprocess.run(
            [*command, *PACKAGES[name]],
            capture_output=True,
            text=True,
            timeout=INSTALL_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "does not install here: pip took too long"
    if done.returncode:
        return f"does not install here: {done.stderr.strip().splitlines()[-1]}"
    return ""


def rival(name: str) -> System:
    """A rival as it is installed."""
    if name == "pipecat":
        program = (str(PYTHON), str(HERE / "rivals/pipecat_agent.py"))
        return System("Pipecat", program, version_of("pipecat-ai"), settle_s=2.0, ready_s=60.0)
    agent = shlex.join([str(PYTHON), str(HERE / "rivals/livekit_agent.py"), "console"])
    # Its console wants a terminal.
    command = ("script", "-qfc", agent, os.devnull)
    version = version_of("livekit-agents")
    return System("LiveKit console", command, version, settle_s=3.0, ready_s=60.0)


def version_of(package: str) -> str:
    code = f"from importlib.metadata import version; print(version({package!r}))"
    return subprocess.check_output([str(PYTHON), "-c", code], text=True).strip()
