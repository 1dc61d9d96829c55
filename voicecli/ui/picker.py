"""Choosing a sound device in the middle of a conversation: a list with a cursor. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from voicecli.talk.events import DeviceOption
from voicecli.ui.action import Action, Use
from voicecli.ui.keys import Key


@dataclass(frozen=True, slots=True)
class Picker:
    """`devices`, at least one, microphones first, with the cursor on `devices[at]`."""

    devices: tuple[DeviceOption, ...]
    at: int = 0

    @property
    def chosen(self) -> DeviceOption:
        """The device under the cursor."""
        return self.devices[self.at]

    def moved(self, by: int) -> Picker:
        """The cursor `by` devices further down, or at the end of the list."""
        return replace(self, at=min(max(self.at + by, 0), len(self.devices) - 1))


def opened(devices: tuple[DeviceOption, ...], before: Picker | None = None) -> Picker | None:
    """A picker of `devices`; its cursor is where that of `before` was, or on what is in use.

    None if there is nothing to pick.
    """
    if not devices:
        return None
    grouped = sorted(devices, key=lambda device: device.direction)  # "input" before "output"
    if before is not None:
        sought = _identity(before.chosen)
        places = [at for at, device in enumerate(grouped) if _identity(device) == sought]
    else:
        places = [at for at, device in enumerate(grouped) if device.current]
    return Picker(tuple(grouped), places[0] if places else 0)


def pick(picker: Picker, key: Key) -> tuple[Picker | None, Action | None]:
    """What `key` does while the picker is open."""
    match key:
        case Key("up") | Key("char", "k" | "K"):
            return picker.moved(-1), None
        case Key("down") | Key("char", "j" | "J"):
            return picker.moved(1), None
        case Key("enter"):
            return None, Use(picker.chosen)
        case Key("esc") | Key("char", "d" | "D"):
            return None, None
        case Key("char", "q" | "Q") | Key("ctrl-d") | Key("hangup"):
            return picker, "quit"
        case _:
            return picker, None


def _identity(device: DeviceOption) -> tuple[str, int, str]:
    return device.direction, device.index, device.name
