"""What the user types, on its way to the service: in order, and each once."""

from __future__ import annotations

import asyncio

from voicecli.talk import events as talk
from voicecli.talk.stage import Stage


class Outgoing:
    """Lines wait here for the connection; the conversation shows them at once."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._lines: asyncio.Queue[str] = asyncio.Queue()

    def say(self, text: str) -> None:
        """Say `text` as the user; nothing once a limit is reached."""
        if self._stage.closing:
            note = "not sent, since the conversation ends"
            self._stage.emit(talk.Noted(self._stage.now_s(), note))
            return
        self._lines.put_nowait(text)
        self._stage.emit_all(self._stage.turns.typed(text, self._stage.now_s()))

    async def run(self) -> None:
        """Send what is said, for ever."""
        while True:
            await self._stage.parts.session.send_text(await self._lines.get())
