"""Opens the sound devices that a conversation wants, or silent ones in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicecli.errors import SoundDeviceError

if TYPE_CHECKING:
    from voicecli.audio.device import InputDevice, OutputDevice


def open_sound(
    speaker: str | None, microphone: str | None, *, no_speaker: bool, no_microphone: bool
) -> tuple[OutputDevice, InputDevice | None]:
    """The speaker and the microphone that these name, for a person who speaks.

    A speaker that is off keeps time in silence. Raises SoundDeviceError, which tells of both where
    the system has neither.
    """
    from voicecli.audio.device_choice import no_device_at_all
    from voicecli.audio.null_device import NullOutput
    from voicecli.audio.sound_system import PortAudioSystem

    sounds = PortAudioSystem()
    output: OutputDevice | None = None
    try:
        output = NullOutput() if no_speaker else sounds.open_output(speaker)
        return output, None if no_microphone else sounds.open_input(microphone)
    except SoundDeviceError as error:
        if output is not None:
            output.close()
        raise error if sounds.look() else no_device_at_all() from error


def open_speaker_or_none(
    wanted: str | None, *, no_speaker: bool
) -> tuple[OutputDevice, SoundDeviceError | None]:
    """The speaker for a script, which goes on in silence without one: then with what to warn of."""
    from voicecli.audio.null_device import NullOutput
    from voicecli.audio.sound_system import PortAudioSystem

    if no_speaker:
        return NullOutput(), None
    try:
        return PortAudioSystem().open_output(wanted), None
    except SoundDeviceError as error:
        return NullOutput(), error


def no_sound(missing: SoundDeviceError | None) -> tuple[tuple[str, str], ...]:
    """The warning, with its hint, that nothing is heard; none if there is a speaker."""
    return () if missing is None else ((f"no sound: {missing}", missing.hint),)
