"""Controls that write down what was asked of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from voicecli.talk.events import DeviceOption
from voicecli.talk.view import Meters
from voicecli.tools.approval import Answer


@dataclass
class Recorder:
    """See `voicecli.talk.view.Controls`; `asked` is everything in order, `left` is set by quit."""

    asked: list[str] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    levels: Meters = Meters(-90.0, -90.0, muted=False, microphone_open=True)  # noqa: RUF009

    def toggle_mute(self) -> None:
        self._note("mute")

    def toggle_talking(self) -> None:
        self._note("talk")

    def interrupt(self) -> None:
        self._note("interrupt")

    def change_volume(self, steps: int) -> None:
        self._note(f"volume {steps:+}")

    def change_patience(self) -> None:
        self._note("patience")

    def list_devices(self) -> None:
        self._note("devices")

    def use_device(self, option: DeviceOption) -> None:
        self._note(f"use {option.direction} {option.name}")

    def answer_call(self, call_id: str, answer: Answer) -> None:
        self._note(f"{answer} to {call_id}")

    def send_text(self, text: str) -> None:
        self._note(f"say {text}")

    def quit(self) -> None:
        self._note("quit")
        self.left.set()

    def meters(self) -> Meters:
        return self.levels

    async def until_asked(self, count: int) -> None:
        """Wait until that many things were asked."""
        while len(self.asked) < count:
            self.news.clear()
            await self.news.wait()

    def _note(self, what: str) -> None:
        self.asked.append(what)
        self.news.set()
