"""The doctor's test of the echo plays and records at once: on devices that work and on ones that do
not, it comes to an end and closes both."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
from echo_rooms import frames, noise
from sound_pieces import HandInput, HandOutput

from voicecli.audio.device import Deliver, Fill
from voicecli.audio.echo_check import check_echo
from voicecli.audio.echo_probe import SOUND_S, TAIL_S, EchoFound
from voicecli.errors import SoundDeviceError

DELAY_FRAMES = 10
SECONDS = SOUND_S + TAIL_S + 1

Hearing = Callable[[bytes], bytes]
"""Turns 10 ms of what was played (24 kHz) into what is heard of it (16 kHz)."""


class Desk:
    """A speaker and a microphone that work as fast as they can, once both are started.

    The microphone hears what was played 100 ms ago, through `hearing`.
    """

    def __init__(self, hearing: Hearing, seconds: float = SECONDS) -> None:
        self.output = HandOutput()
        self.source = HandInput()
        self._hearing = hearing
        self._frame_count = round(seconds * 100)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def check(self, patience_s: float = 20.0) -> EchoFound | None:
        started = self.output.start

        def start(fill: Fill) -> None:
            started(fill)
            self._thread.start()

        self.output.start = start  # type: ignore[method-assign]
        try:
            return check_echo(self.output, self.source, None, patience_s=patience_s)
        finally:
            self._thread.join()

    def _run(self) -> None:
        played: list[bytes] = []
        for number in range(self._frame_count):
            played.append(self.output.ask(240))
            past = played[number - DELAY_FRAMES] if number >= DELAY_FRAMES else bytes(480)
            # Pieces as devices give them, not frames.
            heard = self._hearing(past)
            self.source.hear(heard[:100])
            self.source.hear(heard[100:])


def quarter(played: bytes) -> bytes:
    """A quarter of the sound, resampled as plainly as can be, in a room with a little noise."""
    samples = np.frombuffer(played, "<i2") / 32_768
    thin = np.interp(np.arange(160) * 1.5, np.arange(240), samples)
    return frames(thin / 4 + noise(160, 1, -80), 16_000)[0]


def test_an_echo_is_measured_and_both_devices_are_closed() -> None:
    desk = Desk(quarter)
    found = desk.check()
    assert found is not None
    assert found.delay_ms == pytest.approx(DELAY_FRAMES * 10, abs=10)
    assert found.level_db == pytest.approx(-12, abs=1)
    assert found.cancelled_db is None
    assert (desk.output.closed, desk.source.closed) == (1, 1)


def test_a_room_without_the_speakers_sound_has_no_echo() -> None:
    room = iter(frames(noise(16_000 * 20, 2, -60), 16_000))
    assert Desk(lambda _played: next(room)).check() is None


def test_digital_silence_is_a_dead_microphone() -> None:
    desk = Desk(lambda _played: bytes(320))
    with pytest.raises(SoundDeviceError, match="digital silence") as caught:
        desk.check()
    assert caught.value.hint == "voicecli devices"
    assert (desk.output.closed, desk.source.closed) == (1, 1)


def test_a_microphone_that_delivers_nothing_is_named() -> None:
    output, source = HandOutput(), HandInput()
    with pytest.raises(SoundDeviceError, match=r"hand-fed microphone.* has stopped"):
        check_echo(output, source, None, patience_s=0.05)
    assert (output.closed, source.closed) == (1, 1)


def test_a_speaker_that_asks_for_nothing_is_named() -> None:
    class Alone(HandInput):
        def start(self, deliver: Deliver) -> None:
            super().start(deliver)
            self.hear(b"\1\0" * 1_600)

    output, source = HandOutput(), Alone()
    with pytest.raises(SoundDeviceError, match=r"hand-driven speaker.* has stopped"):
        check_echo(output, source, None, patience_s=0.05)


def test_a_microphone_that_stops_in_the_middle_is_named() -> None:
    desk = Desk(quarter, SOUND_S + 0.2)
    with pytest.raises(SoundDeviceError, match=r"hand-fed microphone.* has stopped"):
        desk.check(2.0)


def test_a_speaker_that_does_not_open_leaves_the_microphone_closed() -> None:
    output, source = HandOutput(error=SoundDeviceError("no such luck")), HandInput()
    with pytest.raises(SoundDeviceError, match="no such luck"):
        check_echo(output, source, None)
    assert source.closed == 1


def test_an_interruption_ends_it_and_closes_both_devices() -> None:
    output, source = HandOutput(), HandInput()
    with pytest.raises(KeyboardInterrupt):
        check_echo(output, source, None, interrupted=lambda: True)
    assert (output.closed, source.closed) == (1, 1)


def test_nothing_is_played_before_the_microphone_listens() -> None:
    """Or the beginning of the chirp would be missing, and its delay wrong."""

    class Late(HandOutput):
        def start(self, fill: Fill) -> None:
            super().start(fill)
            assert not any(any(self.ask()) for _ in range(1_000))

    with pytest.raises(SoundDeviceError):
        check_echo(Late(), HandInput(), None, patience_s=0.05)
