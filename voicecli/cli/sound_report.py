"""What `voicecli doctor` found, in words and in fields."""

from __future__ import annotations

from dataclasses import dataclass

from voicecli.audio.device_choice import Direction, choose_device, no_device_at_all
from voicecli.audio.echo_canceller import EchoCanceller, open_canceller
from voicecli.audio.echo_probe import EchoFound, Verdict, verdict
from voicecli.audio.pcm import MIC_RATE_HZ, SPEAKER_RATE_HZ
from voicecli.audio.sound_system import PortAudioSystem
from voicecli.errors import SoundDeviceError
from voicecli.settings import Settings
from voicecli.talk.events import Echo

ADVICE = {
    Verdict.NO_ECHO: "not needed: the microphone does not hear the speaker, as with headphones",
    Verdict.NOT_NEEDED: "not needed: speak over the model, and it stops",
    Verdict.ADVISABLE: "advisable: what is left of the echo may be taken for you",
    Verdict.NEEDED: "needed to interrupt by speaking; without them, use the keys",
}


@dataclass(frozen=True, slots=True)
class Sound:
    """What a conversation would use."""

    microphone: str | None
    speaker: str | None
    echo: Echo
    canceller: EchoCanceller | None
    reason: str
    """Why the echo is not cancelled; empty if it is."""
    missing: SoundDeviceError | None
    """What is wrong with a device that cannot be found."""


def look(settings: Settings) -> Sound:
    """What a conversation with `settings` would use. Raises SoundDeviceError without PyAudio."""
    devices = PortAudioSystem().look()
    names: list[str | None] = []
    missing: SoundDeviceError | None = None
    wanted = (Direction.INPUT, settings.input_device), (Direction.OUTPUT, settings.output_device)
    for direction, spec in wanted:
        try:
            names.append(choose_device(devices, spec, direction).name)
        except SoundDeviceError as error:
            names.append(None)
            missing = missing or error
    if missing is not None and not devices:
        missing = no_device_at_all()
    echo, canceller, reason = _echo(settings)
    return Sound(names[0], names[1], echo, canceller, reason, missing)


def text(sound: Sound) -> str:
    """A line for each device and for the echo."""
    echo = f"{sound.echo} ({sound.reason})" if sound.reason else str(sound.echo)
    return "\n".join(
        (
            f"microphone  {_device(sound.microphone, MIC_RATE_HZ)}",
            f"speaker     {_device(sound.speaker, SPEAKER_RATE_HZ)}",
            f"echo        {echo}",
        )
    )


def fields(sound: Sound) -> dict[str, object]:
    """The same for `--json`."""
    return {
        "microphone": sound.microphone and {"name": sound.microphone, "rate_hz": MIC_RATE_HZ},
        "speaker": sound.speaker and {"name": sound.speaker, "rate_hz": SPEAKER_RATE_HZ},
        "echo_mode": str(sound.echo),
        "echo_mode_reason": sound.reason or None,
    }


def echo_text(found: EchoFound | None) -> str:
    """What the test sound told, in plain words."""
    lines = ["delay       no echo is heard"]
    if found is not None:
        loudness = f"{abs(found.level_db):.0f} dB {'softer' if found.level_db < 0 else 'louder'}"
        lines = [
            f"delay       {found.delay_ms:.0f} ms",
            f"loudness    {loudness} at the microphone than what is played",
        ]
        if found.cancelled_db is not None:
            left_db = found.level_db - found.cancelled_db
            cancelled = f"{found.cancelled_db:.0f} dB of it cancelled, {left_db:.0f} dB is left"
            lines.append(f"cancelled   {cancelled}")
    return "\n".join((*lines, f"headphones  {ADVICE[verdict(found)]}"))


def echo_fields(found: EchoFound | None) -> dict[str, object]:
    """The same for `--json`; `echo` is null where none is heard."""
    echo = None
    if found is not None:
        cancelled_db = found.cancelled_db
        echo = {
            "delay_ms": round(found.delay_ms, 1),
            "level_db": round(found.level_db, 1),
            "cancelled_db": None if cancelled_db is None else round(cancelled_db, 1),
        }
    return {"echo": echo, "headphones": str(verdict(found))}


def _echo(settings: Settings) -> tuple[Echo, EchoCanceller | None, str]:
    if settings.headphones:
        return Echo.HEADPHONES, None, "as the settings say"
    if not settings.echo_cancel:
        return Echo.HALF_DUPLEX, None, "echo cancellation is switched off"
    try:
        return Echo.CANCELLED, open_canceller(), ""
    except SoundDeviceError as error:
        return Echo.HALF_DUPLEX, None, error.why


def _device(name: str | None, rate_hz: int) -> str:
    return "none" if name is None else f"{name}, {rate_hz / 1000:.0f} kHz"
