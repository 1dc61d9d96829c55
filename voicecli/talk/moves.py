"""Moves to another connection: for other settings, or since the service will end this one.

A move is made in the first pause, so that nobody notices, and before it is too late.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from voicecli.live.patience import Patience
from voicecli.live.setup import FunctionDeclaration, Setup
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

Functions = tuple[FunctionDeclaration, ...]


class Mover(Protocol):
    """What is moved: `voicecli.live.session.LiveSession`."""

    @property
    def setup(self) -> Setup:
        """The setup in force."""

    async def change_setup(self, setup: Setup) -> bool:
        """Move to `setup`; False if that cannot be done."""

    def offer(self, functions: Functions) -> bool:
        """Let the model call these and no others; False if that needs `change_setup`."""

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
        self._functions: Functions | None = None  # that take a move to be offered
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

    def offer(self, functions: Functions) -> None:
        """The model may call these, and no others: at once, or from the next pause on."""
        self._functions = None if self._mover.offer(functions) else functions
        self._wanted.set()

    def handle_came(self) -> None:
        """The session can be moved: what could not be offered before can be now."""
        if self._functions is not None:
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
        patience = self._mover.setup.patience
        what = "these functions" if self._shown is patience else "this patience"
        message = f"the service does not take {what}: {reason}"
        self._stage.emit(talk.Warned(self._stage.now_s(), message))
        self._show(patience)

    async def run(self) -> None:
        """Make each move, for ever."""
        while True:
            await self._wanted.wait()
            await self._until_pause()
            self._wanted.clear()
            moved = await self._change_setup()
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

    async def _change_setup(self) -> bool:
        """Move to what is wanted, unless it is in force; functions wait until there is a handle."""
        setup, functions = self._mover.setup, self._functions
        wanted = replace(
            setup,
            patience=self._shown,
            functions=setup.functions if functions is None else functions,
        )
        if wanted == setup:
            return False
        if await self._mover.change_setup(wanted):
            self._functions = None if self._functions is functions else self._functions
            return True
        if self._shown is not setup.patience:
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
