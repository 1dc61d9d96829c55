"""A headset that runs flat must not end the conversation, nor need more than a key to replace it.

The devices are pulled out by hand and time is virtual; `test_audio_pyaudio_device` does the same
with a sound server that is stopped and started.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Literal, TypeVar

import pytest
from hand_sounds import HandSounds
from virtual_time import run_virtually

from voicecli.audio.device_watch import GONE_AFTER_S, LOOK_EVERY_S
from voicecli.audio.microphone import FRAME_BYTES, Microphone
from voicecli.audio.null_device import NullOutput
from voicecli.audio.speaker import Speaker
from voicecli.talk import events as talk
from voicecli.talk.devices import Devices

Result = TypeVar("Result")
Event = TypeVar("Event", bound=talk.TalkEvent)

CALL_EVERY_S = 0.05
NOTICED_S = GONE_AFTER_S + 2 * LOOK_EVERY_S
SILENCE = bytes(FRAME_BYTES)


async def at_once(work: Callable[[], Result]) -> Result:
    """In place of a thread: nothing blocks here, and virtual time knows no threads."""
    return work()


class Stage:
    """A conversation's devices, which call as long as they are plugged in."""

    def __init__(
        self,
        sounds: HandSounds,
        *,
        output: str | None = None,
        input: str | None = None,
        no_speaker: bool = False,
        no_microphone: bool = False,
    ) -> None:
        self.now = asyncio.get_running_loop().time  # also for the thread of a NullOutput
        self.sounds = sounds
        self.events: list[talk.TalkEvent] = []
        self.speaker = Speaker(NullOutput() if no_speaker else sounds.open_output(output), self.now)
        self.speaker.start()
        self.microphone: Microphone | None = None
        if not no_microphone:
            self.microphone = Microphone(sounds.open_input(input), self.now)
            self.microphone.start()
        self.devices = Devices(
            sounds,
            self.speaker,
            self.microphone,
            wanted_output=output,
            wanted_input=input,
            emit=self.events.append,
            now=self.now,
            aside=at_once,
        )

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def warnings(self) -> list[str]:
        return [event.message for event in self.of(talk.Warned)]

    @property
    def changes(self) -> list[tuple[str, str | None]]:
        return [(event.direction, event.name) for event in self.of(talk.DeviceChanged)]

    async def settle(self) -> None:
        """Give the devices time for whatever they do."""
        await asyncio.sleep(NOTICED_S + 5.0)

    async def listed(self) -> tuple[talk.DeviceOption, ...]:
        self.devices.list_devices()
        await self.settle()
        return self.of(talk.DevicesListed)[-1].devices

    async def pick(self, direction: Literal["input", "output"], name: str) -> None:
        """As after a look at the list; what is not on it, was a moment ago."""
        for option in await self.listed():
            if (option.direction, option.name) == (direction, name):
                self.devices.use_device(option)
                break
        else:
            self.devices.use_device(talk.DeviceOption(direction, 9, name, False, False))
        await self.settle()


def on_stage(
    play: Callable[[Stage], Awaitable[None]], sounds: HandSounds, **options: object
) -> Stage:
    """Let `play` happen to a conversation with these devices."""

    async def calls(stage: Stage) -> None:
        while True:
            sounds.call()
            await asyncio.sleep(CALL_EVERY_S)

    async def main() -> Stage:
        stage = Stage(sounds, **options)  # type: ignore[arg-type]
        tasks = [asyncio.create_task(calls(stage)), asyncio.create_task(stage.devices.run())]
        try:
            await play(stage)
        finally:
            for task in tasks:
                task.cancel()
            # What failed in there is what the test is told.
            for outcome in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(outcome, Exception):
                    raise outcome
            stage.speaker.close()
            if stage.microphone is not None:
                stage.microphone.close()
        return stage

    coroutine: Coroutine[None, None, Stage] = main()
    return run_virtually(coroutine)


def test_devices_that_work_are_left_alone() -> None:
    async def ten_minutes(_stage: Stage) -> None:
        await asyncio.sleep(600)

    sounds = HandSounds("laptop")
    stage = on_stage(ten_minutes, sounds)

    assert stage.events == []
    assert (len(sounds.outputs), len(sounds.inputs), sounds.looks) == (1, 1, 0)


