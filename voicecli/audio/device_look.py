"""The sound devices as they are now, also those that came while others were open.

PortAudio lists devices when it is initialised, and is initialised anew only when all its streams
are closed. A process of its own sees what is new in some 150 ms and leaves what plays alone.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict

from voicecli.audio.device_choice import DeviceInfo
from voicecli.errors import SoundDeviceError

# Drivers that look for cards take a second or two; a sound server that is stopped, for ever.
DEADLINE_S = 10.0


def look() -> list[DeviceInfo]:
    """What `list_devices` gives in a process that has nothing open. Raises SoundDeviceError."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is not meant for it
            timeout=DEADLINE_S,
            check=True,
        )
        return [DeviceInfo(**device) for device in json.loads(done.stdout)]
    except (OSError, ValueError, TypeError, subprocess.SubprocessError) as error:
        raise SoundDeviceError(
            "the sound devices cannot be listed",
            why="the process that looks for them failed or took too long",
            hint="voicecli devices",
        ) from error


if __name__ == "__main__":
    from voicecli.audio.pyaudio_device import list_devices

    json.dump([asdict(device) for device in list_devices()], sys.stdout)
