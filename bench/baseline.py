"""What most samples for the Live API are: queues between PyAudio and the SDK, and nothing else.

Blocking reads of 1024 frames go up through a queue; what comes down goes through another into
blocking writes, and is thrown away when a turn ends. It is measured as the baseline.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pyaudio
from google import genai
from google.genai import types

MODEL = "gemini-3.8-live"
FORMAT = pyaudio.paInt16
SEND_RATE_HZ = 16_000
RECEIVE_RATE_HZ = 24_000
CHUNK_FRAMES = 1024
WAITING_CHUNKS = 5


class Sample:
    """One conversation, until its process is ended."""

    def __init__(self) -> None:
        self._sound = pyaudio.PyAudio()
        self._to_send: asyncio.Queue[bytes] = asyncio.Queue(maxsize=WAITING_CHUNKS)
        self._to_play: asyncio.Queue[bytes] = asyncio.Queue()

    async def run(self) -> None:
        client = genai.Client(api_key=os.environ["GOOGLE_API_KEY"])
        config = types.LiveConnectConfig(response_modalities=[types.Modality.AUDIO])
        live = client.aio.live.connect(model=MODEL, config=config)
        async with live as session, asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._send(session))
            tasks.create_task(self._receive(session))
            tasks.create_task(self._play())

    async def _listen(self) -> None:
        microphone = self._sound.get_default_input_device_info()
        stream = await asyncio.to_thread(
            self._sound.open,
            format=FORMAT,
            channels=1,
            rate=SEND_RATE_HZ,
            input=True,
            input_device_index=int(microphone["index"]),
            frames_per_buffer=CHUNK_FRAMES,
        )
        while True:
            chunk = await asyncio.to_thread(stream.read, CHUNK_FRAMES, exception_on_overflow=False)
            await self._to_send.put(chunk)

    async def _send(self, session: Any) -> None:
        while True:
            chunk = await self._to_send.get()
            blob = types.Blob(data=chunk, mime_type="audio/pcm;rate=16000")
            await session.send_realtime_input(audio=blob)

    async def _receive(self, session: Any) -> None:
        while True:
            async for message in session.receive():
                if message.data:
                    self._to_play.put_nowait(message.data)
            # The turn is over, or was interrupted: nothing of it is to be played any more.
            while not self._to_play.empty():
                self._to_play.get_nowait()

    async def _play(self) -> None:
        stream = await asyncio.to_thread(
            self._sound.open, format=FORMAT, channels=1, rate=RECEIVE_RATE_HZ, output=True
        )
        while True:
            chunk = await self._to_play.get()
            await asyncio.to_thread(stream.write, chunk)


if __name__ == "__main__":
    asyncio.run(Sample().run())
