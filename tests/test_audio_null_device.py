"""Without a sound card a conversation keeps its pace: what would be heard now is known."""

from __future__ import annotations

import threading
import time

from voicecli.audio.device import InputDevice, OutputDevice
from voicecli.audio.null_device import (
    CATCH_UP_S,
    PERIOD_S,
    NullInput,
    NullOutput,
    next_due_s,
)

DEADLINE_S = 10.0


class Counter:
    """Counts what it is asked for, and tells when that is enough."""

    def __init__(self, enough: int) -> None:
        self.samples = 0
        self.enough = enough
        self.reached = threading.Event()

    def fill(self, n_samples: int) -> bytes:
        self.samples += n_samples
        if self.samples >= self.enough:
            self.reached.set()
        return bytes(2 * n_samples)


def test_sound_is_asked_for_and_never_ahead_of_real_time() -> None:
    device: OutputDevice = NullOutput()
    counter = Counter(enough=7200)
    began_s = time.monotonic()
    device.start(counter.fill)
    assert counter.reached.wait(DEADLINE_S)
    took_s = time.monotonic() - began_s
    device.close()
    # The first period is asked for at once, as a device does that fills its buffer.
    assert took_s >= 7200 / 24_000 - PERIOD_S - 0.001


def test_calls_that_come_late_do_not_move_the_schedule() -> None:
    due_s = 10.0
    for number in range(1, 1001):
        due_s = next_due_s(due_s, now_s=due_s + 0.013)
        assert abs(due_s - (10.0 + number * PERIOD_S)) < 1e-6


def test_what_a_short_pause_missed_is_made_up_for() -> None:
    assert next_due_s(10.0, now_s=10.0 + CATCH_UP_S) == 10.0 + PERIOD_S


def test_what_the_machine_slept_through_is_not() -> None:
    assert next_due_s(10.0, now_s=4000.0) == 4000.0


def test_nothing_is_asked_for_after_closing() -> None:
    device = NullOutput()
    counter = Counter(enough=1)
    device.start(counter.fill)
    assert counter.reached.wait(DEADLINE_S)
    device.close()
    samples = counter.samples
    assert not [thread for thread in threading.enumerate() if thread.name == "speaker"]
    device.close()
    assert counter.samples == samples


def test_closing_before_the_start_is_safe() -> None:
    NullOutput().close()


def test_there_is_no_latency_and_the_name_says_what_it_is() -> None:
    device: OutputDevice = NullOutput()
    assert device.latency_s == 0.0
    assert device.name is None


def test_a_microphone_that_is_not_there_delivers_nothing() -> None:
    device: InputDevice = NullInput()
    heard: list[bytes] = []
    device.start(heard.append)
    device.close()
    device.close()
    assert heard == []
    assert device.name is None
