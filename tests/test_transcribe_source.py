"""Whatever recording a user has must reach the service whole, at the right speed and level.

What cannot be used must end in one sentence: a traceback, a wrong sample rate or silent loss of the
last samples would each spoil a transcript.
"""

from __future__ import annotations

import io
import os
import struct
import threading
import tracemalloc
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from hypothesis import example, given, settings
from hypothesis import strategies as st

from voicecli.audio.pcm import MIC_RATE_HZ
from voicecli.errors import UsageError
from voicecli.transcribe import source
from voicecli.transcribe.source import BLOCK_BYTES, mixed, open_recording, pcm_of

Samples = npt.NDArray[np.float64]

SUBTYPES = ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW")
TONE_HZ = 440.0


class Heard:
    """What came out of a recording, and what the user was told."""

    def __init__(self, path: str | Path, piped: io.BytesIO | None = None) -> None:
        self.warnings: list[str] = []
        with open_recording(path, self.warnings.append, piped) as recording:
            self.name = recording.name
            self.duration_s = recording.duration_s
            self.blocks = list(recording.blocks())
        self.samples = np.frombuffer(b"".join(self.blocks), "<i2")


def tone(duration_s: float, rate_hz: int, *, level: float = 0.5, hz: float = TONE_HZ) -> Samples:
    return level * np.sin(2 * np.pi * hz * np.arange(round(duration_s * rate_hz)) / rate_hz)


def written(path: Path, samples: Samples, rate_hz: int, **layout: Any) -> Path:
    soundfile.write(path, samples, rate_hz, **layout)
    return path


def wav_bytes(samples: Samples, rate_hz: int = MIC_RATE_HZ, **layout: Any) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format="WAV", **layout)
    return file.getvalue()


def loudest_hz(samples: npt.NDArray[Any]) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * MIC_RATE_HZ / len(samples))


def refusal(path: str | Path, piped: io.BytesIO | None = None) -> UsageError:
    with pytest.raises(UsageError) as caught:
        Heard(path, piped)
    assert "\n" not in str(caught.value)
    return caught.value


# --- formats ---------------------------------------------------------------------------------


@settings(max_examples=150)
@given(
    rate_hz=st.sampled_from([8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000])
    | st.integers(8_000, 96_000),
    channels=st.integers(1, 6),
    subtype=st.sampled_from(SUBTYPES),
    duration_ms=st.integers(1, 700),
    endian=st.sampled_from(["LITTLE", "BIG"]),
)
def test_no_format_changes_how_long_a_recording_lasts(
    tmp_path_factory: pytest.TempPathFactory,
    rate_hz: int,
    channels: int,
    subtype: str,
    duration_ms: int,
    endian: str,
) -> None:
    one = tone(duration_ms / 1000, rate_hz)
    path = tmp_path_factory.mktemp("formats") / "x.wav"
    written(path, np.column_stack([one] * channels), rate_hz, subtype=subtype, endian=endian)
    heard = Heard(path)
    assert abs(len(heard.samples) - len(one) * MIC_RATE_HZ / rate_hz) <= 2
    assert heard.duration_s == pytest.approx(len(one) / rate_hz)
    assert heard.warnings == []


@pytest.mark.parametrize("subtype", SUBTYPES)
@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100, 96_000])
def test_a_tone_keeps_its_frequency_and_its_level(
    tmp_path: Path, rate_hz: int, subtype: str
) -> None:
    heard = Heard(written(tmp_path / "x.wav", tone(1.0, rate_hz), rate_hz, subtype=subtype))
    middle = heard.samples[1_600:-1_600].astype(float)
    assert loudest_hz(middle) == pytest.approx(TONE_HZ, abs=2)
    assert np.sqrt(np.mean(middle**2)) * np.sqrt(2) / 32_768 == pytest.approx(0.5, rel=0.02)


