"""What the service says, as frozen events: one class a fact, whatever messages they came in.

The Live API puts several facts into one message; `voicecli.live.decode` takes each out on its
own, in the order in which a listener has to act on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection stands and its setup was accepted; `resumed` if it carries on a session.

    `planned` if the session moved here of its own accord, and no `Reconnecting` came before.
    `told` if the service had to be told, in words, what was said before.
    """

    resumed: bool = False
    planned: bool = False
    told: bool = False


@dataclass(frozen=True, slots=True)
class Reconnecting:
    """The connection is gone; attempt number `attempt` (from 1) follows in `delay_s`."""

    reason: str
    attempt: int
    delay_s: float


@dataclass(frozen=True, slots=True)
class SaidAgain:
    """The user's speech was not answered, and is said again: its words will be recognised anew."""


@dataclass(frozen=True, slots=True)
class SpeechLost:
    """So much of the user's speech came while there was no connection, and could not be kept."""

    seconds: float


@dataclass(frozen=True, slots=True)
class SetupRefused:
    """The service does not take the setup that was asked for; the one before holds again."""

    reason: str


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A piece of the model's voice: 16-bit little-endian mono PCM at `rate_hz`."""

    pcm: bytes = field(repr=False)
    rate_hz: int


@dataclass(frozen=True, slots=True)
class UserSpeech:
    """Words of the user, recognised: a further piece, or with `interim` a guess to be replaced."""

    text: str
    interim: bool = False


@dataclass(frozen=True, slots=True)
class ModelSpeech:
    """A further piece of the words of the model's voice; may run ahead of the sound."""

    text: str


@dataclass(frozen=True, slots=True)
class ModelText:
    """A further piece of a written answer, from a model that answers in text."""

    text: str


@dataclass(frozen=True, slots=True)
class Thought:
    """A summary of what the model thinks; never speech."""

    text: str


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The user spoke over the model: what is not played yet must not be played."""


@dataclass(frozen=True, slots=True)
class GenerationComplete:
    """The reply's content is whole; its playback may go on. Absent after `Interrupted`."""


@dataclass(frozen=True, slots=True)
class TurnComplete:
    """The model's turn is over; `waiting` while the service says that it is still at work."""

    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one turn, as counted by the service; modalities map to counts, may not add up.

    Modalities are `text`, `audio`, `image`, `video`, `document`, or `other` for a newer one.
    """

    prompt_tokens: int = 0
    response_tokens: int = 0
    thoughts_tokens: int = 0
    total_tokens: int = 0
    prompt_by_modality: Mapping[str, int] = field(default_factory=dict)
    response_by_modality: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """A page that an answer rests on; `uri` is http or https, `title` the same if there is none."""

    uri: str
    title: str


@dataclass(frozen=True, slots=True)
class Grounding:
    """The searches behind an answer and what they found, or the pages that were read for it."""

    queries: tuple[str, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class CodeWritten:
    """The model wrote `code` for the service to run; `language` in small letters, "" if unknown."""

    language: str
    code: str


@dataclass(frozen=True, slots=True)
class CodeRan:
    """What the code printed when the service ran it; `ok` unless that failed."""

    ok: bool
    output: str


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """The model wants `name` called with `args`; the answer carries `call_id`."""

    call_id: str
    name: str
    args: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class FunctionCallsCancelled:
    """Calls that need no answer any more, and must not get one."""

    call_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GoAway:
    """The server will end this connection in `time_left_s`."""

    time_left_s: float


@dataclass(frozen=True, slots=True)
class ResumptionUpdate:
    """With `resumable`, `handle` carries the session over to a new connection."""

    handle: str = field(repr=False)
    resumable: bool


@dataclass(frozen=True, slots=True)
class VoiceActivity:
    """The server heard the user start or stop, `offset_s` into the audio it was sent."""

    speaking: bool
    offset_s: float


@dataclass(frozen=True, slots=True)
class Unrecognised:
    """Something that this version does not know or expect; the conversation goes on."""

    kind: str
    """In a few words that stay the same, to be counted by."""


LiveEvent = (
    Connected
    | Reconnecting
    | SaidAgain
    | SpeechLost
    | SetupRefused
    | AudioChunk
    | UserSpeech
    | ModelSpeech
    | ModelText
    | Thought
    | Interrupted
    | GenerationComplete
    | TurnComplete
    | Usage
    | Grounding
    | CodeWritten
    | CodeRan
    | FunctionCall
    | FunctionCallsCancelled
    | GoAway
    | ResumptionUpdate
    | VoiceActivity
    | Unrecognised
)
