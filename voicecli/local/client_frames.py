"""What a client sends, as frozen messages (live-api.md, section 2). The frames are untrusted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from voicecli.audio.pcm import MIC_RATE_HZ, SAMPLE_BYTES, rate_of
from voicecli.local.json_fields import Fields, parse_object, snake_case
from voicecli.local.refusal import Refusal


@dataclass(frozen=True, slots=True)
class SetupRequest:
    """The first message; `voicecli.local.setup_check` reads what is in it."""

    fields: Fields


@dataclass(frozen=True, slots=True)
class Said:
    """Words of one side: `role` is `user` or `model`."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class ClientContent:
    """Turns for the conversation's record; `turn_complete` asks for an answer."""

    turns: tuple[Said, ...]
    turn_complete: bool


@dataclass(frozen=True, slots=True)
class Audio:
    """A piece of the user's microphone: 16-bit mono PCM at `rate_hz`."""

    pcm: bytes = field(repr=False)
    rate_hz: int = MIC_RATE_HZ


@dataclass(frozen=True, slots=True)
class Picture:
    """A frame of the user's camera; the server looks at none."""

    mime_type: str


@dataclass(frozen=True, slots=True)
class TypedText:
    text: str


@dataclass(frozen=True, slots=True)
class ActivityStart:
    """The client's own voice activity detection heard the user begin."""


@dataclass(frozen=True, slots=True)
class ActivityEnd:
    """The client's own voice activity detection heard the user end."""


@dataclass(frozen=True, slots=True)
class AudioStreamEnd:
    """The microphone is off; what was heard so far is all."""


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """What the client's function gave back; the last two fields are for NON_BLOCKING functions."""

    call_id: str
    name: str
    response: Mapping[str, object]
    scheduling: str = ""
    will_continue: bool = False


@dataclass(frozen=True, slots=True)
class ToolAnswers:
    answers: tuple[ToolAnswer, ...]


@dataclass(frozen=True, slots=True)
class ContextUpdate:
    """New tools or a new instruction in the middle of a session; None leaves them as they are."""

    tools: Fields | None = None
    system: Fields | None = None


ClientMessage = (
    SetupRequest
    | ClientContent
    | Audio
    | Picture
    | TypedText
    | ActivityStart
    | ActivityEnd
    | AudioStreamEnd
    | ToolAnswers
    | ContextUpdate
)

# When a result may be spoken of; without one it is when nobody speaks.
_UNSPECIFIED = "SCHEDULING_UNSPECIFIED"
_SCHEDULINGS = ("SILENT", "WHEN_IDLE", "INTERRUPT", _UNSPECIFIED)
_KINDS = ("setup", "clientContent", "realtimeInput", "toolResponse", "contextUpdate")
_KNOWN = frozenset(_KINDS) | {snake_case(kind) for kind in _KINDS}


class NoObject(Refusal):
    """The response of an answer is no JSON object."""

    def __init__(self) -> None:
        super().__init__("Invalid value at 'tool_response.function_responses.response'.")


def parse(frame: str | bytes) -> tuple[ClientMessage, ...]:
    """The messages of one frame, in the order in which they happened. Raises Refusal."""
    fields = parse_object(frame)
    for name in fields.data:
        if name not in _KNOWN:
            raise Refusal(
                f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.'
            )
    present = [kind for kind in _KINDS if fields.has(kind)]
    if len(present) != 1:
        raise Refusal
    body = fields.message(present[0])
    assert body is not None
    if present[0] == "realtimeInput":
        return tuple(_realtime_input(body))
    return (_single(present[0], body),)


def _single(kind: str, body: Fields) -> ClientMessage:
    if kind == "setup":
        return SetupRequest(body)
    if kind == "clientContent":
        turns = tuple(_turn(turn) for turn in body.messages("turns"))
        return ClientContent(turns, bool(body.flag("turnComplete")))
    if kind == "toolResponse":
        return ToolAnswers(tuple(_answer(item) for item in body.messages("functionResponses")))
    return ContextUpdate(body.message("tools"), body.message("systemInstruction"))


def _turn(turn: Fields) -> Said:
    role = turn.text("role") or "user"
    if role not in ("user", "model"):
        raise Refusal("Please use a valid role: user, model.")
    return Said(role, "".join(part.text("text") for part in turn.messages("parts")))


def _answer(item: Fields) -> ToolAnswer:
    response = item.value("response")
    if not isinstance(response, dict | None):
        raise NoObject
    scheduling = item.choice("scheduling", *_SCHEDULINGS)
    return ToolAnswer(
        call_id=item.text("id"),
        name=item.text("name"),
        response=response or {},
        scheduling="" if scheduling == _UNSPECIFIED else scheduling,
        will_continue=bool(item.flag("willContinue")),
    )


def _realtime_input(body: Fields) -> Iterator[ClientMessage]:
    if body.message("activityStart") is not None:
        yield ActivityStart()
    for blob in (body.message("audio"), body.message("video"), *body.messages("mediaChunks")):
        if blob is not None:
            yield _media(blob)
    if body.has("text"):
        yield TypedText(body.text("text"))
    if body.message("activityEnd") is not None:
        yield ActivityEnd()
    if body.flag("audioStreamEnd"):
        yield AudioStreamEnd()


def _media(blob: Fields) -> Audio | Picture:
    mime_type = blob.text("mimeType")
    data = blob.blob("data")
    if mime_type.startswith("image/"):
        return Picture(mime_type)
    if not mime_type.startswith("audio/pcm") or len(data) % SAMPLE_BYTES:
        raise Refusal
    return Audio(data, rate_of(mime_type, MIC_RATE_HZ))
