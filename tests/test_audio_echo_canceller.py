"""The canceller is another project's: what is relied on of it is tested here, and its absence."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from echo_rooms import Sound, echo, frames, noise

from voicecli.audio.echo_canceller import FAR_BYTES, NEAR_BYTES, open_canceller
from voicecli.errors import SoundDeviceError


def babble(seconds: float, seed: int) -> Sound:
    """Noise with the rhythm of speech, at 24 kHz."""
    t_s = np.arange(round(seconds * 24_000)) / 24_000
    return noise(len(t_s), seed, -20) * (0.5 - 0.5 * np.cos(2 * np.pi * 4 * t_s))


def power(pieces: list[bytes]) -> float:
    return float(np.mean(np.frombuffer(b"".join(pieces), "<i2").astype(float) ** 2))


@pytest.mark.parametrize("delay_ms", [40, 250])
def test_an_echo_is_gone_after_two_seconds(delay_ms: float) -> None:
    played = babble(4, 1)
    far = frames(played, 24_000)
    near = frames(echo(played, 2, delay_ms=delay_ms, level_db=-12, drift_ppm=100), 16_000)
    canceller = open_canceller()
    clean = [canceller.cancel(n, f) for n, f in zip(near, far, strict=True)]
    assert all(len(frame) == NEAR_BYTES for frame in clean)
    assert power(clean[200:]) < power(near[200:]) / 100


def test_what_is_no_echo_stays() -> None:
    near = frames(babble(2, 3), 16_000)
    canceller = open_canceller()
    clean = [canceller.cancel(frame, bytes(FAR_BYTES)) for frame in near]
    assert power(clean[100:]) > power(near[100:]) / 10


@pytest.mark.parametrize(("near", "far"), [(318, 480), (322, 480), (320, 478), (320, 482), (0, 0)])
def test_a_frame_of_another_length_is_refused(near: int, far: int) -> None:
    canceller = open_canceller()
    with pytest.raises(ValueError, match="structures"):
        canceller.cancel(bytes(near), bytes(far))
    assert len(canceller.cancel(bytes(NEAR_BYTES), bytes(FAR_BYTES))) == NEAR_BYTES


def test_without_the_package_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "livekit.rtc.apm", None)
    with pytest.raises(SoundDeviceError) as caught:
        open_canceller()
    assert "livekit" in caught.value.why
    assert "\n" not in caught.value.why
    assert "--headphones" in caught.value.hint


def test_a_library_that_does_not_load_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def __getattr__(self, name: str) -> object:
            raise OSError("wrong ELF class\nand much more")

    monkeypatch.setitem(sys.modules, "livekit.rtc.apm", Broken())
    with pytest.raises(SoundDeviceError, match=r"wrong ELF class\)$"):
        open_canceller()


def test_an_error_without_words_is_told_by_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    class Mute:
        def __getattr__(self, name: str) -> object:
            raise RuntimeError

    monkeypatch.setitem(sys.modules, "livekit.rtc.apm", Mute())
    with pytest.raises(SoundDeviceError, match="RuntimeError"):
        open_canceller()
