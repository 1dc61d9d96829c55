"""Opens the sound devices that a conversation wants, or silent ones in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicecli.errors import SoundDeviceError

if TYPE_CHECKING:
    from voicecli.audio.device import InputDevice, OutputDevice


def open_speaker(
    wanted: str | None, *, off: bool, needed: bool
) -> tuple[OutputDevice, SoundDeviceError | None]:
    """The speaker that `wanted` names, or a silent one that keeps time if it is `off`.

    Where there is none: raises SoundDeviceError if it is `needed`, else gives the silent one
    and the error to warn of.
    """
    from voicecli.audio.null_device import NullOutput
    from voicecli.audio.pyaudio_device import open_output

    if off:
        return NullOutput(), None
    try:
        return open_output(wanted), None
    except SoundDeviceError as error:
        if needed:
            raise
        return NullOutput(), error


def open_microphone(wanted: str | None) -> InputDevice:
    """The microphone that `wanted` names. Raises SoundDeviceError."""
    from voicecli.audio.pyaudio_device import open_input

    return open_input(wanted)
