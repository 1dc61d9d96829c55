"""A saved conversation cannot be had again: its file is whole, also when the program is killed."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import wave
from pathlib import Path

import pytest
from sound_pieces import ramp

from voicecli.audio.wav_writer import WavWriter
from voicecli.errors import UsageError, VoicecliError

FULL_DISK = """
import pathlib, resource, signal, sys
from voicecli.audio.wav_writer import WavWriter
from voicecli.errors import VoicecliError
import numpy

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
writer = WavWriter(pathlib.Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
writer.append(numpy.arange(1, 501).astype("<i2").tobytes())
try:
    writer.append(bytes(5000))
except VoicecliError as error:
    print(error)
writer.close()
"""


def read_back(path: Path) -> tuple[int, int, int, bytes]:
    with wave.open(str(path), "rb") as wav:
        frames = wav.readframes(wav.getnframes())
        return wav.getnchannels(), wav.getsampwidth(), wav.getframerate(), frames


def test_what_was_appended_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    writer = WavWriter(path)
    writer.append(ramp(1, 100))
    writer.append(b"")
    writer.append(ramp(101, 100))
    writer.close()
    assert read_back(path) == (1, 2, 24_000, ramp(1, 200))


def test_the_file_is_valid_after_every_append_and_before_the_first(tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    writer = WavWriter(path, rate_hz=16_000)
    assert read_back(path) == (1, 2, 16_000, b"")
    for count in range(1, 4):
        writer.append(ramp(count, 1))
        assert read_back(path) == (1, 2, 16_000, ramp(1, count))
    writer.close()


def test_bytes_of_a_sample_that_came_apart_are_joined(tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    writer = WavWriter(path)
    for byte in ramp(1, 5) + b"\x7f":
        writer.append(bytes([byte]))
    writer.close()
    assert read_back(path)[3] == ramp(1, 5)


def test_an_existing_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    path.write_bytes(b"x" * 1000)
    WavWriter(path).close()
    assert read_back(path)[3] == b""


def test_closing_twice_is_safe(tmp_path: Path) -> None:
    writer = WavWriter(tmp_path / "voice.wav")
    writer.close()
    writer.close()


@pytest.mark.skipif(sys.platform == "win32", reason="only on systems with file modes")
def test_a_recording_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    WavWriter(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_missing_folder_is_found_out_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot write") as caught:
        WavWriter(tmp_path / "missing" / "voice.wav")
    assert "No such file" in caught.value.why
    assert caught.value.hint


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot write"):
        WavWriter(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="only on systems with such files")
def test_a_file_that_cannot_be_patched_is_refused() -> None:
    reader, writer = os.pipe()
    with pytest.raises(UsageError, match="real file"):
        WavWriter(Path(f"/dev/fd/{writer}"))
    os.close(reader)
    os.close(writer)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only on Linux")
def test_a_disk_that_is_full_from_the_start_is_reported() -> None:
    with pytest.raises(VoicecliError, match="cannot write") as caught:
        WavWriter(Path("/dev/full"))
    assert "No space left" in caught.value.why


@pytest.mark.skipif(sys.platform == "win32", reason="only on systems with resource limits")
def test_a_disk_that_becomes_full_is_reported_and_closing_is_quiet(tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk; in a process of its own, which it holds."""
    result = subprocess.run(
        [sys.executable, "-X", "dev", "-c", FULL_DISK, str(tmp_path / "voice.wav")],
        capture_output=True,
        text=True,
    )
    assert result.stderr == ""
    assert result.stdout.strip() == f"cannot write {tmp_path / 'voice.wav'}: File too large"
    _, _, _, kept = read_back(tmp_path / "voice.wav")
    assert kept.startswith(ramp(1, 500))


def test_a_piece_is_put_at_its_place_and_the_gap_is_silence(tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    writer = WavWriter(path)
    writer.put(ramp(1, 10), 5)
    writer.put(b"", 1000)
    assert writer.samples == 15
    writer.put(ramp(11, 10), 20)
    assert read_back(path)[3] == bytes(10) + ramp(1, 10) + bytes(10) + ramp(11, 10)
    writer.put(ramp(21, 10), 3)
    writer.close()
    assert read_back(path)[3][-20:] == ramp(21, 10)
    assert writer.samples == 40


def test_a_file_can_be_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    for first in (1, 11):
        writer = WavWriter(path, 16_000, goes_on=True)
        assert writer.samples == first - 1
        writer.append(ramp(first, 10))
        writer.close()
    assert read_back(path) == (1, 2, 16_000, ramp(1, 20))


def test_sound_that_a_killed_process_wrote_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    WavWriter(path).append(ramp(1, 10))
    with path.open("ab") as file:
        file.write(ramp(11, 5) + b"\x7f")
    writer = WavWriter(path, goes_on=True)
    assert read_back(path)[3] == ramp(1, 15)
    writer.append(ramp(16, 5))
    writer.close()
    assert read_back(path)[3] == ramp(1, 20)


@pytest.mark.parametrize("content", [b"x", b"x" * 1000])
def test_a_file_that_is_none_of_ours_is_not_gone_on_with(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "voice.wav"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="cannot go on"):
        WavWriter(path, goes_on=True)
    assert path.read_bytes() == content


def test_a_recording_at_another_rate_is_not_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    WavWriter(path, 16_000).close()
    with pytest.raises(UsageError, match="24000 Hz"):
        WavWriter(path, 24_000, goes_on=True)


@pytest.mark.skipif(sys.platform == "win32", reason="only on systems with links")
def test_a_link_is_not_gone_on_with(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"")
    link.symlink_to(target)
    with pytest.raises(UsageError, match="cannot write"):
        WavWriter(link, goes_on=True)
    assert target.read_bytes() == b""