@pytest.mark.parametrize(
    ("direction", "kind", "name"), [("output", "speaker", "box"), ("input", "microphone", "webcam")]
)
def test_a_device_that_stops_is_reported_once_and_opened_again(
    direction: str, kind: str, name: str
) -> None:
    async def play(stage: Stage) -> None:
        sounds.mute.add(name)
        await asyncio.sleep(NOTICED_S)
        sounds.mute.clear()
        await stage.settle()

    sounds = HandSounds("box", "webcam")
    stage = on_stage(play, sounds, output="box", input="webcam")

    assert stage.warnings == [f"the {kind} “{name}” has stopped; it is tried again"]
    assert stage.changes == [(direction, None), (direction, name)]


def test_a_device_that_was_pulled_out_is_followed_by_the_default() -> None:
    async def play(stage: Stage) -> None:
        sounds.plugged.remove("headset")
        await stage.settle()

    sounds = HandSounds("laptop", "headset")
    stage = on_stage(play, sounds, output="headset", no_microphone=True)

    assert stage.warnings == ["the speaker “headset” has stopped; it is tried again"]
    assert stage.changes == [("output", None), ("output", "laptop")]


def test_a_loss_is_noticed_within_two_seconds() -> None:
    async def play(stage: Stage) -> None:
        await asyncio.sleep(10)
        sounds.mute.add("laptop")
        await asyncio.sleep(20)

    sounds = HandSounds("laptop")
    stage = on_stage(play, sounds)

    first = stage.of(talk.Warned)[0]
    assert 10 + GONE_AFTER_S - CALL_EVERY_S <= first.t_s <= 10 + NOTICED_S
    assert first.hint == "voicecli devices"


def test_a_speaker_that_is_gone_leaves_silence_that_keeps_time() -> None:
    async def play(stage: Stage) -> None:
        sounds.plugged.clear()
        await asyncio.sleep(NOTICED_S)
        assert stage.speaker.name is None
        assert stage.microphone is not None
        assert stage.microphone.name is None

    sounds = HandSounds("laptop")
    stage = on_stage(play, sounds)
    assert sorted(stage.warnings) == [
        "the microphone “laptop” has stopped; it is tried again",
        "the speaker “laptop” has stopped; it is tried again",
    ]


def test_a_sound_server_that_is_away_for_long_is_reported_once_and_then_back() -> None:
    async def play(stage: Stage) -> None:
        sounds.plugged.remove("laptop")
        await asyncio.sleep(600)
        sounds.plugged.append("laptop")
        await asyncio.sleep(10)

    sounds = HandSounds("laptop")
    stage = on_stage(play, sounds)

    assert len(stage.warnings) == 2
    assert sorted(stage.changes[:2]) == [("input", None), ("output", None)]
    assert sorted(stage.changes[2:]) == [("input", "laptop"), ("output", "laptop")]
    # Within the longest pause between two tries.
    assert max(event.t_s for event in stage.of(talk.DeviceChanged)) < 600 + 5 + 2 * NOTICED_S


def test_a_device_that_opens_but_stays_silent_is_tried_again_and_not_praised() -> None:
    async def play(stage: Stage) -> None:
        sounds.mute.add("laptop")
        await asyncio.sleep(60)
        assert stage.changes == [("output", None)]
        sounds.mute.clear()
        await asyncio.sleep(10)

    sounds = HandSounds("laptop")
    stage = on_stage(play, sounds, no_microphone=True)

    assert len(stage.warnings) == 1
    assert stage.changes == [("output", None), ("output", "laptop")]
    assert all(device.closed for device in sounds.outputs[:-1])
    assert not sounds.outputs[-1].closed or stage.speaker.name == "laptop"


def test_the_next_default_is_taken_where_the_user_named_none() -> None:
    """The list of devices has to be made anew for it; the other device survives that by name."""

    async def play(stage: Stage) -> None:
        sounds.plugged.remove("usb speaker")
        sounds.plugged.append("new speaker")
        sounds.default = "new speaker"
        await stage.settle()
        assert stage.speaker.name == "new speaker"
        assert stage.microphone is not None
        assert stage.microphone.name == "webcam"

    sounds = HandSounds("usb speaker", "webcam", default="usb speaker")
    stage = on_stage(play, sounds, input="webcam")

    assert stage.warnings == ["the speaker “usb speaker” has stopped; it is tried again"]
    assert stage.changes == [("output", None), ("output", "new speaker")]


