"""`voicecli doctor` is what people run when something is wrong: it must answer in any state.

The command runs whole, in a process of its own, on a virtual sound card; how findings read is
tested on findings.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping

import pytest

from bench.virtual_audio import VirtualAudio, missing_tool
from voicecli.audio.echo_probe import EchoFound
from voicecli.cli.sound_report import Sound, echo_fields, echo_text, fields, look, text
from voicecli.errors import ExitCode
from voicecli.settings import Settings
from voicecli.talk.events import Echo

needs_card = pytest.mark.skipif(
    missing_tool() is not None, reason=f"needs {missing_tool()} for a virtual sound card"
)

LAPTOP = Sound("Built-in Microphone", "Built-in Speaker", Echo.CANCELLED, None, "", None)
FOUND = EchoFound(75.04, -12.2, 38.5)


@pytest.fixture(scope="module")
def card() -> Iterator[VirtualAudio]:
    with VirtualAudio() as virtual_card:
        yield virtual_card


def run(environment: Mapping[str, str], *flags: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "voicecli", "doctor", *flags],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_devices_and_the_echo_mode_have_a_line_each() -> None:
    assert text(LAPTOP).splitlines() == [
        "microphone  Built-in Microphone, 16 kHz",
        "speaker     Built-in Speaker, 24 kHz",
        "echo        cancelled",
    ]


def test_what_is_not_there_is_none_and_the_reason_for_half_duplex_is_given() -> None:
    sound = Sound(None, "Speaker", Echo.HALF_DUPLEX, None, "the package is not there", None)
    assert text(sound).splitlines() == [
        "microphone  none",
        "speaker     Speaker, 24 kHz",
        "echo        half duplex (the package is not there)",
    ]
    assert fields(sound) == {
        "microphone": None,
        "speaker": {"name": "Speaker", "rate_hz": 24_000},
        "echo_mode": "half duplex",
        "echo_mode_reason": "the package is not there",
    }


def test_an_echo_is_told_in_plain_words() -> None:
    assert echo_text(FOUND).splitlines() == [
        "delay       75 ms",
        "loudness    12 dB softer at the microphone than what is played",
        "cancelled   38 dB of it cancelled, -51 dB is left",
        "headphones  not needed: speak over the model, and it stops",
    ]


def test_an_echo_louder_than_the_sound_without_a_canceller_needs_headphones() -> None:
    lines = echo_text(EchoFound(120.0, 3.0, None)).splitlines()
    assert lines[1] == "loudness    3 dB louder at the microphone than what is played"
    assert lines[-1].startswith("headphones  needed")
    assert len(lines) == 3


def test_no_echo_needs_no_headphones() -> None:
    lines = echo_text(None).splitlines()
    assert lines[0] == "delay       no echo is heard"
    assert lines[-1].startswith("headphones  not needed")


def test_json_has_the_figures_and_null_for_none() -> None:
    assert echo_fields(FOUND) == {
        "echo": {"delay_ms": 75.0, "level_db": -12.2, "cancelled_db": 38.5},
        "headphones": "not needed",
    }
    assert echo_fields(None) == {"echo": None, "headphones": "no echo"}


@needs_card
@pytest.mark.parametrize(
    ("settings", "echo"),
    [
        (Settings(), Echo.CANCELLED),
        (Settings(headphones=True), Echo.HEADPHONES),
        (Settings(echo_cancel=False), Echo.HALF_DUPLEX),
    ],
)
def test_the_echo_mode_follows_the_settings(settings: Settings, echo: Echo) -> None:
    sound = look(settings)
    assert sound.echo is echo
    assert (sound.canceller is not None) == (echo is Echo.CANCELLED)
    assert bool(sound.reason) == (echo is not Echo.CANCELLED)


@needs_card
def test_without_the_canceller_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "livekit.rtc.apm", None)
    sound = look(Settings())
    assert sound.echo is Echo.HALF_DUPLEX
    assert "livekit" in sound.reason


@needs_card
def test_what_would_be_used_is_told_without_chatter(card: VirtualAudio) -> None:
    result = run(card.environment)
    assert result.returncode == ExitCode.DONE
    assert result.stdout.splitlines() == [
        "microphone  default, 16 kHz",
        "speaker     default, 24 kHz",
        "echo        cancelled",
    ]
    assert result.stderr == ""


@needs_card
def test_without_a_device_the_rest_is_told_and_the_exit_code_is_4(card: VirtualAudio) -> None:
    nowhere = {**card.environment, "PULSE_SERVER": f"unix:{card.environment['VAUDIO_DIR']}/no"}
    for flags in ((), ("--echo",)):
        result = run(nowhere, *flags)
        assert result.returncode == ExitCode.SOUND_DEVICE
        assert "microphone  none" in result.stdout
        assert "there is no sound device" in result.stderr
    result = run(nowhere, "--json")
    assert json.loads(result.stdout)["speaker"] is None


@needs_card
def test_a_device_that_does_not_exist_is_named(card: VirtualAudio) -> None:
    result = run(card.environment, "--input-device", "Zwölfton")
    assert result.returncode == ExitCode.SOUND_DEVICE
    assert "microphone  none" in result.stdout
    assert "Zwölfton" in result.stderr


@needs_card
def test_a_dead_microphone_is_told(card: VirtualAudio) -> None:
    """Without a loop, the virtual microphone delivers digital silence."""
    result = run(card.environment, "--echo")
    assert result.returncode == ExitCode.SOUND_DEVICE
    assert "digital silence" in result.stderr
    assert "hint: voicecli devices" in result.stderr


@needs_card
def test_the_echo_of_a_loudspeaker_is_measured(card: VirtualAudio) -> None:
    """A busy machine drops sound now and then, which the doctor hears: then it is asked again."""
    card.loop(-12)
    try:
        for _ in range(4):
            result = run(card.environment, "--echo", "--json")
            assert result.returncode == ExitCode.DONE
            found = json.loads(result.stdout)
            if abs(found["echo"]["level_db"] + 12) < 1:
                break
    finally:
        card.unloop()
    assert 40 < found["echo"]["delay_ms"] < 250
    assert found["echo"]["level_db"] == pytest.approx(-12, abs=1)
    assert found["echo"]["cancelled_db"] > 10
    assert "please be quiet" in result.stderr


@needs_card
def test_ctrl_c_ends_it_at_once(card: VirtualAudio) -> None:
    command = [sys.executable, "-m", "voicecli", "doctor", "--echo"]
    with subprocess.Popen(
        command, env=card.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert "please be quiet" in process.stderr.readline()
        began_s = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=30)
    assert process.returncode == ExitCode.INTERRUPTED
    assert rest == ""
    assert time.monotonic() - began_s < 30
