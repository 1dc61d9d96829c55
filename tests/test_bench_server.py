"""The benchmark's server with the real SDK: it says what it is told, and keeps the times."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from threading import Thread
from typing import Any

import numpy as np
import pytest
from google.genai import types
from google.genai.live import AsyncSession
from local_sdk import LIVE, client_for

from bench.arrivals import Pattern, arrivals
from bench.call import Call
from bench.server import BenchServer
from bench.signals import RATE_HZ, voiced

DEADLINE_S = 30.0


@pytest.fixture
def server() -> Iterator[BenchServer]:
    with BenchServer() as server:
        yield server


class Client:
    """An SDK session in a thread; keeps what it received."""

    def __init__(self, server: BenchServer) -> None:
        self.messages: list[tuple[float, types.LiveServerMessage]] = []
        self._server = server
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._session: AsyncSession | None = None
        self._thread = Thread(target=self._loop.run_until_complete, args=(self._run(),))

    def __enter__(self) -> Call:
        self._server.expect_client()
        self._thread.start()
        return self._server.wait_for_call(DEADLINE_S)

    def __exit__(self, *error: object) -> None:
        self.leave()

    def leave(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(DEADLINE_S)
        self._loop.close() if not self._loop.is_closed() else None

    def send(self, pcm: bytes) -> None:
        blob = types.Blob(data=pcm, mime_type="audio/pcm;rate=16000")
        self.do(self.session.send_realtime_input(audio=blob))

    def do(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(DEADLINE_S)

    @property
    def session(self) -> AsyncSession:
        wait_for(lambda: self._session is not None)
        assert self._session is not None
        return self._session

    def sound(self) -> bytes:
        return b"".join(message.data or b"" for _, message in self.messages)

    def facts(self) -> list[str]:
        found: list[str] = []
        for _, message in self.messages:
            content = message.server_content
            for name in ("interrupted", "generation_complete", "turn_complete"):
                if content is not None and getattr(content, name):
                    found.append(name)
        return found

    async def _run(self) -> None:
        client = client_for(self._server.base_url, self._server.ca_file)
        config = types.LiveConnectConfig(response_modalities=[types.Modality.AUDIO])
        async with client.aio.live.connect(model=LIVE, config=config) as self._session:
            reading = asyncio.create_task(self._read(self._session))
            await self._stop.wait()
            reading.cancel()

    async def _read(self, session: AsyncSession) -> None:
        while True:
            async for message in session.receive():
                self.messages.append((time.monotonic(), message))


def wait_for(condition: Any) -> None:
    deadline_s = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(0.005)


def test_a_reply_arrives_whole_and_its_turn_ends_after_it_was_played(server: BenchServer) -> None:
    pcm = voiced(0.4, 0)
    client = Client(server)
    with client:
        reply = server.say(pcm, arrivals(len(pcm), Pattern(chunk_ms=40)))
        wait_for(lambda: "turn_complete" in client.facts())
        ended_s = client.messages[-1][0]

    assert client.sound() == pcm.tobytes()
    assert client.facts() == ["generation_complete", "turn_complete"]
    assert reply.first_sent_s < reply.last_sent_s
    assert ended_s >= reply.first_sent_s + len(pcm) / RATE_HZ


def test_an_interruption_ends_the_reply(server: BenchServer) -> None:
    pcm = voiced(20.0, 0)
    client = Client(server)
    with client:
        reply = server.say(pcm, arrivals(len(pcm), Pattern(pace=1.0)))
        at_s = server.interrupt()
        wait_for(lambda: "turn_complete" in client.facts())

    assert client.facts() == ["interrupted", "turn_complete"]
    assert reply.interrupted_s == at_s >= reply.first_sent_s
    assert len(client.sound()) < pcm.nbytes


def test_the_next_reply_waits_for_the_end_of_the_last(server: BenchServer) -> None:
    pcm = voiced(0.2, 0)
    pieces = arrivals(len(pcm), Pattern(chunk_ms=40))
    client = Client(server)
    with client:
        first, second = server.say(pcm, pieces), server.say(pcm, pieces)
        wait_for(lambda: client.facts().count("turn_complete") == 2)

    assert second.first_sent_s >= first.first_sent_s + len(pcm) / RATE_HZ
    assert client.sound() == pcm.tobytes() * 2


def test_what_the_client_sends_is_kept_with_its_time(server: BenchServer) -> None:
    client = Client(server)
    with client as call:
        before_s = time.monotonic()
        client.send(b"\x01\x00" * 160)
        client.send(b"\x02\x00" * 160)
        wait_for(lambda: call.uplink.frames == 2)

    samples, first = call.uplink.between(before_s, time.monotonic())
    assert np.array_equal(samples, [1] * 160 + [2] * 160)
    assert first == 0
    assert before_s < call.uplink.arrival_of(0) <= call.uplink.arrival_of(160)
    assert call.setup_s < before_s


def test_a_client_that_left_is_told_from_one_that_is_slow(server: BenchServer) -> None:
    client = Client(server)
    with client:
        pass
    pcm = voiced(0.1, 0)

    with pytest.raises(RuntimeError, match="the client left"):
        server.say(pcm, arrivals(len(pcm), Pattern()))


def test_without_a_client_there_is_nobody_to_speak_to(server: BenchServer) -> None:
    with pytest.raises(RuntimeError, match="no client"):
        server.interrupt()
    with pytest.raises(TimeoutError):
        server.wait_for_call(0.01)


def test_the_next_client_gets_a_conversation_of_its_own(server: BenchServer) -> None:
    with Client(server) as first:
        pass
    with Client(server) as second:
        assert second is not first
        assert server.call is second
