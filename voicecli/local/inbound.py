"""What a connection takes into its conversation: from the client, the ears and the voice."""

from __future__ import annotations

from dataclasses import dataclass, field

from voicecli.local.client_frames import ClientMessage
from voicecli.local.voice import Speech


@dataclass(frozen=True, slots=True)
class Sound:
    """16 kHz sound with the probability of speech in each window that it completes."""

    pcm: bytes = field(repr=False)
    probabilities: list[float]


@dataclass(frozen=True, slots=True)
class Guess:
    words: str


@dataclass(frozen=True, slots=True)
class Heard:
    words: str | None
    duration_s: float


@dataclass(frozen=True, slots=True)
class Voiced:
    number: int
    speech: Speech


Inbound = ClientMessage | Sound | Guess | Heard | Voiced