@pytest.mark.parametrize("width_bytes", [1, 2, 3, 4])
def test_files_of_the_standard_library_are_read(tmp_path: Path, width_bytes: int) -> None:
    path = tmp_path / "x.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(width_bytes)
        file.setframerate(MIC_RATE_HZ)
        file.writeframes((b"\x80" if width_bytes == 1 else b"\0") * (1_000 * 2 * width_bytes))
    assert Heard(path).samples.tolist() == [0] * 1_000


@given(st.lists(st.integers(-32_768, 32_767), min_size=1, max_size=5_000))
def test_16_bit_samples_at_16_khz_come_through_unchanged(values: list[int]) -> None:
    raw = np.array(values, "<i2").tobytes()
    assert Heard("-", io.BytesIO(raw)).samples.tolist() == values


def test_a_tone_above_half_the_rate_does_not_come_back_as_another(tmp_path: Path) -> None:
    path = written(tmp_path / "x.wav", tone(1.0, 48_000, hz=11_000), 48_000)
    assert np.abs(Heard(path).samples[1_600:-1_600]).max() < 33


def test_channels_are_mixed_with_equal_weight(tmp_path: Path) -> None:
    left, right = np.full(3_200, 0.5), np.full(3_200, -0.25)
    path = written(tmp_path / "x.wav", np.column_stack([left, right]), MIC_RATE_HZ)
    assert set(Heard(path).samples.tolist()) == {round(0.125 * 32_768)}


def test_blocks_are_100_ms_and_the_last_has_the_rest(tmp_path: Path) -> None:
    path = written(tmp_path / "x.wav", tone(0.25, MIC_RATE_HZ), MIC_RATE_HZ)
    assert [len(block) for block in Heard(path).blocks] == [BLOCK_BYTES, BLOCK_BYTES, 1_600]


def test_samples_that_are_no_numbers_or_too_loud_are_tamed(tmp_path: Path) -> None:
    wild = np.array([np.nan, np.inf, -np.inf, 3.0, -3.0, 1e30, 0.5], "float32")
    path = written(tmp_path / "x.wav", wild.astype("float64"), MIC_RATE_HZ, subtype="DOUBLE")
    loud, low = 32_767, -32_768
    assert Heard(path).samples.tolist() == [0, loud, low, loud, low, loud, 16_384]


@given(st.lists(st.floats(width=32), min_size=1, max_size=64))
def test_any_floats_become_samples_without_a_warning(values: list[float]) -> None:
    frames = np.array(values, "float32").reshape(-1, 1)
    with np.errstate(all="raise"):
        assert len(pcm_of(mixed(frames))) == 2 * len(values)


def test_memory_does_not_grow_with_the_recording(tmp_path: Path) -> None:
    def peak_bytes(path: Path) -> int:
        tracemalloc.start()
        with open_recording(path, lambda _: None) as recording:
            for _ in recording.blocks():
                pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    short = written(tmp_path / "short.wav", tone(20, 44_100), 44_100)
    long = written(tmp_path / "long.wav", tone(200, 44_100), 44_100)
    peak_bytes(short)
    assert peak_bytes(long) < 1.5 * peak_bytes(short)


# --- refusals --------------------------------------------------------------------------------


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert str(refusal(tmp_path / "no.wav")) == f"there is no file {tmp_path / 'no.wav'}"


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "is a folder" in str(refusal(tmp_path))


def test_a_device_is_refused() -> None:
    assert "is a device" in str(refusal(os.devnull))


def test_a_path_through_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    assert "cannot be read" in str(refusal(tmp_path / "file" / "x.wav"))


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="only on accounts without all rights"
)
@pytest.mark.parametrize("make", ["file", "pipe"])
def test_a_file_of_somebody_else_is_refused(tmp_path: Path, make: str) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(b"") if make == "file" else os.mkfifo(path)
    path.chmod(0)
    assert "cannot be read" in str(refusal(path))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.wav").touch()
    assert str(refusal(tmp_path / "x.wav")).endswith("x.wav is empty")


