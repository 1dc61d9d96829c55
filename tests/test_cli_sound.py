"""Which devices a conversation gets, and what a person without any is told."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from bench.virtual_audio import VirtualAudio, missing_tool
from voicecli.audio.null_device import NullOutput
from voicecli.cli.sound import open_sound, open_speaker_or_none
from voicecli.errors import ExitCode

needs_card = pytest.mark.skipif(missing_tool() is not None, reason=f"{missing_tool()} is missing")


@pytest.fixture(scope="module")
def no_sound() -> Iterator[dict[str, str]]:
    """An environment whose sound server is not there."""
    with VirtualAudio() as card:
        nowhere = f"unix:{card.environment['VAUDIO_DIR']}/nowhere"
        yield {**card.environment, "PULSE_SERVER": nowhere}


def talk(environment: dict[str, str], *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "voicecli", "talk", "--local", *args],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_what_is_off_is_not_opened() -> None:
    speaker, microphone = open_sound(None, None, no_speaker=True, no_microphone=True)
    assert isinstance(speaker, NullOutput)
    assert microphone is None
    assert isinstance(open_speaker_or_none(None, no_speaker=True)[0], NullOutput)


@needs_card
@pytest.mark.parametrize("off", [(), ("--no-speaker",)])
def test_a_machine_without_sound_is_told_once_of_all_that_is_missing(
    no_sound: dict[str, str], off: tuple[str, ...]
) -> None:
    done = talk(no_sound, *off)
    assert done.returncode == ExitCode.SOUND_DEVICE
    assert done.stdout == ""
    error, hint = done.stderr.splitlines()
    assert "there is no sound device" in error
    assert "--text" in hint
    assert "--no-mic --no-speaker" in hint


@needs_card
def test_a_script_goes_on_in_silence_and_says_why(no_sound: dict[str, str]) -> None:
    done = talk(no_sound, "--text", "thank you")
    assert done.returncode == ExitCode.DONE
    assert done.stdout == "you: thank you\nvoicecli: You are welcome.\n"
    assert "no sound: there is no speaker" in done.stderr


@needs_card
def test_a_speaker_that_is_not_there_is_named() -> None:
    with VirtualAudio() as card:
        done = talk(card.environment, "--output-device", "sonos")
    assert done.returncode == ExitCode.SOUND_DEVICE
    assert "sonos" in done.stderr
    assert "hint: voicecli devices" in done.stderr
