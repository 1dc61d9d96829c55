"""How long the service waits before it takes a pause for the end of the user's turn."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Patience(StrEnum):
    """The user's choice between a quick answer and time to think."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class EndOfSpeech:
    """When the user's turn is over: after how much silence, and how readily sound counts as it."""

    eager: bool
    silence_duration_ms: int


# When speech begins is left to the service: it decides how easily the user interrupts, and that
# has nothing to do with patience. So are both ends of NORMAL.
_END_OF_SPEECH = {
    # Inside of words there are silences of up to 200 ms, where consonants are held.
    Patience.LOW: EndOfSpeech(eager=True, silence_duration_ms=300),
    # A pause of a second in a sentence is common, and ends a turn by the service's own measure
    # (google-gemini/cookbook#1328); who thinks takes twice as long.
    Patience.HIGH: EndOfSpeech(eager=False, silence_duration_ms=2000),
}


def end_of_speech(patience: Patience) -> EndOfSpeech | None:
    """What to ask of the service; None leaves it to the service."""
    return _END_OF_SPEECH.get(patience)
