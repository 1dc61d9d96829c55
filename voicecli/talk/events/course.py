"""The course of a conversation: who says what, whose turn it is, what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from voicecli.live.patience import Patience
from voicecli.talk.usage import UsageTotals

Role = Literal["user", "model"]


class Echo(StrEnum):
    """What keeps the model from hearing itself through loudspeaker and microphone."""

    CANCELLED = "cancelled"
    """Its echo is taken out of the microphone's sound: the user can interrupt by speaking."""
    HALF_DUPLEX = "half duplex"
    """The microphone is closed while the model speaks: keys interrupt, the voice does not."""
    HEADPHONES = "headphones"
    """There is no echo: the microphone's sound goes out as it is, at all times."""


class State(StrEnum):
    """What the conversation is doing, as the user would put it."""

    CONNECTING = "connecting"
    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"
    RECONNECTING = "reconnecting"


@dataclass(frozen=True, slots=True)
class SessionStarted:
    """The service accepted the setup; `local` if it is the server on this machine."""

    t_s: float
    model: str
    voice: str | None
    local: bool
    microphone: str | None
    speaker: str | None
    echo: Echo | None
    """None without a microphone."""
    push_to_talk: bool
    patience: Patience


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The conversation entered `state`."""

    t_s: float
    state: State


@dataclass(frozen=True, slots=True)
class PatienceChanged:
    """The service waits longer or shorter from now on."""

    t_s: float
    patience: Patience


@dataclass(frozen=True, slots=True)
class Transcript:
    """The words of one side's turn so far (whole, not a difference); `final` once they are settled.

    `heard` is the part of `text`, from its start, that was played to the user; for the user's
    own words it is all of `text`. `typed` tells keyboard from speech.
    """

    t_s: float
    role: Role
    text: str
    final: bool
    heard: str
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Thinking:
    """A thought summary of the model; not speech."""

    t_s: float
    text: str


@dataclass(frozen=True, slots=True)
class AudioReceived:
    """A chunk of the model's voice arrived."""

    t_s: float
    byte_count: int
    duration_s: float


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The reply was cut off after `heard_s` of sound; `dropped_s` more had arrived unplayed."""

    t_s: float
    heard_s: float
    dropped_s: float


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The model's turn number `number` (from 1) is over and played."""

    t_s: float
    number: int
    interrupted: bool
    heard_s: float


@dataclass(frozen=True, slots=True)
class UsageReported:
    """Tokens of one turn, see `voicecli.live.events.Usage`, its cost if known, and all so far."""

    t_s: float
    prompt_tokens: int
    response_tokens: int
    thoughts_tokens: int
    total_tokens: int
    prompt_by_modality: Mapping[str, int] = field(default_factory=dict)
    response_by_modality: Mapping[str, int] = field(default_factory=dict)
    cost_usd: float | None = None
    so_far: UsageTotals = field(default_factory=UsageTotals)


@dataclass(frozen=True, slots=True)
class Noted:
    """Something worth one quiet line, such as "reconnected"."""

    t_s: float
    message: str


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that the user should know and may act on; the conversation goes on."""

    t_s: float
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """The error that ends the conversation."""

    t_s: float
    what: str
    why: str
    hint: str
    exit_code: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The last event of every conversation.

    `prices_as_of` is the month of the prices (2026-11); `oddities` counts odd messages that came.
    """

    t_s: float
    reason: str
    turns: int
    exit_code: int
    usage: UsageTotals = field(default_factory=UsageTotals)
    prices_as_of: str | None = None
    oddities: Mapping[str, int] = field(default_factory=dict)