def test_what_works_is_not_disturbed_again_and_again_for_what_is_lost() -> None:
    """Looking the devices up anew closes all of them, so it takes news to do it."""

    async def play(stage: Stage) -> None:
        sounds.broken.add("usb speaker")
        sounds.mute.add("usb speaker")
        await asyncio.sleep(600)

    sounds = HandSounds("usb speaker", "webcam", default="usb speaker")
    # A card that is in use is hidden from other processes: that is a difference, and no news.
    sounds.unseen_by_look.add("webcam")
    stage = on_stage(play, sounds, input="webcam")

    assert stage.warnings == ["the speaker “usb speaker” has stopped; it is tried again"]
    assert len(sounds.inputs) <= 2


def test_devices_that_cannot_be_looked_for_are_tried_as_they_were() -> None:
    async def play(stage: Stage) -> None:
        sounds.deaf_to_look = True
        sounds.plugged.remove("laptop")
        await asyncio.sleep(60)
        sounds.plugged.append("laptop")
        await asyncio.sleep(10)
        assert stage.speaker.name == "laptop"

    sounds = HandSounds("laptop")
    on_stage(play, sounds, no_microphone=True)


def test_the_devices_are_listed_with_what_is_default_and_what_is_used() -> None:
    async def play(stage: Stage) -> None:
        sounds.plugged.append("late headset")
        assert await stage.listed() == (
            talk.DeviceOption("input", 0, "laptop", default=True, current=False),
            talk.DeviceOption("input", 1, "webcam", default=False, current=True),
            talk.DeviceOption("input", 2, "late headset", default=False, current=False),
            talk.DeviceOption("output", 0, "laptop", default=True, current=True),
            talk.DeviceOption("output", 1, "webcam", default=False, current=False),
            talk.DeviceOption("output", 2, "late headset", default=False, current=False),
        )

    sounds = HandSounds("laptop", "webcam")
    on_stage(play, sounds, input="webcam")


def test_a_microphone_that_is_off_is_not_offered() -> None:
    async def play(stage: Stage) -> None:
        assert {option.direction for option in await stage.listed()} == {"output"}
        stage.devices.use_device(talk.DeviceOption("input", 0, "laptop", True, False))
        await stage.settle()

    assert on_stage(play, HandSounds("laptop"), no_microphone=True).changes == []


def test_a_list_that_cannot_be_had_is_a_warning() -> None:
    async def play(stage: Stage) -> None:
        sounds.deaf_to_look = True
        stage.devices.list_devices()
        await stage.settle()

    sounds = HandSounds("laptop")
    stage = on_stage(play, sounds)
    assert stage.warnings == ["the sound devices cannot be listed"]


def test_another_speaker_is_taken_in_the_middle_and_the_microphone_not_touched() -> None:
    async def play(stage: Stage) -> None:
        await stage.pick("output", "monitor")
        assert stage.speaker.name == "monitor"

    sounds = HandSounds("laptop", "monitor")
    stage = on_stage(play, sounds)
    assert stage.changes == [("output", "monitor")]
    assert stage.warnings == []
    assert sounds.outputs[0].closed
    assert len(sounds.inputs) == 1


def test_a_device_that_was_plugged_in_meanwhile_can_be_taken() -> None:
    async def play(stage: Stage) -> None:
        sounds.plugged.insert(0, "headset")  # and all others have another index now
        await stage.pick("input", "headset")
        assert stage.microphone is not None
        assert stage.microphone.name == "headset"
        assert stage.speaker.name == "laptop"

    sounds = HandSounds("laptop", default="laptop")
    stage = on_stage(play, sounds)
    assert stage.changes == [("input", "headset")]
    assert stage.warnings == []


def test_an_index_that_means_another_device_by_now_opens_the_one_that_was_named() -> None:
    async def play(stage: Stage) -> None:
        await stage.pick("output", "headset")
        stage.sounds.plugged.remove("monitor")
        stage.devices.use_device(talk.DeviceOption("output", 2, "headset", False, False))
        await stage.settle()
        assert stage.speaker.name == "headset"

    on_stage(play, HandSounds("laptop", "monitor", "headset"))


