"""What a conversation asks its connection to do."""

from __future__ import annotations

from dataclasses import dataclass, field

from voicecli.local.faults import Moment
from voicecli.local.server_frames import Frame
from voicecli.local.tool_calls import MadeCall


@dataclass(frozen=True, slots=True)
class Send:
    """Send a frame to the client."""

    frame: Frame


@dataclass(frozen=True, slots=True)
class Called:
    """These calls are made with the frames that follow."""

    calls: tuple[MadeCall, ...]


@dataclass(frozen=True, slots=True)
class StartListening:
    """An utterance begins; its sound follows."""


@dataclass(frozen=True, slots=True)
class Listen:
    """A further piece of the utterance: 16 kHz, 16-bit mono."""

    pcm: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class StopListening:
    """The utterance is over; `Conversation.heard` wants its words."""

    duration_s: float


@dataclass(frozen=True, slots=True)
class VoiceText:
    """`Conversation.voiced` wants the sound of `text` for the turn `number`."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Reached:
    """The conversation stands at `moment`, where faults may strike before anything further.

    `begins_turn`: the user begins a turn with it.
    """

    moment: Moment
    begins_turn: bool = False


Listening = StartListening | Listen | StopListening
Effect = Send | Called | VoiceText | Reached | Listening