@pytest.mark.parametrize("content", [b"R", b"hello, this is text", b"ID3\x04" + bytes(100)])
def test_what_is_not_audio_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.wav").write_bytes(content)
    assert "is not a WAV file" in str(refusal(tmp_path / "x.wav"))


def test_another_format_is_told_how_to_become_a_wav(tmp_path: Path) -> None:
    path = written(tmp_path / "x.flac", tone(0.1, MIC_RATE_HZ), MIC_RATE_HZ)
    assert refusal(path).hint.startswith("ffmpeg ")


@pytest.mark.parametrize("kept_bytes", range(12, 41))
def test_a_truncated_header_is_refused(tmp_path: Path, kept_bytes: int) -> None:
    (tmp_path / "x.wav").write_bytes(wav_bytes(tone(0.1, MIC_RATE_HZ))[:kept_bytes])
    assert "header is broken" in str(refusal(tmp_path / "x.wav"))


@pytest.mark.parametrize("kept_bytes", range(41, 45))
def test_a_header_without_samples_is_refused(tmp_path: Path, kept_bytes: int) -> None:
    (tmp_path / "x.wav").write_bytes(wav_bytes(np.zeros(0))[:kept_bytes])
    error = refusal(tmp_path / "x.wav")
    assert "holds no sound" in str(error)
    assert error.hint == ""


def test_a_recording_whose_recorder_was_killed_is_told_how_to_mend(tmp_path: Path) -> None:
    content = bytearray(wav_bytes(tone(1.0, MIC_RATE_HZ)))
    content[40:44] = bytes(4)
    (tmp_path / "x.wav").write_bytes(content)
    assert refusal(tmp_path / "x.wav").hint.startswith("sox --ignore-length ")


@pytest.mark.parametrize("rate_hz", [1, 999, 384_001, 4_000_000])
def test_an_impossible_rate_is_refused(tmp_path: Path, rate_hz: int) -> None:
    path = written(tmp_path / "x.wav", np.zeros(10), rate_hz)
    assert f"{rate_hz} Hz" in str(refusal(path))


HEADER = wav_bytes(tone(0.02, 8_000), 8_000)


@settings(max_examples=3_000)
@given(
    changes=st.lists(st.tuples(st.integers(0, 60), st.binary(min_size=1, max_size=4)), max_size=6),
    kept_bytes=st.integers(0, len(HEADER)),
)
@example(changes=[(22, b"\xff\xff")], kept_bytes=len(HEADER))
@example(changes=[(24, b"\0\0\0\0")], kept_bytes=len(HEADER))
@example(changes=[(40, b"\xff\xff\xff\x7f")], kept_bytes=len(HEADER))
def test_a_damaged_header_is_read_or_refused_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, bytes]], kept_bytes: int
) -> None:
    content = bytearray(HEADER)
    for at, value in changes:
        content[at : at + len(value)] = value
    path = tmp_path_factory.getbasetemp() / "fuzzed.wav"
    path.write_bytes(content[:kept_bytes])
    try:
        heard = Heard(path)
    except UsageError:
        return
    assert all(len(block) <= BLOCK_BYTES for block in heard.blocks)


# --- damage ----------------------------------------------------------------------------------


def test_a_file_cut_in_its_sound_is_read_so_far_with_a_warning(tmp_path: Path) -> None:
    content = wav_bytes(tone(1.0, MIC_RATE_HZ))
    (tmp_path / "x.wav").write_bytes(content[: 44 + 16_000 + 1])
    heard = Heard(tmp_path / "x.wav")
    assert len(heard.samples) == 8_000
    assert heard.duration_s == pytest.approx(0.5)
    assert len(heard.warnings) == 1
    assert "cut short" in heard.warnings[0]


def test_a_file_cut_before_its_sound_is_refused_without_a_warning(tmp_path: Path) -> None:
    (tmp_path / "x.wav").write_bytes(wav_bytes(tone(1.0, MIC_RATE_HZ))[:44])
    warnings: list[str] = []
    with (
        pytest.raises(UsageError, match="holds no sound"),
        open_recording(tmp_path / "x.wav", warnings.append),
    ):
        pass
    assert warnings == []


