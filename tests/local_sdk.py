"""The real SDK against the local server, and what it received, by facts in their order."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from google import genai
from google.genai import types
from google.genai.live import AsyncSession

from voicecli.local.embedded import EmbeddedServer

LIVE = "gemini-3.8-live"
DEADLINE_S = 30

Talk = Callable[[AsyncSession, "Log"], Awaitable[None]]


def client_for(
    base_url: str, ca_file: Path | None, *, version: str | None = None, key: str = "any key"
) -> genai.Client:
    """An unpatched client that trusts the authority in `ca_file`, or those of the system."""
    context = ssl.create_default_context(cafile=ca_file)
    options = types.HttpOptions(
        base_url=base_url, api_version=version, async_client_args={"ssl": context}
    )
    return genai.Client(api_key=key, http_options=options)


class Log:
    """Messages of a session as (fact, value) pairs."""

    def __init__(self) -> None:
        self.facts: list[tuple[str, Any]] = []

    def names(self) -> list[str]:
        """The facts' names; runs of one are one, and handles are left out."""
        found: list[str] = []
        for name, _ in self.facts:
            if name != "session_resumption_update" and found[-1:] != [name]:
                found.append(name)
        return found

    def values(self, name: str) -> list[Any]:
        return [value for fact, value in self.facts if fact == name]

    def words(self) -> str:
        """What the model said."""
        return "".join(words.text for words in self.values("output_transcription"))

    def user_words(self) -> str:
        return " ".join(words.text for words in self.values("input_transcription"))

    async def read_until(self, session: AsyncSession, name: str) -> Any:
        """Read on until a fact called `name` has come, and return it."""
        while True:
            async for message in session.receive():
                facts = list(facts_of(message))
                self.facts += facts
                for fact, value in facts:
                    if fact == name:
                        return value

    async def read_turn(self, session: AsyncSession) -> None:
        await self.read_until(session, "turn_complete")


def facts_of(message: types.LiveServerMessage) -> Iterator[tuple[str, Any]]:
    """What a message says, each field on its own; sound is called `audio`."""
    for name in type(message).model_fields:
        value = getattr(message, name)
        if value is None:
            continue
        if name != "server_content":
            yield name, value
            continue
        for field in type(value).model_fields:
            inner = getattr(value, field)
            if inner is not None:
                yield (
                    ("audio", message.data)
                    if message.data and field == "model_turn"
                    else (
                        field,
                        inner,
                    )
                )


def talk(
    server: EmbeddedServer,
    conversation: Talk,
    *,
    model: str = LIVE,
    version: str | None = None,
    key: str = "any key",
    suffix: str = "",
    **config: object,
) -> Log:
    """Hold a conversation, and return what was received."""

    async def run() -> Log:
        log = Log()
        client = client_for(server.base_url + suffix, server.ca_file, version=version, key=key)
        connect_config = types.LiveConnectConfig(**config)  # type: ignore[arg-type]
        async with (
            asyncio.timeout(DEADLINE_S),
            client.aio.live.connect(model=model, config=connect_config) as session,
        ):
            await conversation(session, log)
        return log

    return asyncio.run(run())
