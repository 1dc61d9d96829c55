"""Function calls that wait for their results, and whether the service still knows of them. Pure.

A handle that was given out after a call stands for a state in which the service waits for it (as
with NON_BLOCKING functions, whose turn ends at once); an earlier one for a state before the call.
"""

from __future__ import annotations

from collections.abc import Iterable

from voicecli.live.events import FunctionCall
from voicecli.live.history import call_text
from voicecli.live.items import ToolResult


class OpenCalls:
    """The calls of a session, over all its connections."""

    def __init__(self) -> None:
        self._calls: dict[str, FunctionCall] = {}
        self._background: set[str] = set()
        self._messages: dict[str, int] = {}  # in which of them each call came
        self._message = 0
        self._finished: set[str] = set()
        self._in_handle: set[str] = set()
        self._forgotten: set[str] = set()

    @property
    def at_work(self) -> frozenset[str]:
        """The calls that are not over: without a result, or with one after which they go on."""
        return frozenset(self._calls) - self._finished

    @property
    def waited_for(self) -> frozenset[str]:
        """The calls at work without whose result the service says nothing."""
        return self.at_work - self._background - self._forgotten

    @property
    def in_handle(self) -> frozenset[str]:
        """The calls that a connection resumed by the newest handle waits for."""
        return frozenset(self._in_handle)

    def in_background(self, call_id: str) -> bool:
        """Whether both talk on while the call runs."""
        return call_id in self._background

    def awaits_others(self, call_id: str) -> bool:
        """Whether calls that came together with this one are at work: it speaks of all at once."""
        message = self._messages.get(call_id)
        return any(self._messages[other] == message for other in self.at_work - {call_id})

    def called(
        self, call: FunctionCall, *, background: bool = False, together: bool = False
    ) -> None:
        """The service wants a result; of a call that it repeats, still.

        It came `together` with the call before, or not.
        """
        self._message += not together
        self._messages[call.call_id] = self._message
        self._calls[call.call_id] = call
        if background:
            self._background.add(call.call_id)
        self._forgotten.discard(call.call_id)

    def finished(self, call_id: str) -> None:
        """There is a last result, which is on its way."""
        self._finished.add(call_id)

    def cancelled(self, call_ids: Iterable[str]) -> None:
        """The service wants no result."""
        for call_id in call_ids:
            self._drop(call_id)

    def handle_given(self) -> None:
        """From now on a new connection knows of those that this one knows of."""
        self._in_handle = set(self._calls) - self._forgotten

    def moved(self, *, resumed: bool) -> None:
        """A new connection stands, which knows what its handle stands for, or nothing."""
        if not resumed:
            self._in_handle.clear()
        self._forgotten = set(self._calls) - self._in_handle

    def in_words(self, result: ToolResult) -> str | None:
        """The result as text, if the service does not wait for it any more; else None."""
        call = self._calls.get(result.call_id)
        if call is None or result.call_id not in self._forgotten:
            return None
        return call_text(call.name, call.args, result.response)

    def settle(self, unanswered: frozenset[str]) -> None:
        """Of the results all but the `unanswered` have reached the service."""
        for call_id in self._finished - unanswered:
            self._drop(call_id)

    def _drop(self, call_id: str) -> None:
        self._calls.pop(call_id, None)
        self._messages.pop(call_id, None)
        self._background.discard(call_id)
        self._finished.discard(call_id)
        self._in_handle.discard(call_id)
        self._forgotten.discard(call_id)
