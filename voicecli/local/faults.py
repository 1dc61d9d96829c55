"""Faults on purpose: which, at which moment, how often; pure.

One plan is shared by all connections of a server. A connection tells its `Strikes` which moments it
reaches, and is told which faults are due.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from voicecli.local.refusal import INTERNAL, UNAVAILABLE

# live-api.md, section 4: seen at 50 to 60 s.
TIME_LEFT_S = 50.0
# A reply begins some 50 ms after the user's turn, so words that late come in the midst of it.
LATE_WORDS_S = 1.0
SLOW_SETUP_S = 5.0


class Kind(StrEnum):
    """What goes wrong; docs/server.md says what each does."""

    GO_AWAY = "go_away"
    CLOSE = "close"
    RESET = "reset"
    STALL = "stall"
    DROP = "drop"
    REFUSE = "refuse"
    EXPIRE_HANDLES = "expire_handles"
    DOUBLE_REPLY = "double_reply"
    LATE_WORDS = "late_words"
    REORDER_WORDS = "reorder_words"
    EMPTY = "empty"
    GARBAGE = "garbage"
    UNKNOWN = "unknown"
    LARGE = "large"
    CANCEL_CALLS = "cancel_calls"
    SLOW_SETUP = "slow_setup"


class Moment(StrEnum):
    """Where a connection stands."""

    HANDSHAKE = "handshake"
    SETUP = "setup"
    IDLE = "idle"
    USER_SPEAKING = "user_speaking"
    THINKING = "thinking"
    SPEAKING = "speaking"
    TOOL = "tool"


# Faults of a conversation, which there is none of yet at the setup.
OF_CONVERSATION = (Kind.DOUBLE_REPLY, Kind.LATE_WORDS, Kind.REORDER_WORDS, Kind.CANCEL_CALLS)
_IN_CONVERSATION = tuple(m for m in Moment if m not in (Moment.HANDSHAKE, Moment.SETUP))
_ANYWHERE = (Moment.SETUP, *_IN_CONVERSATION)


def moments_of(kind: Kind) -> tuple[Moment, ...]:
    """Where a fault of `kind` can strike."""
    if kind is Kind.REFUSE:
        return (Moment.HANDSHAKE,)
    if kind is Kind.SLOW_SETUP:
        return (Moment.SETUP,)
    return _IN_CONVERSATION if kind in OF_CONVERSATION else _ANYWHERE


_USUAL_MOMENTS = {
    Kind.GO_AWAY: Moment.IDLE,
    Kind.CLOSE: Moment.SPEAKING,
    Kind.RESET: Moment.SPEAKING,
    Kind.STALL: Moment.THINKING,
    Kind.DROP: Moment.SETUP,
    Kind.REFUSE: Moment.HANDSHAKE,
    Kind.EXPIRE_HANDLES: Moment.IDLE,
    Kind.DOUBLE_REPLY: Moment.THINKING,
    Kind.LATE_WORDS: Moment.USER_SPEAKING,
    Kind.REORDER_WORDS: Moment.THINKING,
    Kind.EMPTY: Moment.IDLE,
    Kind.GARBAGE: Moment.IDLE,
    Kind.UNKNOWN: Moment.IDLE,
    Kind.LARGE: Moment.IDLE,
    Kind.CANCEL_CALLS: Moment.TOOL,
    Kind.SLOW_SETUP: Moment.SETUP,
}
_USUAL_DURATIONS_S = {Kind.LATE_WORDS: LATE_WORDS_S, Kind.SLOW_SETUP: SLOW_SETUP_S}


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of a plan. Times are seconds of the playback's clock.

    `at` and `for_s`: None for what is usual for the kind. `times`: how often it strikes, 0 for
    ever. `turn`: only in the user's n-th turn of the server's life, 0 in all. The others are for
    some kinds only: `time_left_s` for go_away, `code` and `reason` for close, `reason` for
    expire_handles, `status` for refuse, `for_s` for stall (0 for ever), late_words and slow_setup.
    """

    kind: Kind
    at: Moment | None = None
    after_s: float = 0.0
    times: int = 1
    turn: int = 0
    for_s: float | None = None
    time_left_s: float = TIME_LEFT_S
    code: int = INTERNAL
    reason: str | None = None
    status: int = 503

    @property
    def moment(self) -> Moment:
        return self.at or _USUAL_MOMENTS[self.kind]

    @property
    def lasts_s(self) -> float:
        """How long it goes on, `inf` for ever."""
        if self.for_s is None:
            return _USUAL_DURATIONS_S.get(self.kind, math.inf)
        return math.inf if self.kind is Kind.STALL and not self.for_s else self.for_s

    @property
    def close_reason(self) -> str:
        return UNAVAILABLE if self.reason is None else self.reason


class Armed:
    """A fault of a plan, with how often it may still strike."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.left: float = fault.times or math.inf


class FaultPlan:
    """The faults of a server; `turns` counts what the user said so far, over all connections."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self.turns = 0
        self._armed = [Armed(fault) for fault in faults]
        self._struck: Counter[Fault] = Counter()

    def add(self, fault: Fault) -> None:
        """Take a further fault, from any thread, while the server runs."""
        self._armed.append(Armed(fault))

    def struck(self, fault: Fault) -> int:
        """How often `fault` struck."""
        return self._struck[fault]

    def at(self, moment: Moment, turn: int) -> tuple[Armed, ...]:
        """What is to strike at `moment` in the user's `turn`, in the order of the plan."""
        return tuple(
            armed
            for armed in tuple(self._armed)
            if armed.fault.moment is moment and armed.fault.turn in (0, turn)
        )

    def strike(self, armed: Armed) -> bool:
        """Count a strike; whether there is one, since another connection may have had the last."""
        if armed.left <= 0:
            return False
        armed.left -= 1
        self._struck[armed.fault] += 1
        if armed.left <= 0:
            self._armed.remove(armed)
        return True


class Strikes:
    """What strikes one connection, and when."""

    def __init__(self, plan: FaultPlan) -> None:
        self._plan = plan
        self._turn = plan.turns
        self._waiting: list[tuple[float, Armed]] = []

    def reach(self, moment: Moment, now_s: float, *, begins_turn: bool = False) -> None:
        """`moment` is reached; `begins_turn` if the user begins a turn with it."""
        if begins_turn:
            self._plan.turns += 1
            self._turn = self._plan.turns
        waiting = [armed for _, armed in self._waiting]
        for armed in self._plan.at(moment, self._turn):
            # One strike of a fault waits at a time, or a long delay would pile them up.
            if armed not in waiting:
                self._waiting.append((now_s + armed.fault.after_s, armed))

    @property
    def due_s(self) -> float | None:
        """When the next fault strikes."""
        return min((at_s for at_s, _ in self._waiting), default=None)

    def due(self, now_s: float) -> Iterator[Fault]:
        """The faults that strike by now, each once, the earliest first."""
        ready = sorted((one for one in self._waiting if one[0] <= now_s), key=lambda one: one[0])
        self._waiting = [one for one in self._waiting if one[0] > now_s]
        for _, armed in ready:
            if self._plan.strike(armed):
                yield armed.fault
