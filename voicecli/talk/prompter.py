"""When to say the next line of a script: after the last reply was heard, or into it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from voicecli.errors import NetworkError
from voicecli.talk import events as talk
from voicecli.talk.script import Cue
from voicecli.talk.turns import Turns

# A service that says nothing for so long after a line, on a second connection too (the session
# takes one after 30 s), has lost it.
SILENT_SERVICE_S = 70.0

Now = Callable[[], float]


class Prompter:
    """Watches the conversation for the moment of the next line.

    A line is answered when a reply that began after it has ended and no function is at work.
    """

    def __init__(self) -> None:
        self._changed = asyncio.Event()
        self._begun_before = 0
        self._last_ended = 0
        self._speaking = False
        self._away = False
        self._speaking_since_s: float | None = None
        self._last_message_s = 0.0
        self._lines_said = 0

    def take(self, event: talk.TalkEvent) -> None:
        """Take in what happened."""
        if isinstance(event, talk.TurnEnded):
            self._last_ended = event.number
        elif isinstance(event, talk.StateChanged):
            self._speaking = event.state is talk.State.SPEAKING
            self._away = event.state is talk.State.RECONNECTING
            self._speaking_since_s = event.t_s if self._speaking else None
        self._changed.set()

    def message_came(self, now_s: float) -> None:
        """The service said something, whatever it was."""
        self._last_message_s = now_s

    def said(self, turns: Turns, now_s: float) -> None:
        """A line is said now."""
        self._begun_before = turns.replies_begun
        self._last_message_s = now_s
        # The voice that is heard at this moment does not answer this line.
        self._speaking_since_s = None
        self._lines_said += 1

    async def until_due(self, cue: Cue, turns: Turns, now: Now) -> None:
        """Wait for the moment of `cue`. Raises NetworkError if the service has fallen silent."""
        if self._lines_said == 0:
            return
        into_s = cue.into_reply_s
        if into_s is None:
            await self.until_answered(turns, now)
        else:
            await self._until(
                lambda: self._spoken_for(now(), into_s) or self._answered(turns), turns, now
            )

    async def until_answered(self, turns: Turns, now: Now) -> None:
        """Wait for the end of the reply to the last line. Raises NetworkError as above."""
        if self._lines_said:
            await self._until(lambda: self._answered(turns), turns, now)

    def _answered(self, turns: Turns) -> bool:
        return self._last_ended > self._begun_before and not turns.tools_pending

    def _spoken_for(self, now_s: float, into_s: float) -> bool:
        since_s = self._speaking_since_s
        return since_s is not None and now_s - since_s >= into_s

    async def _until(self, met: Callable[[], bool], turns: Turns, now: Now) -> None:
        while not met():
            if self._speaking or self._away or turns.tools_pending:
                self._last_message_s = now()  # it is not the service that is waited for
            if now() - self._last_message_s >= SILENT_SERVICE_S:
                raise NetworkError(
                    "the service did not answer",
                    why=f"nothing came for {SILENT_SERVICE_S:.0f} s after the last line",
                    hint="run the command again",
                )
            self._changed.clear()
            try:
                async with asyncio.timeout(0.1):
                    await self._changed.wait()
            except TimeoutError:
                continue
