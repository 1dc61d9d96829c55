"""Keeps a conversation in speaker and microphone: those that vanish come back or are replaced."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol, TypeVar

from voicecli.audio.device_choice import DEVICES_HINT, Direction, Pick
from voicecli.audio.device_watch import GONE_AFTER_S, LOOK_EVERY_S, Retries
from voicecli.audio.microphone import Microphone
from voicecli.audio.microphone_check import Fault, MicrophoneCheck
from voicecli.audio.sound_system import SoundSystem
from voicecli.audio.speaker import Speaker
from voicecli.errors import SoundDeviceError
from voicecli.talk import events as talk
from voicecli.talk.aside import aside
from voicecli.talk.device_slot import Rack, Slot, microphone_slot, speaker_slot

# A device that was opened calls within milliseconds; how finely that is waited for.
_FIRST_CALL_STEP_S = 0.02

Result = TypeVar("Result")


class Aside(Protocol):
    """Runs what blocks without blocking the event loop."""

    def __call__(self, work: Callable[[], Result]) -> Awaitable[Result]:
        """What `work` returns or raises."""


class Devices:
    """Watches the devices of one conversation; `run` does all of the work, one thing at a time."""

    def __init__(
        self,
        sounds: SoundSystem,
        speaker: Speaker,
        microphone: Microphone | None,
        *,
        wanted_output: str | None,
        wanted_input: str | None,
        emit: Callable[[talk.TalkEvent], None],
        now: Callable[[], float],
        aside: Aside = aside,
    ) -> None:
        """`now` gives seconds since the conversation began; the devices have been started.

        A speaker that stands for none is left alone until the user picks one.
        """
        slots = [speaker_slot(sounds, speaker, wanted_output)]
        if microphone is not None:
            slots.append(microphone_slot(sounds, microphone, wanted_input))
        self._rack = Rack(sounds, slots)
        self._emit = emit
        self._now = now
        self._aside = aside
        self._check = MicrophoneCheck()
        self._requests: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()

    def list_devices(self) -> None:
        """Look for the sound devices; `DevicesListed` follows, or `Warned`."""
        self._requests.put_nowait(self._list)

    def use_device(self, option: talk.DeviceOption) -> None:
        """Take another device; `DeviceChanged` follows, or `Warned`."""
        self._requests.put_nowait(partial(self._use, option))

    def heard(self, frame: bytes) -> None:
        """Take in a frame of the microphone, as it came from the device; `Warned` may follow."""
        fault = self._check.heard(frame)
        if fault is not None:
            self._emit(_warning(self._now(), fault, self._names()[Direction.INPUT]))

    async def run(self) -> None:
        """Keep the devices until cancelled."""
        while True:
            request = await self._next_request()
            if request is not None:
                await request()
            for slot in self._rack.slots:
                await self._look_after(slot)

    async def _next_request(self) -> Callable[[], Awaitable[None]] | None:
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                return await self._requests.get()
        except TimeoutError:
            return None

    async def _look_after(self, slot: Slot) -> None:
        if slot.retries is not None:
            if slot.retries.due(self._now()):
                await self._bring_back(slot, slot.retries)
        elif slot.name is not None and slot.pulse.stopped(slot.called_s(), self._now()):
            await self._lose(slot)

    async def _lose(self, slot: Slot) -> None:
        self._lost(slot, f"the {slot.kind} “{slot.name}” has stopped")
        await self._aside(slot.clear)
        self._changed(slot)

    async def _bring_back(self, slot: Slot, retries: Retries) -> None:
        before = self._names()
        opened = await self._aside(partial(self._rack.bring_back, slot))
        self._others_changed(slot, before)
        if opened and await self._calls(slot):
            slot.retries = None
            self._changed(slot)
            return
        if opened:
            await self._aside(slot.clear)
        retries.failed(self._now())

    async def _calls(self, slot: Slot) -> bool:
        """Whether the device that was just opened begins to call."""
        before_s, until_s = slot.called_s(), self._now() + GONE_AFTER_S
        while slot.called_s() == before_s:
            if self._now() >= until_s:
                return False
            await asyncio.sleep(_FIRST_CALL_STEP_S)
        return True

    async def _list(self) -> None:
        try:
            devices = await self._aside(self._rack.look)
        except SoundDeviceError as error:
            self._emit(talk.Warned(self._now(), str(error), error.hint))
            return
        names = self._names()
        options = tuple(
            talk.DeviceOption(
                slot.direction.value,
                device.index,
                device.name,
                default=device.is_default(slot.direction),
                current=device.name == names[slot.direction],
            )
            for slot in reversed(self._rack.slots)
            for device in devices
            if device.can(slot.direction)
        )
        self._emit(talk.DevicesListed(self._now(), options))

    async def _use(self, option: talk.DeviceOption) -> None:
        for slot in self._rack.slots:
            if slot.direction.value == option.direction:
                await self._take(slot, Pick(option.name, option.index))

    async def _take(self, slot: Slot, pick: Pick) -> None:
        before = self._names()
        try:
            await self._aside(partial(self._rack.take, slot, pick))
        except SoundDeviceError as error:
            self._emit(talk.Warned(self._now(), str(error), error.hint))
            if before[slot.direction] is not None and slot.name is None:
                # It was closed for the other one: what was wanted before comes back.
                slot.retries = Retries(self._now())
                self._changed(slot)
        else:
            slot.wanted, slot.retries = pick, None
            self._changed(slot)
        self._others_changed(slot, before)

    def _others_changed(self, slot: Slot, before: dict[Direction, str | None]) -> None:
        """Tell what became of the other slots, if a new list of devices had to close them."""
        for other in self._rack.slots:
            if other is slot or other.name == before[other.direction]:
                continue
            if other.name is None:
                self._lost(other, f"the {other.kind} “{before[other.direction]}” is gone")
            self._changed(other)

    def _lost(self, slot: Slot, message: str) -> None:
        slot.retries = Retries(self._now())
        self._emit(talk.Warned(self._now(), f"{message}; it is tried again", DEVICES_HINT))

    def _changed(self, slot: Slot) -> None:
        if slot.direction is Direction.INPUT:
            self._check = MicrophoneCheck()
        self._emit(talk.DeviceChanged(self._now(), slot.direction.value, slot.name))

    def _names(self) -> dict[Direction, str | None]:
        return {slot.direction: slot.name for slot in self._rack.slots}


def _warning(now_s: float, fault: Fault, name: str | None) -> talk.Warned:
    match fault:
        case Fault.DEAD:
            what = f"the microphone “{name}” hears nothing at all, not even noise"
            return talk.Warned(now_s, what, f"is it muted in the system? else: {DEVICES_HINT}")
        case Fault.CLIPPING:
            what = f"the microphone “{name}” is too loud: its sound is cut off at the limit"
            return talk.Warned(now_s, what, "turn its level down in the system's settings")