def test_a_file_that_shrinks_while_it_is_read_ends_with_a_warning(tmp_path: Path) -> None:
    path = written(tmp_path / "x.wav", tone(60.0, MIC_RATE_HZ), MIC_RATE_HZ)
    warnings: list[str] = []
    with open_recording(path, warnings.append) as recording:
        blocks = recording.blocks()
        first = next(blocks)
        os.truncate(path, 1_000)
        rest = b"".join(blocks)
    assert 0 < len(first + rest) < 60 * 2 * MIC_RATE_HZ
    assert warnings == [f"{path} is damaged and cannot be read to its end"]


class Failing:
    """A sound file whose medium gives up."""

    samplerate, channels, frames = MIC_RATE_HZ, 1, 1_000

    def read(self, frames: int, dtype: str, always_2d: bool) -> npt.NDArray[np.float32]:
        raise OSError(5, "Input/output error")


def test_a_medium_that_gives_up_ends_the_recording_with_a_warning() -> None:
    warnings: list[str] = []
    assert list(source.Recording(Failing(), "x.wav", warnings.append).blocks()) == []
    assert warnings == ["x.wav is damaged and cannot be read to its end"]


# --- pipes -----------------------------------------------------------------------------------


def test_a_wav_through_a_pipe_is_read() -> None:
    heard = Heard("-", io.BytesIO(wav_bytes(tone(0.5, 44_100), 44_100)))
    assert abs(len(heard.samples) - 8_000) <= 2
    assert heard.name == "standard input"


@pytest.mark.parametrize("claims", [0xFFFF_FFFF, 0x7FFF_F000 - 36, 0x8000_0000])
def test_a_wav_whose_length_was_not_known_is_read_without_a_warning(claims: int) -> None:
    content = bytearray(wav_bytes(tone(0.5, MIC_RATE_HZ)))
    content[40:44] = struct.pack("<I", claims)
    heard = Heard("-", io.BytesIO(content))
    assert (len(heard.samples), heard.warnings) == (8_000, [])


def test_half_a_sample_at_the_end_of_raw_sound_is_dropped() -> None:
    assert Heard("-", io.BytesIO(b"\x01\x02\x03")).samples.tolist() == [0x0201]


def test_an_empty_pipe_is_refused() -> None:
    assert str(refusal("-", io.BytesIO())) == "standard input is empty"


@pytest.mark.parametrize("mark", [b"fLaC", b"OggS", b"ID3\x04"])
def test_another_format_in_a_pipe_is_not_sent_as_noise(mark: bytes) -> None:
    assert "is not a WAV file" in str(refusal("-", io.BytesIO(mark + bytes(100))))


class Terminal(io.BytesIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_not_waited_for() -> None:
    assert "is a terminal" in str(refusal("-", Terminal()))


def test_a_pipe_that_does_not_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST_PIPED_BYTES", 2 * 1024 * 1024)
    assert "more than 2 MiB" in str(refusal("-", io.BytesIO(bytes(2 * 1024 * 1024 + 1))))


def test_nothing_of_a_pipe_is_left_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    Heard("-", io.BytesIO(bytes(100)))
    refusal("-", io.BytesIO())
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def named_pipe(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "pipe"
    if not hasattr(os, "mkfifo"):
        pytest.skip("only on systems with named pipes")
    os.mkfifo(path)
    content = wav_bytes(tone(0.5, MIC_RATE_HZ))
    writer = threading.Thread(target=path.write_bytes, args=(content,), daemon=True)
    writer.start()
    yield path
    writer.join(timeout=10)
    assert not writer.is_alive()


def test_a_named_pipe_is_read_like_standard_input(named_pipe: Path) -> None:
    assert len(Heard(named_pipe).samples) == 8_000
