"""A process that uses the sound card of its environment; the tests read what it reports.

`sound_child.py play FILE` plays raw 24 kHz PCM to its end, `flush FILE SECONDS` cuts it off,
`listen FRAMES` records, `open output|input [DEVICE]` only tries to, `misbehave` has a source that
does what none should, `stutter` one that is slow and `remember` one that counts, `list` lists the
devices, `look` does so too while one is open, `keep` plays noise and records, through whatever
happens to the devices, until its standard input ends. Each prints JSON lines; times are
`time.monotonic()`.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path

from voicecli.audio.microphone import Microphone
from voicecli.audio.pyaudio_device import list_devices, open_input, open_output
from voicecli.audio.sound_system import PortAudioSystem
from voicecli.audio.speaker import Speaker
from voicecli.errors import SoundDeviceError
from voicecli.talk.aside import aside
from voicecli.talk.devices import Devices

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


def remember() -> None:
    """A source that counts in what Python keeps for a thread: how far it comes in 20 calls."""
    output = open_output(None)
    local = threading.local()
    counted = threading.Event()

    def fill(n_samples: int) -> bytes:
        local.count = getattr(local, "count", 0) + 1
        if local.count == 20:
            counted.set()
        return bytes(2 * n_samples)

    output.start(fill)
    in_time = counted.wait(10)
    output.close()
    report(in_time=in_time)


def stutter() -> None:
    """A source that is slow, as on a busy machine: in which steps it is asked, first and last."""
    output = open_output(None)
    periods: list[int] = []
    changed = threading.Event()

    def fill(n_samples: int) -> bytes:
        if n_samples not in periods:
            periods.append(n_samples)
        if len(periods) > 1:
            changed.set()
        else:
            time.sleep(2 * n_samples / 24_000)
        return bytes(2 * n_samples)

    output.start(fill)
    short_s = output.latency_s
    changed.wait(20)
    # Long enough for the stream that has just begun to say what its latency is.
    time.sleep(0.2)
    report(periods=periods, latency_s=[short_s, output.latency_s])
    output.close()


def look() -> None:
    """Once told to go on, what is seen from in here and from outside, and what that costs."""
    output = open_output(None)
    sounds = PortAudioSystem()
    report(known=[device.name for device in sounds.known()])
    sys.stdin.readline()
    report(
        known=[device.name for device in sounds.known()],
        look=[device.name for device in sounds.look()],
    )
    output.close()
    report(
        known=[device.name for device in sounds.known()],
        look=[device.name for device in sounds.look()],
    )


async def keep() -> None:
    sounds = PortAudioSystem()
    speaker, microphone = Speaker(sounds.open_output(None)), Microphone(sounds.open_input(None))
    speaker.start()
    microphone.start()
    devices = Devices(
        sounds,
        speaker,
        microphone,
        wanted_output=None,
        wanted_input=None,
        emit=lambda event: report(type=type(event).__name__, **asdict(event)),
        now=time.monotonic,
    )
    tasks = [asyncio.create_task(devices.run()), asyncio.create_task(make_noise(speaker))]
    report(began=True)
    async with asyncio.timeout(60):
        await aside(sys.stdin.readline)
        before_s = microphone.delivered_s
        await asyncio.sleep(0.5)
        report(delivering=microphone.delivered_s > before_s, played=speaker.played_samples)
        await aside(sys.stdin.read)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    speaker.close()
    microphone.close()


async def make_noise(speaker: Speaker) -> None:
    piece = random.Random(5).randbytes(CHUNK_BYTES)
    while True:
        while speaker.queued_s < 0.5:
            speaker.play(piece, 24_000)
        await asyncio.sleep(0.1)


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
        case "remember":
            remember()
        case "stutter":
            stutter()
        case "look":
            look()
        case "keep":
            asyncio.run(keep())
        case "list":
            report(devices=[asdict(device) for device in list_devices()])
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
