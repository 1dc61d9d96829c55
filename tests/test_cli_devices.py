"""`voicecli devices` is where every message about sound sends people: it must answer plainly.

The command runs whole, in a process of its own, on a virtual sound card and without any; how
many devices look is tested on lists.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping

import pytest

from bench.virtual_audio import VirtualAudio, missing_tool
from voicecli.audio.device_choice import DeviceInfo
from voicecli.cli.devices import json_of, text_of
from voicecli.errors import ExitCode

LAPTOP = DeviceInfo(0, "Built-in Audio", "ALSA", 2, 2, default_output=True)
HEADSET = DeviceInfo(12, "Kopfhörer", "ALSA", 1, 0, default_input=True)

needs_card = pytest.mark.skipif(
    missing_tool() is not None, reason=f"needs {missing_tool()} for a virtual sound card"
)


@pytest.fixture(scope="module")
def card() -> Iterator[VirtualAudio]:
    with VirtualAudio() as virtual_card:
        yield virtual_card


def run(environment: Mapping[str, str], *flags: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "voicecli", "devices", *flags],
        env=environment,
        capture_output=True,
        text=True,
    )


def test_inputs_come_before_outputs_and_the_default_is_marked() -> None:
    assert text_of([LAPTOP, HEADSET]).splitlines() == [
        "inputs",
        "    0  Built-in Audio  (ALSA)",
        "*  12  Kopfhörer  (ALSA)",
        "outputs",
        "*   0  Built-in Audio  (ALSA)",
    ]


def test_a_direction_without_a_device_says_none() -> None:
    assert text_of([HEADSET]).splitlines()[-2:] == ["outputs", "       none"]


def test_json_has_the_same_in_two_lists() -> None:
    assert json.loads(json_of([LAPTOP, HEADSET])) == {
        "inputs": [
            {"index": 0, "name": "Built-in Audio", "system": "ALSA", "default": False},
            {"index": 12, "name": "Kopfhörer", "system": "ALSA", "default": True},
        ],
        "outputs": [{"index": 0, "name": "Built-in Audio", "system": "ALSA", "default": True}],
    }


@needs_card
def test_a_sound_card_is_listed_on_stdout_without_chatter(card: VirtualAudio) -> None:
    result = run(card.environment)
    assert result.returncode == ExitCode.DONE
    assert result.stdout.splitlines() == [
        "inputs",
        "*   0  default  (ALSA)",
        "outputs",
        "*   0  default  (ALSA)",
    ]
    assert result.stderr == "\nName one by its index or a part of its name.\n"


@needs_card
def test_json_is_all_there_is_to_read(card: VirtualAudio) -> None:
    result = run(card.environment, "--json")
    assert result.returncode == ExitCode.DONE
    assert [device["default"] for device in json.loads(result.stdout)["outputs"]] == [True]
    assert result.stderr == ""


@needs_card
def test_without_any_device_the_exit_code_is_4_and_says_what_to_do(card: VirtualAudio) -> None:
    nowhere = f"unix:{card.environment['VAUDIO_DIR']}/nowhere"
    result = run({**card.environment, "PULSE_SERVER": nowhere})
    assert result.returncode == ExitCode.SOUND_DEVICE
    assert result.stdout == ""
    assert "there is no sound device" in result.stderr
    assert "voicecli talk --text" in result.stderr
    assert "ALSA lib" not in result.stderr
