"""Devices that vanish, for real: a sound server that is killed, started again, or hangs.

`test_talk_devices` says what has to happen then; this says that PortAudio lets it happen.
"""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from sound_processes import DEADLINE_S, child, next_report

from bench.virtual_audio import VirtualAudio, missing_tool

pytestmark = pytest.mark.skipif(
    missing_tool() is not None, reason=f"needs {missing_tool()} for a virtual sound card"
)


def reports_until(
    process: subprocess.Popen[str], count: int, **facts: object
) -> list[dict[str, Any]]:
    """What is reported until so many reports had these facts."""
    reports: list[dict[str, Any]] = []
    while count:
        reports.append(next_report(process))
        count -= facts.items() <= reports[-1].items()
    return reports


def test_a_sound_server_that_is_killed_and_started_again_ends_nothing() -> None:
    with VirtualAudio() as card, child(card, "keep") as process:
        next_report(process)
        with card.record_speaker() as recording:
            recording.wait_for_sound()
        card.stop_server()
        lost = reports_until(process, 2, type="DeviceChanged", name=None)
        card.restart_server()
        back = reports_until(process, 2, type="DeviceChanged", name="default")
        with card.record_speaker() as recording:
            recording.wait_for_sound()
        assert process.stdin is not None
        process.stdin.write("does it deliver?\n")
        process.stdin.flush()
        assert reports_until(process, 1, delivering=True)
        process.communicate(timeout=DEADLINE_S)

    assert process.returncode == 0
    assert sorted(report["message"] for report in lost if report["type"] == "Warned") == [
        "the microphone “default” has stopped; it is tried again",
        "the speaker “default” has stopped; it is tried again",
    ]
    assert not [report for report in back if report["type"] == "Warned"]


def test_a_sound_server_that_hangs_keeps_nobody_waiting() -> None:
    """PortAudio waits for it for ever; whoever closes a device does not."""
    with VirtualAudio() as stopped, child(stopped, "keep") as process:
        next_report(process)
        server = int((Path(stopped.environment["VAUDIO_DIR"]) / "pulse.pid").read_text())
        os.kill(server, signal.SIGSTOP)
        try:
            process.communicate(timeout=DEADLINE_S)
        finally:
            os.kill(server, signal.SIGCONT)
    assert process.returncode == 0
