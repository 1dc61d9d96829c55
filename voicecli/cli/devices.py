"""`voicecli devices`: the microphones and speakers that the other commands can use."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from voicecli.audio.device_choice import DeviceInfo


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the sound devices, for --input-device and --output-device; `*` marks the default."""
    from voicecli.audio.device_choice import no_device_at_all
    from voicecli.audio.pyaudio_device import list_devices

    devices = list_devices()
    if not devices:
        raise no_device_at_all()
    if as_json:
        print(json_of(devices))
        return
    print(text_of(devices))
    print("\nName one by its index or a part of its name.", file=sys.stderr)


def text_of(devices: Sequence[DeviceInfo]) -> str:
    """Inputs, then outputs, a line each: the default's mark, index, name and sound system."""
    from voicecli.audio.device_choice import Direction

    lines = []
    for direction in Direction:
        lines.append(f"{direction}s")
        usable = [device for device in devices if device.can(direction)]
        for device in usable:
            mark = "*" if device.is_default(direction) else " "
            lines.append(f"{mark} {device.index:>3}  {device.name}  ({device.system})")
        if not usable:
            lines.append("       none")
    return "\n".join(lines)


def json_of(devices: Sequence[DeviceInfo]) -> str:
    """One object with the lists `inputs` and `outputs`."""
    from voicecli.audio.device_choice import Direction

    return json.dumps(
        {
            f"{direction}s": [
                {
                    "index": device.index,
                    "name": device.name,
                    "system": device.system,
                    "default": device.is_default(direction),
                }
                for device in devices
                if device.can(direction)
            ]
            for direction in Direction
        },
        ensure_ascii=False,
    )
