"""Which sound device the user means: an index, a name, or a part of one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from voicecli.errors import SoundDeviceError

DEVICES_HINT = "voicecli devices"


class Direction(StrEnum):
    """What a device is used for."""

    INPUT = "input"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """A sound device as the system lists it; one with both kinds of channels does both."""

    index: int
    name: str
    system: str
    input_channels: int
    output_channels: int
    default_input: bool = False
    default_output: bool = False

    def can(self, direction: Direction) -> bool:
        """Whether it has channels for `direction`."""
        if direction is Direction.INPUT:
            return self.input_channels > 0
        return self.output_channels > 0

    def is_default(self, direction: Direction) -> bool:
        """Whether it is taken when the user names none."""
        return self.default_input if direction is Direction.INPUT else self.default_output


@dataclass(frozen=True, slots=True)
class Pick:
    """A device out of an earlier list: its name decides, the index only between namesakes.

    Indices are given anew whenever a device comes or goes, so one alone might mean another.
    """

    name: str
    index: int

    def __str__(self) -> str:
        return self.name


Wanted = str | Pick | None
"""What the user wants to hear with or speak into: a part of a name, a pick, or the default."""


def choose_device(devices: Sequence[DeviceInfo], spec: Wanted, direction: Direction) -> DeviceInfo:
    """The device that `spec` means: an index, a name, or a part of a name in any case.

    None means the default. An exact name goes before a part of one, and of several the one that
    the default device's sound system lists (Windows lists each device once per system).
    Raises SoundDeviceError, which names the candidates.
    """
    usable = [device for device in devices if device.can(direction)]
    if not usable:
        raise _none_at_all(direction)
    default = next((device for device in usable if device.is_default(direction)), usable[0])
    if spec is None:
        return default
    matches = _picked(usable, spec) if isinstance(spec, Pick) else _matching(usable, spec.strip())
    if len(matches) > 1:
        same_system = [device for device in matches if device.system == default.system]
        matches = same_system if len(same_system) == 1 else matches
    if len(matches) == 1:
        return matches[0]
    candidates = ", ".join(f"{device.index} {device.name}" for device in matches or usable)
    raise SoundDeviceError(
        f"“{spec}” is {'more than one' if matches else 'no'} {direction} device",
        why=f"{'it fits' if matches else 'there are'}: {candidates}",
        hint=DEVICES_HINT,
    )


def _matching(devices: Sequence[DeviceInfo], spec: str) -> list[DeviceInfo]:
    if spec.isdecimal() and (by_index := [d for d in devices if d.index == int(spec)]):
        return by_index
    wanted = spec.casefold()
    if exact := [device for device in devices if device.name.casefold() == wanted]:
        return exact
    return [device for device in devices if wanted and wanted in device.name.casefold()]


def _picked(devices: Sequence[DeviceInfo], pick: Pick) -> list[DeviceInfo]:
    named = [device for device in devices if device.name == pick.name]
    return [device for device in named if device.index == pick.index] or named


def _none_at_all(direction: Direction) -> SoundDeviceError:
    kind = "microphone" if direction is Direction.INPUT else "speaker"
    flag = "--no-mic" if direction is Direction.INPUT else "--no-speaker"
    return SoundDeviceError(
        f"there is no {kind}",
        why="the system lists no sound device for it",
        hint=f"plug one in, start the sound server, or add {flag} to go on without",
    )


def no_device_at_all() -> SoundDeviceError:
    """The error where the system has no sound: what helps there is another way to talk."""
    return SoundDeviceError(
        "there is no sound device",
        why="the system lists neither a microphone nor a speaker",
        hint='`voicecli talk --text "hello"` needs none; to type, add --no-mic --no-speaker',
    )
