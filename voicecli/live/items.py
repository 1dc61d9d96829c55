"""What the user's side says to the service, in items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

INTERRUPT = "INTERRUPT"
SILENT = "SILENT"


class Signal(Enum):
    """What is said about the sound; the first two with push-to-talk, the last one without."""

    ACTIVITY_START = auto()
    ACTIVITY_END = auto()
    AUDIO_STREAM_END = auto()


@dataclass(frozen=True, slots=True)
class Sound:
    """16 kHz 16-bit mono PCM; `loud` unless it is as quiet as the room, None if nobody knows."""

    pcm: bytes = field(repr=False)
    loud: bool | None = None

    @property
    def quiet(self) -> bool:
        """Whether nobody speaks in it."""
        return self.loud is False


@dataclass(frozen=True, slots=True)
class Typed:
    """A line of the user, to be answered."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    """The answer to a function call; `response` becomes JSON, with `result` or `error` inside.

    `scheduling` (INTERRUPT, WHEN_IDLE, SILENT; None: the service's own way) is sent where the model
    takes it. With `continues` the call goes on, and further answers follow; one that is empty only
    ends it.
    """

    call_id: str
    name: str
    response: Mapping[str, object]
    scheduling: str | None = None
    continues: bool = False

    @property
    def over(self) -> bool:
        """Whether it says nothing but that the call is over."""
        return not self.response and not self.continues


@dataclass(frozen=True, slots=True)
class Offer:
    """The tools have changed, to those of the setup that is in force when this leaves."""


Item = Signal | Sound | Typed | ToolResult | Offer
