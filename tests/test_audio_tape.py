"""A recording is heard as it was: both sides together, at its pace, and silent while it stands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from sound_pieces import samples_of, sine

from voicecli.audio.levels import SILENCE_DBFS
from voicecli.audio.tape import Tape, TapeTrack
from voicecli.errors import UsageError

RATE_HZ = 24_000


def wav(path: Path, pcm: bytes, rate_hz: int = RATE_HZ) -> Path:
    soundfile.write(path, samples_of(pcm), rate_hz, subtype="PCM_16")
    return path


def played(tape: Tape, seconds: float) -> bytes:
    return b"".join(tape.fill(480) for _ in range(round(seconds * 50)))


def test_sound_at_the_speakers_rate_comes_as_it_is(tmp_path: Path) -> None:
    pcm = sine(RATE_HZ)
    tape = Tape(None, TapeTrack(wav(tmp_path / "m.wav", pcm), 1.0))
    heard = samples_of(played(tape, 1.2))
    assert len(heard) == 1.2 * RATE_HZ
    off = heard[:RATE_HZ].astype(int) - samples_of(pcm)
    assert np.abs(off).max() <= 2
    assert not heard[RATE_HZ:].any()


def test_both_sides_are_heard_together(tmp_path: Path) -> None:
    user = sine(16_000, frequency_hz=300)  # counted at 24 kHz: 200 Hz at 16 kHz
    track = TapeTrack(wav(tmp_path / "u.wav", user, 16_000), 1.0)
    model = TapeTrack(wav(tmp_path / "m.wav", sine(RATE_HZ, frequency_hz=1_000)), 1.0)
    heard = samples_of(played(Tape(track, model), 1.0)).astype(float)
    spectrum = np.abs(np.fft.rfft(heard))
    assert sorted(np.argsort(spectrum)[-2:].tolist()) == [200, 1_000]


def test_the_time_is_that_of_the_conversation_at_every_speed(tmp_path: Path) -> None:
    track = TapeTrack(wav(tmp_path / "m.wav", sine(4 * RATE_HZ)), 4.0)
    tape = Tape(None, track, 4.0)
    heard = samples_of(played(tape, 1.0)).astype(float)
    assert tape.at_s == pytest.approx(4.0)
    assert np.argmax(np.abs(np.fft.rfft(heard))) == 800
    assert not np.any(samples_of(played(tape, 0.2))[480:])


def test_paused_it_is_silent_and_stands_still_but_answers(tmp_path: Path) -> None:
    tape = Tape(None, TapeTrack(wav(tmp_path / "m.wav", sine(RATE_HZ)), 1.0))
    played(tape, 0.5)
    tape.paused = True
    at_s, calls = tape.at_s, tape.calls
    assert not any(played(tape, 0.1))
    assert (tape.at_s, tape.calls) == (at_s, calls + 5)
    tape.paused = False
    assert any(played(tape, 0.1))


def test_the_volume_holds_for_both_sides(tmp_path: Path) -> None:
    tape = Tape(None, TapeTrack(wav(tmp_path / "m.wav", sine(RATE_HZ)), 1.0))
    tape.volume_percent = 0
    played(tape, 0.2)
    assert not any(played(tape, 0.2))
    assert tape.volume_percent == 0


def test_the_levels_are_those_of_each_side(tmp_path: Path) -> None:
    now_s = [0.0]
    track = TapeTrack(wav(tmp_path / "m.wav", sine(RATE_HZ)), 1.0)
    tape = Tape(None, track, clock=lambda: now_s[0])
    played(tape, 0.5)
    user_dbfs, model_dbfs = tape.levels_dbfs()
    assert user_dbfs == SILENCE_DBFS
    assert -17 < model_dbfs < -13
    tape.paused = True
    played(tape, 0.1)
    now_s[0] = 10.0
    assert tape.levels_dbfs()[1] == pytest.approx(SILENCE_DBFS)


def test_without_any_sound_time_goes_on() -> None:
    tape = Tape(None, None)
    assert not any(played(tape, 1.0))
    assert tape.at_s == pytest.approx(1.0)


def test_closed_it_is_silent(tmp_path: Path) -> None:
    tape = Tape(None, TapeTrack(wav(tmp_path / "m.wav", sine(RATE_HZ)), 1.0))
    tape.close()
    tape.close()
    assert not any(played(tape, 0.2))


@pytest.mark.parametrize("content", [b"", b"RIFF", b"x" * 1_000])
def test_what_is_no_sound_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="no sound"):
        TapeTrack(path, 1.0)


def test_a_missing_file_and_two_channels_are_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "stereo.wav", np.zeros((100, 2)), RATE_HZ)
    for name in ("stereo.wav", "missing.wav"):
        with pytest.raises(UsageError, match="no sound"):
            TapeTrack(tmp_path / name, 1.0)
