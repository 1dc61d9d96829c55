"""The places of speaker and microphone in a conversation, and how another device gets there.

All of it blocks while devices open and close: `devices` calls it aside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from voicecli.audio.device_choice import DeviceInfo, Direction, Pick, Wanted
from voicecli.audio.device_watch import Pulse, Retries
from voicecli.audio.microphone import Microphone
from voicecli.audio.null_device import NullInput, NullOutput
from voicecli.audio.sound_system import SoundSystem
from voicecli.audio.speaker import Speaker
from voicecli.errors import SoundDeviceError


class Slot:
    """Where one device is: `name` says which, `retries` is there while it is lost."""

    def __init__(
        self,
        direction: Direction,
        wanted: Wanted,
        *,
        name: Callable[[], str | None],
        called_s: Callable[[], float],
        opened: Callable[[Wanted], Callable[[], None]],
        clear: Callable[[], None],
    ) -> None:
        """`opened` opens a device, or raises SoundDeviceError, and gives what puts it in place."""
        self.direction = direction
        self.wanted = wanted
        self.pulse = Pulse()
        self.retries: Retries | None = None
        self.called_s = called_s
        """When the device last called, by the clock of its owner."""
        self.clear = clear
        """Put a device there that stands for none."""
        self._name = name
        self._opened = opened

    @property
    def kind(self) -> str:
        """What the user calls it."""
        return "speaker" if self.direction is Direction.OUTPUT else "microphone"

    @property
    def name(self) -> str | None:
        """The device that is there, as the user knows it."""
        return self._name()

    def put(self, wanted: Wanted) -> None:
        """Put the device there that `wanted` means.

        Raises SoundDeviceError: then the one before is still there, or one that stands for none.
        """
        put_in_place = self._opened(wanted)
        try:
            put_in_place()
        except SoundDeviceError:
            self.clear()
            raise

    def put_first(self, wishes: Sequence[Wanted]) -> bool:
        """Put the first of `wishes` there that can be opened; whether there was one."""
        for wanted in wishes:
            try:
                self.put(wanted)
            except SoundDeviceError:
                continue
            return True
        return False


def speaker_slot(sounds: SoundSystem, speaker: Speaker, wanted: str | None) -> Slot:
    """The place of the speaker; while it is lost, silence keeps time."""
    return Slot(
        Direction.OUTPUT,
        wanted,
        name=lambda: speaker.name,
        called_s=lambda: speaker.asked_s,
        opened=lambda spec: partial(speaker.replace_device, sounds.open_output(spec)),
        clear=lambda: speaker.replace_device(NullOutput()),
    )


def microphone_slot(sounds: SoundSystem, microphone: Microphone, wanted: str | None) -> Slot:
    """The place of the microphone; while it is lost, nothing is heard."""
    return Slot(
        Direction.INPUT,
        wanted,
        name=lambda: microphone.name,
        called_s=lambda: microphone.delivered_s,
        opened=lambda spec: partial(microphone.replace_device, sounds.open_input(spec)),
        clear=lambda: microphone.replace_device(NullInput()),
    )


class Rack:
    """The slots of one conversation, and the list of devices that they share.

    What came after the first device was opened can be opened only once all are closed. That breaks
    what plays and records for some ten milliseconds, so it is done only for news.
    """

    def __init__(self, sounds: SoundSystem, slots: Sequence[Slot]) -> None:
        self._sounds = sounds
        self.slots = slots
        self._seen: list[DeviceInfo] = []

    def look(self) -> Sequence[DeviceInfo]:
        """The devices of now. Raises SoundDeviceError."""
        return self._sounds.look()

    def bring_back(self, slot: Slot) -> bool:
        """Put into a slot what the user wants there, else the default; whether that went well."""
        if slot.put_first([slot.wanted]):
            return True
        if self._news():
            return self._renewed(slot, [slot.wanted, None])
        return slot.wanted is not None and slot.put_first([None])

    def take(self, slot: Slot, pick: Pick) -> None:
        """Put `pick` into a slot. Raises SoundDeviceError, as `Slot.put` does."""
        try:
            slot.put(pick)
        except SoundDeviceError:
            if not self._news() or not self._renewed(slot, [pick]):
                raise

    def _news(self) -> bool:
        """Whether there are devices that can be opened only after all are closed.

        The same list is no news twice: the two ways to look may differ in what they can see.
        """
        try:
            now, known = list(self._sounds.look()), list(self._sounds.known())
        except SoundDeviceError:
            return False
        news = bool(now) and now not in (known, self._seen)
        self._seen = now
        return news

    def _renewed(self, slot: Slot, wishes: Sequence[Wanted]) -> bool:
        """Close all, and open `slot` with one of `wishes` and the others as they were."""
        others = [(other, other.name) for other in self.slots if other is not slot]
        for each in self.slots:
            each.clear()
        for other, name in others:
            if name is not None:
                # By its name alone: indices are new now.
                other.put_first([Pick(name, -1), other.wanted, None])
        return slot.put_first(wishes)
