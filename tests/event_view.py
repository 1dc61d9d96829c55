"""A view for tests that shows nothing and keeps everything."""

from __future__ import annotations

from voicecli.talk import events as talk
from voicecli.talk.view import Controls


class Memory:
    """A view that keeps every event."""

    def __init__(self) -> None:
        self.events: list[talk.TalkEvent] = []

    def show(self, event: talk.TalkEvent) -> None:
        self.events.append(event)

    async def run(self, controls: Controls) -> None:
        return None

    def close(self) -> None:
        return None
