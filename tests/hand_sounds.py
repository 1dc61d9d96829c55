"""A machine whose sound devices are plugged in and pulled out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sound_pieces import HandInput, HandOutput

from voicecli.audio.device import Deliver, Fill
from voicecli.audio.device_choice import DeviceInfo, Direction, Wanted, choose_device
from voicecli.errors import SoundDeviceError


class PluggedOutput(HandOutput):
    """A speaker that can be pulled out: it then says nothing, as real ones do."""

    def __init__(self, sounds: HandSounds, name: str) -> None:
        super().__init__()
        self.name = name
        self._sounds = sounds

    def start(self, fill: Fill) -> None:
        self._sounds.begin(self.name)
        super().start(fill)

    def close(self) -> None:
        super().close()
        self._sounds.end(self)


class PluggedInput(HandInput):
    """A microphone that can be pulled out."""

    def __init__(self, sounds: HandSounds, name: str) -> None:
        super().__init__()
        self.name = name
        self._sounds = sounds

    def start(self, deliver: Deliver) -> None:
        self._sounds.begin(self.name)
        super().start(deliver)

    def close(self) -> None:
        super().close()
        self._sounds.end(self)


class HandSounds:
    """Like PortAudio: what is plugged in later can be opened once everything was closed.

    Of those that are `plugged` in, the `broken` ones do not start (what runs goes on), and the
    `mute` ones do not call.
    """

    def __init__(self, *names: str, default: str | None = None) -> None:
        self.plugged = list(names)
        self.default = default
        self.broken: set[str] = set()
        self.mute: set[str] = set()
        self.unseen_by_look: set[str] = set()
        self.deaf_to_look = False
        self.looks = 0
        self.outputs: list[PluggedOutput] = []
        self.inputs: list[PluggedInput] = []
        self._open: list[object] = []
        self._frozen: list[DeviceInfo] = []

    def known(self) -> Sequence[DeviceInfo]:
        return self._frozen if self._open else self._there()

    def look(self) -> Sequence[DeviceInfo]:
        self.looks += 1
        if self.deaf_to_look:
            raise SoundDeviceError("the sound devices cannot be listed")
        return [device for device in self._there() if device.name not in self.unseen_by_look]

    def open_output(self, wanted: Wanted) -> PluggedOutput:
        device = PluggedOutput(self, self._chosen(wanted, Direction.OUTPUT))
        self._opened(device)
        self.outputs.append(device)
        return device

    def open_input(self, wanted: Wanted) -> PluggedInput:
        device = PluggedInput(self, self._chosen(wanted, Direction.INPUT))
        self._opened(device)
        self.inputs.append(device)
        return device

    def begin(self, name: str) -> None:
        if name not in self.plugged or name in self.broken:
            raise SoundDeviceError(f"the device “{name}” cannot be opened")

    def end(self, device: object) -> None:
        self._open = [other for other in self._open if other is not device]

    def call(self) -> None:
        """Every device that is open, plugged in and not mute calls once."""
        for device in self._open:
            if isinstance(device, PluggedOutput) and self._calls(device.name):
                device.ask(120)
            if isinstance(device, PluggedInput) and self._calls(device.name):
                device.hear(bytes(320))

    def _calls(self, name: str) -> bool:
        return name in self.plugged and name not in self.mute

    def _opened(self, device: object) -> None:
        if not self._open:
            self._frozen = self._there()
        self._open.append(device)

    def _chosen(self, wanted: Wanted, direction: Direction) -> str:
        return choose_device(self.known(), wanted, direction).name

    def _there(self) -> list[DeviceInfo]:
        devices = [DeviceInfo(at, name, "Hand", 1, 1) for at, name in enumerate(self.plugged)]
        return [
            replace(device, default_input=True, default_output=True)
            if device.name == (self.default or self.plugged[0])
            else device
            for device in devices
        ]
