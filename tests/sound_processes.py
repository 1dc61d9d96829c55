"""Runs `sound_child.py` with a virtual sound card, and reads what it reports."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bench.virtual_audio import VirtualAudio

CHILD = Path(__file__).with_name("sound_child.py")
DEADLINE_S = 30.0


@contextmanager
def child(card: VirtualAudio, *arguments: str, **more: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, str(CHILD), *arguments],
        env={**card.environment, **more},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def next_report(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        _, stderr = process.communicate(timeout=DEADLINE_S)
        pytest.fail(f"the child ended without a report: {stderr}")
    report: dict[str, Any] = json.loads(line)
    return report


def report_of(card: VirtualAudio, *arguments: str, **more: str) -> tuple[dict[str, Any], str]:
    """What a child reports, and what it writes to stderr."""
    with child(card, *arguments, **more) as process:
        report = next_report(process)
        _, stderr = process.communicate(timeout=DEADLINE_S)
        return report, stderr
