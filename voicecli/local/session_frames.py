"""What the server tells about the session itself: where turns begin and end, and its handles."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from voicecli.local import server_frames
from voicecli.local.memory import Memory
from voicecli.local.server_frames import Frame
from voicecli.local.setup_check import Setup
from voicecli.local.usage import TurnUsage


class SessionFrames:
    """Makes these frames by the rules of `setup`; a handle of `new_handle` stands for `memory`."""

    def __init__(self, setup: Setup, memory: Memory, new_handle: Callable[[], str]) -> None:
        self._setup = setup
        self._memory = memory
        self._new_handle = new_handle

    def opening(self) -> Iterator[Frame]:
        """The setup was accepted."""
        yield server_frames.setup_complete()
        yield from self._handle()

    def turn_begins(self) -> Iterator[Frame]:
        """The model is at work from now on."""
        if self._setup.tells_handles:
            yield server_frames.not_resumable()

    def turn_ends(self, usage: TurnUsage) -> Iterator[Frame]:
        """The model is done, and what it said is remembered."""
        yield server_frames.turn_complete(usage.metadata(), self._status())
        yield from self._handle()

    def _status(self) -> str:
        if not self._setup.model.tells_status:
            return ""
        return "IN_PROGRESS" if self._memory.background.any else "IDLE"

    def _handle(self) -> Iterator[Frame]:
        if self._setup.tells_handles:
            yield server_frames.resumption_update(self._new_handle())
