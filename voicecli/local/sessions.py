"""The sessions of a server, and the handles that carry one over to a new connection."""

from __future__ import annotations

import uuid
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from voicecli.local.client_frames import Said
from voicecli.local.memory import Memory, Snapshot, empty_memory
from voicecli.local.models import Model
from voicecli.local.refusal import INTERNAL, POLICY, UNAVAILABLE, Refusal
from voicecli.local.tool_check import Tools
from voicecli.local.violations import CallLedger

# live-api.md, section 4: a handle lives for two hours after the session's end.
HANDLE_LIFETIME_S = 2 * 3600.0
# A handle is given out after every turn; the oldest are forgotten first.
MAX_HANDLES = 4096
# Sessions that can still be looked at, with or without a connection.
MAX_SESSIONS = 1024

INVALID_HANDLE = "Invalid session handle"
NO_SESSION = "BidiGenerateContent session not found"


class SecondConnection(Refusal):
    """The session has an open connection already, and takes one at a time."""

    def __init__(self) -> None:
        super().__init__(UNAVAILABLE, code=INTERNAL)


class Session:
    """What stays the same over all connections; `memory` is that of the latest one."""

    def __init__(self, model: Model, is_open: Callable[[], bool]) -> None:
        self.model = model
        self.memory = empty_memory(schedules=model.scheduling)
        self.calls = CallLedger()
        self.ended_s: float | None = None
        self._is_open = is_open

    @property
    def connected(self) -> bool:
        return self.ended_s is None and self._is_open()

    def resume(self, memory: Memory, is_open: Callable[[], bool]) -> None:
        self.memory = memory
        self.ended_s = None
        self._is_open = is_open

    def leave(self, memory: Memory, now_s: float) -> None:
        """The connection that worked on `memory` has ended; a later one may have begun."""
        if self.memory is memory:
            self.ended_s = now_s
            self._is_open = _closed  # or the session would keep the connection's buffers


def _closed() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class _State:
    """What a handle stands for: the session as it was when the handle was given out."""

    session: Session
    snapshot: Snapshot
    calls_mark: int


class Sessions:
    """All sessions of a server, by their handles."""

    def __init__(self) -> None:
        # None: a handle that counts as invalid now.
        self._by_handle: OrderedDict[str, _State | None] = OrderedDict()
        self._begun: deque[Session] = deque(maxlen=MAX_SESSIONS)

    @property
    def conversations(self) -> tuple[tuple[Said, ...], ...]:
        """What each session remembers at its latest, in the order in which they began."""
        return tuple(session.memory.said for session in self._begun)

    @property
    def tools(self) -> tuple[Tools, ...]:
        """What the client of each session offers at its latest, in the same order."""
        return tuple(session.memory.tools for session in self._begun)

    def begin(self, model: Model, is_open: Callable[[], bool]) -> Session:
        """A new session, whose connection lasts while `is_open()`."""
        session = Session(model, is_open)
        self._begun.append(session)
        return session

    def new_handle(self, session: Session, memory: Memory) -> str:
        """A handle for the session as it is now; the earlier ones stay valid."""
        handle = str(uuid.uuid4())
        self._by_handle[handle] = _State(session, memory.snapshot(), session.calls.mark)
        if len(self._by_handle) > MAX_HANDLES:
            self._by_handle.popitem(last=False)
        return handle

    def expire(self, *, as_invalid: bool) -> None:
        """Every handle so far is dead: not found, or not even a handle any more."""
        if as_invalid:
            self._by_handle = OrderedDict.fromkeys(self._by_handle)
        else:
            self._by_handle.clear()

    def resume(
        self, handle: str, model: Model, now_s: float, is_open: Callable[[], bool]
    ) -> Session:
        """The session behind `handle`, its memory as it was when the handle was given out.

        Raises Refusal if the handle was never given out or is too old, and if the model changes: of
        a setup, that alone may not (ai.google.dev/api/live). SecondConnection if the session has a
        connection still, whichever of its handles that used.
        """
        try:
            uuid.UUID(handle)
        except ValueError:
            raise Refusal(INVALID_HANDLE) from None
        if handle not in self._by_handle:
            raise Refusal(NO_SESSION, code=POLICY)
        state = self._by_handle[handle]
        if state is None:
            raise Refusal(INVALID_HANDLE)
        session = state.session
        if session.connected:
            raise SecondConnection
        if session.ended_s is not None and now_s - session.ended_s > HANDLE_LIFETIME_S:
            raise Refusal(NO_SESSION, code=POLICY)
        if model != session.model:
            raise Refusal
        session.calls.rewind(state.calls_mark)
        session.resume(Memory(state.snapshot), is_open)
        return session
