"""Controls that write down what was asked of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from voicecli.talk.view import Meters


@dataclass
class Recorder:
    """See `voicecli.talk.view.Controls`; `asked` is everything in order, `left` is set by quit."""

    asked: list[str] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    levels: Meters = Meters(-90.0, -90.0, muted=False, microphone_open=True)  # noqa: RUF009

    def toggle_mute(self) -> None:
        self.asked.append("mute")

    def interrupt(self) -> None:
        self.asked.append("interrupt")

    def send_text(self, text: str) -> None:
        self.asked.append(f"say {text}")

    def quit(self) -> None:
        self.asked.append("quit")
        self.left.set()

    def meters(self) -> Meters:
        return self.levels
