"""Moves to another connection: for another patience, or since the service will end this one.

A move is made in the first pause, so that nobody notices, and before it is too late.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from voicecli.live.patience import Patience
from voicecli.live.setup import Setup
from voicecli.talk import events as talk
from voicecli.talk.stage import Stage

# A pause is looked for at this pace, and taken once it has lasted: a breath is none.
LOOK_EVERY_S = 0.1
PAUSE_LOOKS = 5
# What a move may take, with a second try, before the service ends the connection by itself.
SPARE_S = 5.0

# A service that ends each connection at once is not followed without a breath.
HURRIED_WITHIN_S = 60.0
FIRST_BREATH_S = 0.1
LONGEST_BREATH_S = 10.0

_ORDER = tuple(Patience)


class Mover(Protocol):
    """What is moved: `voicecli.live.session.LiveSession`."""

    @property
    def setup(self) -> Setup:
        """The setup in force."""

    async def change_setup(self, setup: Setup) -> bool:
        """Move to `setup`; False if that cannot be done."""

    async def move(self) -> None:
        """Go on over a new connection."""


class Moves:
    """Waits for the moment, and moves the session."""

    def __init__(
        self, stage: Stage, mover: Mover, pause: Callable[[], bool], quiet: Callable[[], bool]
    ) -> None:
        """`pause` says whether nobody has the word, `quiet` whether nobody makes a sound."""
        self._stage = stage
        self._mover = mover
        self._pause = pause
        self._quiet = quiet
        self._shown = stage.parts.setup.patience
        self._latest_s: float | None = None
        self._moved_s: float | None = None
        self._hurried = 0
        self._wanted = asyncio.Event()

    @property
    def leaving(self) -> bool:
        """Whether the service has said that it ends this connection."""
        return self._latest_s is not None

    async def made(self) -> None:
        """Returns when there is nothing to be left, be it that a move was made."""
        while self.leaving:  # noqa: ASYNC110 - a move takes as long
            await asyncio.sleep(LOOK_EVERY_S)

    def next_patience(self) -> None:
        """Go on to the next patience, after high to low; with push-to-talk it has no meaning."""
        if not self._stage.parts.setup.push_to_talk:
            self._show(_ORDER[(_ORDER.index(self._shown) + 1) % len(_ORDER)])
            self._wanted.set()

    def go_away(self, time_left_s: float) -> None:
        """The service ends this connection in `time_left_s`."""
        latest_s = self._stage.now_s() + max(time_left_s - SPARE_S, 0.0)
        self._latest_s = latest_s if self._latest_s is None else min(latest_s, self._latest_s)
        self._wanted.set()

    def connected(self) -> None:
        """There is a new connection: nothing is to be left any more."""
        self._latest_s = None

    def refused(self, reason: str) -> None:
        """The service does not take the setup that was asked for last."""
        now_s = self._stage.now_s()
        self._stage.emit(talk.Warned(now_s, f"the service does not take this patience: {reason}"))
        self._show(self._mover.setup.patience)

    async def run(self) -> None:
        """Make each move, for ever."""
        while True:
            await self._wanted.wait()
            await self._until_pause()
            self._wanted.clear()
            changes = self._shown is not self._mover.setup.patience
            moved = changes and await self._change_patience()
            if self.leaving and not moved:
                await self._leave()

    async def _leave(self) -> None:
        now_s = self._stage.now_s()
        hurried = self._moved_s is not None and now_s - self._moved_s < HURRIED_WITHIN_S
        self._hurried = self._hurried + 1 if hurried else 0
        if hurried:
            await asyncio.sleep(min(FIRST_BREATH_S * 2**self._hurried, LONGEST_BREATH_S))
        if self.leaving:  # and not lost meanwhile
            self._moved_s = self._stage.now_s()
            await self._mover.move()

    async def _change_patience(self) -> bool:
        wanted = replace(self._mover.setup, patience=self._shown)
        if await self._mover.change_setup(wanted):
            return True
        why = "the service has given no handle to move the conversation with yet"
        message = f"the patience stays as it was: {why}"
        self._stage.emit(talk.Warned(self._stage.now_s(), message))
        self._show(self._mover.setup.patience)
        return False

    async def _until_pause(self) -> None:
        looks = 0
        while looks < PAUSE_LOOKS and not self._too_late():
            # Where it is never quiet, a change that the user has asked for comes all the same.
            at_rest = self._pause() and (self._latest_s is None or self._quiet())
            looks = looks + 1 if at_rest else 0
            await asyncio.sleep(LOOK_EVERY_S)

    def _too_late(self) -> bool:
        return self._latest_s is not None and self._stage.now_s() >= self._latest_s

    def _show(self, patience: Patience) -> None:
        if patience is not self._shown:
            self._shown = patience
            self._stage.emit(talk.PatienceChanged(self._stage.now_s(), patience))
