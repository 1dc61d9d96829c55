"""The seam to the system's sound as a whole: which devices there are, and opening one of them.

A running conversation asks for devices here, so that its tests can pull out a device by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from voicecli.audio.device import InputDevice, OutputDevice
from voicecli.audio.device_choice import DeviceInfo, Wanted


class SoundSystem(Protocol):
    """Lists and opens devices; every call may block, for a second or two, and from any thread.

    What is opened is one of `known`. Once every device is closed, `known` is what `look` gives.
    """

    def known(self) -> Sequence[DeviceInfo]:
        """The devices that can be opened while others stay open. Raises SoundDeviceError."""

    def look(self) -> Sequence[DeviceInfo]:
        """The devices that there are at this moment. Raises SoundDeviceError."""

    def open_output(self, wanted: Wanted) -> OutputDevice:
        """The speaker that `wanted` means, silent until started. Raises SoundDeviceError."""

    def open_input(self, wanted: Wanted) -> InputDevice:
        """The microphone that `wanted` means, deaf until started. Raises SoundDeviceError."""


class PortAudioSystem:
    """The sound of the machine, through PortAudio."""

    def known(self) -> Sequence[DeviceInfo]:
        """The devices of the time at which the first of the open ones was opened."""
        from voicecli.audio.pyaudio_device import list_devices

        return list_devices()

    def look(self) -> Sequence[DeviceInfo]:
        """The devices of now, through a process of its own while one is open in this one."""
        from voicecli.audio.device_look import look
        from voicecli.audio.portaudio import in_session
        from voicecli.audio.pyaudio_device import list_devices

        return look() if in_session() else list_devices()

    def open_output(self, wanted: Wanted) -> OutputDevice:
        """The speaker that `wanted` means."""
        from voicecli.audio.pyaudio_device import open_output

        return open_output(wanted)

    def open_input(self, wanted: Wanted) -> InputDevice:
        """The microphone that `wanted` means."""
        from voicecli.audio.pyaudio_device import open_input

        return open_input(wanted)
