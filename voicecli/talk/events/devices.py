"""What the user set at the microphone and the speaker, and which devices these are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class MuteChanged:
    """The microphone was muted or opened."""

    t_s: float
    muted: bool


@dataclass(frozen=True, slots=True)
class TalkingChanged:
    """With push-to-talk: the user tapped to talk, or tapped to send."""

    t_s: float
    talking: bool


@dataclass(frozen=True, slots=True)
class Ducked:
    """The voice went down since the user seems to speak over it, or came up again."""

    t_s: float
    ducked: bool


@dataclass(frozen=True, slots=True)
class VolumeChanged:
    """The speaker's volume, from 0 (silent) to 100 (as it came)."""

    t_s: float
    percent: int


@dataclass(frozen=True, slots=True)
class DeviceOption:
    """A sound device that can be picked; `current` if it is the one in use."""

    direction: Literal["input", "output"]
    index: int
    name: str
    default: bool
    current: bool


@dataclass(frozen=True, slots=True)
class DevicesListed:
    """The devices to pick from, as the user asked for; may be none."""

    t_s: float
    devices: tuple[DeviceOption, ...]


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    """Sound goes through another device, or the same one opened anew; None while there is none."""

    t_s: float
    direction: Literal["input", "output"]
    name: str | None
