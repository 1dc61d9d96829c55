"""When to say the next line of a script: after the last reply was heard, or into it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from voicecli.errors import NetworkError
from voicecli.talk import events as talk
from voicecli.talk.script import Cue
from voicecli.talk.turns import Turns

# A service that says nothing for so long after a line, on a second connection too (the session
# takes one after 30 s), has lost it.
SILENT_SERVICE_S = 70.0

# What came in the background is spoken of within this time, or not at all.
SPOKEN_OF_WITHIN_S = 5.0

Now = Callable[[], float]


class Prompter:
    """Watches the conversation for the moment of the next line.

    A line is answered when a reply that began after it has ended and no function is waited for.
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
        self._in_background: set[str] = set()
        self._result_s: float | None = None  # when one came that the model did not wait for

    def take(self, event: talk.TalkEvent) -> None:
        """Take in what happened."""
        if isinstance(event, talk.TurnEnded):
            self._last_ended = event.number
        elif isinstance(event, talk.StateChanged):
            self._speaking = event.state is talk.State.SPEAKING
            self._away = event.state is talk.State.RECONNECTING
            self._speaking_since_s = event.t_s if self._speaking else None
        else:
            self._take_call(event)
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

    async def until_over(self, turns: Turns, now: Now) -> None:
        """Wait until the last line is answered, no function is at work, and all was spoken of.

        Raises NetworkError as above.
        """
        await self.until_answered(turns, now)
        begun, over = turns.replies_begun, False
        while not over:
            while turns.tools_pending:
                await self._change()
                begun, self._last_message_s = turns.replies_begun, now()
            await self._until(partial(self._all_said, begun, turns, now), turns, now)
            over = not turns.tools_pending

    def _take_call(self, event: talk.TalkEvent) -> None:
        match event:
            case talk.ToolCalled(background=True):
                self._in_background.add(event.call_id)
            case talk.ToolProgress(call_id=call_id) if call_id not in self._in_background:
                self._in_background.add(call_id)  # the model has its answer, and the call goes on
            case talk.ToolProgress():
                self._result_s = event.t_s
            case talk.ToolFinished(call_id=call_id) if call_id in self._in_background:
                self._in_background.remove(call_id)
                self._result_s = self._result_s if event.cancelled else event.t_s
            case _:
                pass

    def _all_said(self, begun: int, turns: Turns, now: Now) -> bool:
        """Whether results were spoken of, after `begun` replies, or another function is at work."""
        since_s = self._result_s
        out_of_time = since_s is None or now() - since_s >= SPOKEN_OF_WITHIN_S
        heard_out = self._last_ended >= turns.replies_begun
        return turns.tools_pending or (heard_out and (out_of_time or turns.replies_begun > begun))

    def _answered(self, turns: Turns) -> bool:
        return self._last_ended > self._begun_before and not turns.waits_for_tools

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
            await self._change()

    async def _change(self) -> None:
        """Wait for the next event, but not for long."""
        self._changed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await self._changed.wait()
