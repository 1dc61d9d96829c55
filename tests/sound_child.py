"""A process that uses the sound card of its environment; the tests read what it reports.

`sound_child.py play FILE` plays raw 24 kHz PCM to its end, `flush FILE SECONDS` cuts it off,
`listen FRAMES` records, `open output|input [DEVICE]` only tries to, `misbehave` has a source that
does what none should, `list` lists the devices. Each prints JSON lines; times are
`time.monotonic()`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path

from voicecli.audio.microphone import Microphone
from voicecli.audio.pyaudio_device import list_devices, open_input, open_output
from voicecli.audio.speaker import Speaker
from voicecli.errors import SoundDeviceError

CHUNK_BYTES = 9_600  # 200 ms, as the Live API sends them


def report(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


async def started_speaker() -> Speaker:
    speaker = Speaker(open_output(None))
    speaker.start()
    # A stream that has just begun fills its buffer; what is measured is one that runs.
    await asyncio.sleep(0.3)
    return speaker


async def play(pcm: bytes) -> None:
    speaker = await started_speaker()
    pushed_s = time.monotonic()
    for start in range(0, len(pcm), CHUNK_BYTES):
        speaker.play(pcm[start : start + CHUNK_BYTES], 24_000)
    speaker.end_of_reply()
    try:
        await speaker.drained()
    except SoundDeviceError as error:
        report(error=str(error))
        return
    finally:
        speaker.close()
    report(
        pushed_s=pushed_s,
        drained_s=time.monotonic(),
        played=speaker.played_samples,
        heard=speaker.heard_samples,
    )


async def flush(pcm: bytes, after_s: float) -> None:
    speaker = await started_speaker()
    speaker.play(pcm, 24_000)
    await asyncio.sleep(after_s)
    flushed_s = time.monotonic()
    flushed = speaker.flush()
    await speaker.drained()
    report(
        flushed_s=flushed_s,
        dropped=flushed.dropped_samples,
        faded=flushed.faded_samples,
        played=speaker.played_samples,
    )
    # The stream stays open: the silence that is measured is not that of a closed one.
    await asyncio.to_thread(sys.stdin.read)
    speaker.close()


async def listen(frame_count: int) -> None:
    microphone = Microphone(open_input(None))
    microphone.start()
    heard: list[tuple[float, bytes]] = []
    async for frame in microphone.frames():
        if not heard:
            report(listening_s=time.monotonic())
        heard.append((time.monotonic(), frame))
        if len(heard) == frame_count:
            microphone.close()
    report(
        times_s=[at_s for at_s, _ in heard],
        pcm=b"".join(frame for _, frame in heard).hex(),
        dropped=microphone.dropped_frames,
    )


def try_to_open(direction: str, spec: str | None) -> None:
    try:
        if direction == "output":
            speaker = Speaker(open_output(spec))
            speaker.start()
            speaker.close()
            report(name=speaker.name)
        else:
            microphone = Microphone(open_input(spec))
            microphone.start()
            microphone.close()
            report(name=microphone.name)
    except SoundDeviceError as error:
        report(error=str(error), hint=error.hint)


def misbehave() -> None:
    """A source that gives too little, then too much, then raises: how often it is asked."""
    output = open_output(None)
    asked = 0
    raised = threading.Event()

    def fill(n_samples: int) -> bytes:
        nonlocal asked
        asked += 1
        if asked <= 10:
            return bytes(n_samples // 2)
        if asked <= 20:
            return bytes(n_samples * 7)
        raised.set()
        raise RuntimeError("no sound today")

    output.start(fill)
    in_time = raised.wait(10)
    output.close()
    output.close()
    report(asked=asked, in_time=in_time)


def main(what: str, *arguments: str) -> None:
    match what:
        case "play":
            asyncio.run(play(Path(arguments[0]).read_bytes()))
        case "flush":
            asyncio.run(flush(Path(arguments[0]).read_bytes(), float(arguments[1])))
        case "listen":
            asyncio.run(listen(int(arguments[0])))
        case "open":
            try_to_open(arguments[0], arguments[1] if arguments[1:] else None)
        case "misbehave":
            misbehave()
        case "list":
            report(devices=[asdict(device) for device in list_devices()])
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
