"""Timers that speak up when they end; any number of them up to a limit, each with a label."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from voicecli.tools.built_in.clock import local_now
from voicecli.tools.declare import tool
from voicecli.tools.tool import ArgumentsError, Tool

# No conversation lasts longer.
MAX_HOURS = 24
# More than a kitchen needs; each is a call that is open.
MAX_TIMERS = 20
MAX_LABEL_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class _Running:
    """A timer that has not ended yet."""

    label: str
    ends: datetime
    ends_s: float
    """By the loop's clock."""
    stopped: asyncio.Event = field(default_factory=asyncio.Event)


class Timers:
    """Those that run in one conversation."""

    def __init__(self, now: Callable[[], datetime] = local_now) -> None:
        self._now = now
        self._running: dict[str, _Running] = {}

    async def run(self, duration_s: float, label: str) -> AsyncGenerator[dict[str, str], None]:
        """Tells at once until when it runs, and again when it is over, unless it is stopped.

        Raises ArgumentsError for a duration or label that does not do.
        """
        timer = self._started(duration_s, label)
        try:
            yield {"timer": timer.label, "runs_until": _clock(timer.ends)}
            try:
                async with asyncio.timeout_at(timer.ends_s):
                    await timer.stopped.wait()
            except TimeoutError:
                yield {"timer": timer.label, "is": "over: tell the user now"}
        finally:
            del self._running[timer.label]

    def remaining(self) -> list[dict[str, str]]:
        """What runs, the first to end first."""
        now_s = asyncio.get_running_loop().time()
        return [
            {
                "timer": timer.label,
                "runs_until": _clock(timer.ends),
                "remaining": _duration(timer.ends_s - now_s),
            }
            for timer in sorted(self._running.values(), key=lambda timer: timer.ends_s)
        ]

    def stop(self, label: str) -> str:
        """Stop the timer that `label` means, and return its whole label.

        Part of the label will do where it fits one timer only, and none where one runs.
        Raises ArgumentsError, with what runs, if it is not clear which.
        """
        wanted = label.strip().casefold()
        exact = [name for name in self._running if name.casefold() == wanted]
        found = exact or [name for name in self._running if wanted in name.casefold()]
        if len(found) != 1:
            running = ", ".join(self._running) or "no timer"
            raise ArgumentsError(f"{label!r} fits {len(found)} timers; there is {running}")
        self._running[found[0]].stopped.set()
        return found[0]

    def _started(self, duration_s: float, label: str) -> _Running:
        if not 1 <= duration_s <= MAX_HOURS * 3600:
            raise ArgumentsError(f"a timer runs from 1 second to {MAX_HOURS} hours")
        if len(label) > MAX_LABEL_CHARACTERS:
            raise ArgumentsError(f"a label has at most {MAX_LABEL_CHARACTERS} characters")
        if len(self._running) >= MAX_TIMERS:
            raise ArgumentsError(f"{MAX_TIMERS} timers run already, and more cannot")
        name = self._free(label.strip() or "timer")
        ends = self._now() + timedelta(seconds=duration_s)
        ends_s = asyncio.get_running_loop().time() + duration_s
        timer = self._running[name] = _Running(name, ends, ends_s)
        return timer

    def _free(self, label: str) -> str:
        """`label`, with a number where a timer of that name runs."""
        taken = {name.casefold() for name in self._running}
        names = (label, *(f"{label} {number}" for number in range(2, MAX_TIMERS + 2)))
        return next(name for name in names if name.casefold() not in taken)


def _clock(moment: datetime) -> str:
    return moment.strftime("%H:%M:%S")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (rest, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"


def timer_tools(timers: Timers) -> tuple[Tool, ...]:
    """Starting, listing and stopping them."""

    @tool(background=True, scheduling="WHEN_IDLE", timeout_s=None)
    async def timer(
        hours: float = 0, minutes: float = 0, seconds: float = 0, label: str = ""
    ) -> AsyncGenerator[dict[str, str], None]:
        """Starts a timer, and tells when it is over. Several can run at once, each with its label.

        Args:
            hours: Added to minutes and seconds; in all at most 24 hours.
            minutes: Added to hours and seconds.
            seconds: Added to hours and minutes.
            label: What it is for in a word or two, such as eggs.
        """
        async for news in timers.run(hours * 3600 + minutes * 60 + seconds, label):
            yield news

    @tool
    async def timer_list() -> list[dict[str, str]]:
        """Tells which timers run, until when, and how long they still take."""
        return timers.remaining()

    @tool
    async def timer_stop(label: str = "") -> dict[str, str]:
        """Stops a timer before it is over.

        Args:
            label: Which one; not needed where only one runs.
        """
        return {"stopped": timers.stop(label)}

    return timer, timer_list, timer_stop
