"""The limits that the user set, checked before anything starts."""

from __future__ import annotations

import math

from voicecli.errors import UsageError
from voicecli.live.prices import rates_of
from voicecli.settings import Settings
from voicecli.talk.limits import Limits

TIME_HINT = "voicecli talk --max-minutes 10"


def limits_of(max_cost: float | None, max_minutes: float | None, settings: Settings) -> Limits:
    """The limits of a conversation with `settings`. Raises UsageError for one that cannot be kept.

    `max_cost` is in US dollars.
    """
    _check("--max-cost", max_cost, "voicecli talk --max-cost 0.50")
    _check("--max-minutes", max_minutes, TIME_HINT)
    if max_cost is not None:
        _check_cost_known(settings)
    return Limits(max_cost, None if max_minutes is None else max_minutes * 60)


def _check(flag: str, value: float | None, hint: str) -> None:
    if value is not None and not (value > 0 and math.isfinite(value)):
        raise UsageError(f"{flag} must be a number above 0", why=f"it is {value:g}", hint=hint)


def _check_cost_known(settings: Settings) -> None:
    if settings.local:
        why = "the server on this machine costs nothing"
        raise UsageError("--max-cost has no meaning here", why=why, hint=TIME_HINT)
    rates = rates_of(settings.model)
    if rates is None or not rates.complete:
        why = (
            f"the price of {'' if rates is None else 'the sound of '}{settings.model} is not known"
        )
        raise UsageError("--max-cost cannot be kept", why=why, hint=TIME_HINT)