def test_a_device_that_is_gone_when_it_is_picked_changes_nothing() -> None:
    async def play(stage: Stage) -> None:
        await stage.pick("output", "sonos")
        assert stage.speaker.name == "laptop"

    sounds = HandSounds("laptop")
    stage = on_stage(play, sounds)
    assert stage.changes == []
    assert len(stage.warnings) == 1
    assert "“sonos” is no output device" in stage.warnings[0]
    assert len(sounds.outputs) == 1


def test_a_pick_that_cannot_be_opened_brings_the_former_device_back() -> None:
    async def play(stage: Stage) -> None:
        await stage.pick("output", "monitor")
        await stage.settle()
        assert stage.speaker.name == "laptop"

    sounds = HandSounds("laptop", "monitor")
    sounds.broken.add("monitor")
    stage = on_stage(play, sounds)
    assert stage.changes == [("output", None), ("output", "laptop")]
    assert "cannot be opened" in stage.warnings[0]
    assert len(stage.warnings) == 1


def test_a_pick_is_what_comes_back_after_a_loss() -> None:
    async def play(stage: Stage) -> None:
        await stage.pick("output", "headset")
        stage.sounds.mute.add("headset")
        await asyncio.sleep(20)
        stage.sounds.mute.clear()
        await asyncio.sleep(10)
        assert stage.speaker.name == "headset"

    on_stage(play, HandSounds("laptop", "headset"), no_microphone=True)


def test_a_speaker_that_was_left_off_can_be_picked_and_is_watched_from_then_on() -> None:
    async def play(stage: Stage) -> None:
        await asyncio.sleep(60)
        assert stage.events == []
        await stage.pick("output", "laptop")
        assert stage.changes == [("output", "laptop")]
        sounds.mute.add("laptop")
        await asyncio.sleep(NOTICED_S)

    sounds = HandSounds("laptop")
    stage = on_stage(play, sounds, no_speaker=True, no_microphone=True)
    assert stage.warnings == ["the speaker “laptop” has stopped; it is tried again"]


def test_a_pick_replaces_a_device_that_is_lost() -> None:
    async def play(stage: Stage) -> None:
        sounds.mute.add("laptop")
        await asyncio.sleep(20)
        await stage.pick("output", "monitor")
        await asyncio.sleep(60)
        assert stage.speaker.name == "monitor"

    sounds = HandSounds("laptop", "monitor")
    stage = on_stage(play, sounds, no_microphone=True)
    assert stage.changes == [("output", None), ("output", "monitor")]


def test_the_other_device_that_does_not_survive_a_pick_is_reported_and_looked_for() -> None:
    """A device that came later is opened after all were closed; one of those may not come back."""

    async def play(stage: Stage) -> None:
        sounds.plugged.append("headset")
        sounds.broken.add("laptop")
        await stage.pick("output", "headset")
        assert stage.speaker.name == "headset"
        sounds.broken.clear()
        await asyncio.sleep(10)

    sounds = HandSounds("laptop", default="laptop")
    stage = on_stage(play, sounds)
    assert stage.changes == [("output", "headset"), ("input", None), ("input", "laptop")]
    assert stage.warnings == ["the microphone “laptop” is gone; it is tried again"]


def test_a_microphone_that_gives_zeros_is_told_once_until_another_one_is_taken() -> None:
    async def play(stage: Stage) -> None:
        for _ in range(1200):
            stage.devices.heard(SILENCE)
        assert len(stage.warnings) == 1
        await stage.pick("input", "webcam")
        for _ in range(1200):
            stage.devices.heard(SILENCE)

    stage = on_stage(play, HandSounds("laptop", "webcam"))
    assert stage.warnings == [
        "the microphone “laptop” hears nothing at all, not even noise",
        "the microphone “webcam” hears nothing at all, not even noise",
    ]
    assert all(warned.hint for warned in stage.of(talk.Warned))


def test_a_microphone_that_clips_is_told_once() -> None:
    async def play(stage: Stage) -> None:
        for _ in range(300):
            stage.devices.heard(b"\xff\x7f" * (FRAME_BYTES // 2))

    stage = on_stage(play, HandSounds("laptop"))
    assert stage.warnings == [
        "the microphone “laptop” is too loud: its sound is cut off at the limit"
    ]
