"""What a conversation used, in figures that are read at a glance."""

from __future__ import annotations

from collections.abc import Mapping

from voicecli.talk.events import Ended
from voicecli.talk.usage import UsageTotals
from voicecli.ui.escape import one_line

_UNITS = (("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000))

# Below this, only that it is not nothing matters.
LEAST_USD = 0.0001


def count(number: int) -> str:
    """A count in two or three digits: `999`, `1.2k`, `12k`, `1.2M`."""
    if number < 1_000:
        return str(number)
    unit, size = next((pair for pair in _UNITS if number < 999.5 * pair[1]), _UNITS[-1])
    scaled = number / size
    return f"{scaled:.1f}{unit}" if scaled < 9.95 else f"{scaled:.0f}{unit}"


def tokens(number: int) -> str:
    """`1 token`, `1.2k tokens`."""
    return "1 token" if number == 1 else f"{count(number)} tokens"


def usd(dollars: float) -> str:
    """An amount with as many digits as matter: `$0.0004`, `$0.012`, `$1.23`."""
    if dollars == 0:
        return "$0"
    if dollars < LEAST_USD:
        return f"<${LEAST_USD:.4f}"
    decimals = 4 if dollars < 0.00995 else 3 if dollars < 0.0995 else 2
    return f"${dollars:.{decimals}f}"


def spent(event: Ended) -> tuple[str, ...]:
    """The tokens by modality, and the cost if it is known; nothing if there were no tokens."""
    used = event.usage
    if used.total_tokens == 0:
        return ()
    went_in = _kinds(used.prompt_by_modality, used.prompt_tokens)
    came_out = _kinds(used.response_by_modality, used.response_tokens)
    if used.thoughts_tokens:
        came_out.append(f"{count(used.thoughts_tokens)} thoughts")
    parts = [tokens(used.total_tokens)]
    for way, kinds in (("in", went_in), ("out", came_out)):
        parts += [f"{way}: {', '.join(kinds)}"] if kinds else []
    lines = [" · ".join(parts)]
    if used.cost_usd is not None and event.prices_as_of is not None:
        lines.append(f"cost: {usd(used.cost_usd)} at the prices of {one_line(event.prices_as_of)}")
    return tuple(lines)


def _kinds(by_modality: Mapping[str, int], all_tokens: int) -> list[str]:
    """Such as `312 text`, `287 audio`; what no modality accounts for comes last."""
    kinds = [f"{count(number)} {one_line(name)}" for name, number in by_modality.items() if number]
    rest = all_tokens - sum(by_modality.values())
    return [*kinds, f"{count(rest)} unspecified"] if rest > 0 else kinds


def running(used: UsageTotals) -> tuple[str, str]:
    """Tokens and cost so far; each is empty if there is nothing to tell."""
    if used.total_tokens == 0:
        return "", ""
    return tokens(used.total_tokens), "" if used.cost_usd is None else usd(used.cost_usd)
