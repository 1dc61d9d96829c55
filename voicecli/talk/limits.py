"""How much a conversation may cost and how long it may last. Pure: time comes in.

At a limit, the reply that is being heard may end; nothing new is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from voicecli.talk import events as talk

# Enough for a thought to be finished; a model that tells a long story is stopped.
GRACE_S = 30.0
# Soon enough to come to an end by oneself.
NOTE_AT = 0.9

COST_UNKNOWN = "the cost is not known any more"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the user set, both more than 0; None: no limit."""

    max_cost_usd: float | None = None
    max_s: float | None = None


class LimitWatch:
    """Says when a limit comes near and when it is reached; `reason` is None before that."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._noted: set[str] = set()
        self._reached_s: float | None = None
        self._last_reply: int | None = None
        self.reason: str | None = None

    def tick(
        self, now_s: float, cost_usd: float | None, reply: int | None
    ) -> Iterator[talk.TalkEvent]:
        """What there is to say `now_s` after the start.

        `cost_usd` so far, None if it is not known; `reply`: the number of the one under way.
        """
        if self.reason is not None:
            return
        cost_unknown = self._limits.max_cost_usd is not None and cost_usd is None
        limits = tuple(self._used(now_s, cost_usd or 0.0))
        reached = [name for name, share in limits if share >= 1]
        if cost_unknown or reached:
            self.reason = f"the limit of {reached[0]} is reached" if reached else COST_UNKNOWN
            self._reached_s, self._last_reply = now_s, reply
            yield from self._end_begins(now_s, cost_unknown=not reached)
            return
        for name, share in limits:
            if share >= NOTE_AT and name not in self._noted:
                self._noted.add(name)
                yield talk.Noted(now_s, f"{NOTE_AT:.0%} of the limit of {name} is used")

    def over(self, now_s: float, reply: int | None) -> str | None:
        """Why to end now; None: not yet, or the reply that was under way at the limit still is."""
        if self._reached_s is None:
            return None
        heard_out = self._last_reply is None or reply != self._last_reply
        return self.reason if heard_out or now_s - self._reached_s >= GRACE_S else None

    def _used(self, now_s: float, cost_usd: float) -> Iterator[tuple[str, float]]:
        """Each limit in words, and how much of it is used up: 1 is all."""
        max_cost_usd, max_s = self._limits.max_cost_usd, self._limits.max_s
        if max_cost_usd is not None:
            yield exact_usd(max_cost_usd), cost_usd / max_cost_usd
        if max_s is not None:
            yield minutes(max_s), now_s / max_s

    def _end_begins(self, now_s: float, *, cost_unknown: bool) -> Iterator[talk.TalkEvent]:
        if cost_unknown:
            hint = "voicecli talk --max-minutes 10"
            yield talk.Warned(now_s, f"{COST_UNKNOWN}, so --max-cost cannot be kept", hint)
        if self._last_reply is not None:
            yield talk.Noted(now_s, f"{self.reason}: the conversation ends after this reply")


def exact_usd(dollars: float) -> str:
    """An amount as the user set it, with no digit lost: `$0.50`, `$0.125`."""
    whole, _, cents = f"{Decimal(repr(dollars)):f}".partition(".")
    return f"${whole}.{cents.ljust(2, '0')}"


def minutes(seconds: float) -> str:
    """A limit of time as the user set it: `1 minute`, `2.5 minutes`."""
    count = f"{seconds / 60:g}"
    return f"{count} minute" if count == "1" else f"{count} minutes"
