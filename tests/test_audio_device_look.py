"""The process that looks for devices may fail in every way, and the conversation goes on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from voicecli.audio.device_choice import DeviceInfo
from voicecli.audio.device_look import look
from voicecli.errors import SoundDeviceError


def in_place_of_python(folder: Path, monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """What the process is instead of the real one."""
    program = folder / "python"
    program.write_text("\n".join(("#!/bin/sh", *lines)), encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))


needs_shell = pytest.mark.skipif(sys.platform == "win32", reason="only on systems with a shell")


@needs_shell
def test_its_list_comes_back_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = '{"index": 3, "name": "Jabra “65”", "system": "ALSA", "input_channels": 1, '
    device += '"output_channels": 2, "default_input": true, "default_output": false}'
    in_place_of_python(tmp_path, monkeypatch, "echo noise >&2", f"echo '[{device}]'")
    assert look() == [DeviceInfo(3, "Jabra “65”", "ALSA", 1, 2, default_input=True)]


@needs_shell
@pytest.mark.parametrize(
    "lines", [("exit 3",), ("kill -SEGV $$",), ("echo '['",), ("echo '[{}]'",), ("echo 7",)]
)
def test_a_process_that_fails_is_an_error_with_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: tuple[str, ...]
) -> None:
    in_place_of_python(tmp_path, monkeypatch, *lines)
    with pytest.raises(SoundDeviceError) as caught:
        look()
    assert caught.value.hint


def test_a_process_that_cannot_be_started_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    with pytest.raises(SoundDeviceError):
        look()
