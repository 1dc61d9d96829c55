"""The user's patience, changed in the middle of a conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from voicecli.live.patience import Patience
from voicecli.talk import events as talk
from voicecli.talk.stage import Stage

# A pause is looked for at this pace, and taken once it has lasted: a breath is none.
LOOK_EVERY_S = 0.1
PAUSE_LOOKS = 5

_ORDER = tuple(Patience)


class PatienceChange:
    """Moves the session to a setup with another patience, in the first pause."""

    def __init__(self, stage: Stage, pause: Callable[[], bool]) -> None:
        """`pause` says whether nobody speaks whom a new connection would cut off."""
        self._stage = stage
        self._pause = pause
        self._shown = stage.parts.setup.patience
        self._wanted = asyncio.Event()

    def next(self) -> None:
        """Go on to the next patience, after high to low; with push-to-talk it has no meaning."""
        if not self._stage.parts.setup.push_to_talk:
            self._show(_ORDER[(_ORDER.index(self._shown) + 1) % len(_ORDER)])
            self._wanted.set()

    def refused(self, reason: str) -> None:
        """The service does not take the setup that was asked for last."""
        now_s, session = self._stage.now_s(), self._stage.parts.session
        self._stage.emit(talk.Warned(now_s, f"the service does not take this patience: {reason}"))
        self._show(session.setup.patience)

    async def run(self) -> None:
        """Tell the service of each change, for ever."""
        session = self._stage.parts.session
        while True:
            await self._wanted.wait()
            await self._until_pause()
            self._wanted.clear()
            if not await session.change_setup(replace(session.setup, patience=self._shown)):
                now_s = self._stage.now_s()
                why = "the service has given no handle to move the conversation with yet"
                self._stage.emit(talk.Warned(now_s, f"the patience stays as it was: {why}"))
                self._show(session.setup.patience)

    async def _until_pause(self) -> None:
        looks = 0
        while looks < PAUSE_LOOKS:
            looks = looks + 1 if self._pause() else 0
            await asyncio.sleep(LOOK_EVERY_S)

    def _show(self, patience: Patience) -> None:
        if patience is not self._shown:
            self._shown = patience
            self._stage.emit(talk.PatienceChanged(self._stage.now_s(), patience))
