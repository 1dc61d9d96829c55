"""A function that the model can call: what it is called, what it takes, what it may do."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

Arguments = Mapping[str, object]

# Longer than most lookups take; a person who waits for an answer hangs up sooner.
TIMEOUT_S = 30.0
LARGEST_RESULT_CHARACTERS = 16_000


class Risk(StrEnum):
    """Whether the model may call a function by itself."""

    SAFE = "safe"
    """It may."""
    ASK = "ask"
    """The user is asked each time."""
    DENY = "deny"
    """It may not: the function is not offered."""


class Scheduling(StrEnum):
    """When the model speaks of a result that came in the background (ai.google.dev/api/live)."""

    INTERRUPT = "INTERRUPT"
    """At once, even in the middle of its own words."""
    WHEN_IDLE = "WHEN_IDLE"
    """As soon as nobody speaks."""
    SILENT = "SILENT"
    """Never by itself: it knows it from then on."""


class ArgumentsError(Exception):
    """What the model sent does not fit; the message tells the model what to change."""


@dataclass(frozen=True, slots=True)
class Tool:
    """`call` takes the arguments as they came and gives results that JSON can hold.

    It raises ArgumentsError before it does anything, or whatever the function raises; it is
    cancelled when nobody wants the result any more. It gives one result, or with `streams` any
    number of them, each of which the model is told when it comes. `parameters` is a JSON schema of
    type object. With `background` the conversation goes on meanwhile, where the model knows how.
    """

    name: str
    description: str
    parameters: Mapping[str, object]
    call: Callable[[Arguments], AsyncGenerator[object, None]]
    origin: str
    """Where it comes from, in words: `built in`, `~/tools.py`, `MCP server files`."""
    risk: Risk = Risk.SAFE
    always_asks: bool = False
    """No setting and no answer lets it pass without a question."""
    background: bool = False
    scheduling: Scheduling | None = None
    streams: bool = False
    timeout_s: float | None = TIMEOUT_S
    """For the whole of it; None for as long as it takes."""
    largest_result_characters: int = LARGEST_RESULT_CHARACTERS
