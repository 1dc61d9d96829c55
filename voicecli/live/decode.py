"""Messages of the SDK into events: each fact of a message on its own, none in place of another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from voicecli.audio.pcm import SPEAKER_RATE_HZ, rate_of
from voicecli.live import events, sources

if TYPE_CHECKING:
    from google.genai import types

# 12.7 s in one burst was reported; a piece of more than twice that is worth a line in the log.
USUAL_CHUNK_BYTES = 30 * 2 * SPEAKER_RATE_HZ

# Some models send one before each piece of sound.
EMPTY_MESSAGE = "empty message"

# As much as a screen can show with use; the service's own results are shorter.
LONGEST_CODE = 16_000
LONGEST_LANGUAGE = 20
RAN_TOO_LONG = "it ran for too long"

# What a part may hold beside, of which nothing is to be shown.
_PARTS = {
    "text",
    "thought",
    "thought_signature",
    "inline_data",
    "executable_code",
    "code_execution_result",
    "part_metadata",
}

_STATUSES = ("INTERACTION_STATUS_UNSPECIFIED", "IN_PROGRESS", "REQUIRES_ACTION", "IDLE")

# Thousands of times what a model can hold: a server that says more is mistaken.
MOST_TOKENS = 1_000_000_000
MODALITIES = frozenset({"text", "audio", "image", "video", "document"})


def decode(message: types.LiveServerMessage) -> Iterator[events.LiveEvent]:
    """The events of one message, words before sound and sound before the end that follows it.

    `interrupted` can share a message with sound of the reply that it cuts off: it comes after.
    """
    if not message.model_fields_set:
        yield events.Unrecognised(EMPTY_MESSAGE)
    if message.session_resumption_update is not None:
        yield from _resumption(message.session_resumption_update)
    if message.go_away is not None:
        yield events.GoAway(seconds(message.go_away.time_left))
    if message.voice_activity is not None:
        yield from _voice_activity(message.voice_activity)
    if message.tool_call_cancellation is not None and message.tool_call_cancellation.ids:
        yield events.FunctionCallsCancelled(tuple(message.tool_call_cancellation.ids))
    if message.server_content is not None:
        yield from _content(message.server_content)
    if message.tool_call is not None:
        yield from _calls(message.tool_call)
    if message.usage_metadata is not None:
        yield usage(message.usage_metadata)
    if message.server_content is not None:
        yield from _ends(message.server_content)


def _resumption(update: types.LiveServerSessionResumptionUpdate) -> Iterator[events.LiveEvent]:
    if update.new_handle and update.resumable:
        yield events.ResumptionUpdate(update.new_handle, resumable=True)
    elif update.resumable is False:
        yield events.ResumptionUpdate("", resumable=False)


def _voice_activity(activity: types.VoiceActivity) -> Iterator[events.LiveEvent]:
    kind = activity.voice_activity_type
    if kind is not None and kind.value in ("ACTIVITY_START", "ACTIVITY_END"):
        yield events.VoiceActivity(kind.value == "ACTIVITY_START", seconds(activity.audio_offset))
    elif kind is not None and kind.value != "TYPE_UNSPECIFIED":
        yield events.Unrecognised("unknown voice activity")


def _content(content: types.LiveServerContent) -> Iterator[events.LiveEvent]:
    interim = content.interim_input_transcription
    if interim is not None and interim.text:
        yield events.UserSpeech(interim.text, interim=True)
    if content.input_transcription is not None and content.input_transcription.text:
        yield events.UserSpeech(content.input_transcription.text)
    if content.output_transcription is not None and content.output_transcription.text:
        yield events.ModelSpeech(content.output_transcription.text)
    if content.model_turn is not None:
        for part in content.model_turn.parts or ():
            yield from _part(part)
    if content.grounding_metadata is not None:
        yield from sources.searched(content.grounding_metadata)
    if content.url_context_metadata is not None:
        yield from sources.read_pages(content.url_context_metadata)


def _part(part: types.Part) -> Iterator[events.LiveEvent]:
    if part.text:
        yield events.Thought(part.text) if part.thought else events.ModelText(part.text)
    if part.executable_code is not None and part.executable_code.code:
        code = part.executable_code
        yield events.CodeWritten(_language(code.language), _cut(code.code or ""))
    if part.code_execution_result is not None:
        yield _ran(part.code_execution_result)
    if part.inline_data is not None and part.inline_data.data:
        yield from _sound(part.inline_data, part.inline_data.data)
    if not part.model_fields_set <= _PARTS:
        yield events.Unrecognised("unknown kind of part")


def _sound(blob: types.Blob, pcm: bytes) -> Iterator[events.LiveEvent]:
    if not (blob.mime_type or "audio/pcm").startswith("audio/"):
        yield events.Unrecognised("unknown kind of data")
        return
    if len(pcm) > USUAL_CHUNK_BYTES:
        yield events.Unrecognised("very long piece of sound")
    yield events.AudioChunk(pcm, rate_of(blob.mime_type, SPEAKER_RATE_HZ))


def _language(language: types.Language | None) -> str:
    """A name that a highlighter may know; a service may name one of the future."""
    name = "" if language is None else language.value.lower()
    known = name.isalnum() and name.isascii() and len(name) <= LONGEST_LANGUAGE
    return name if known else ""


def _ran(result: types.CodeExecutionResult) -> events.CodeRan:
    outcome = "" if result.outcome is None else result.outcome.value
    output = _cut(result.output or "")
    if outcome == "OUTCOME_DEADLINE_EXCEEDED":
        output = f"{output}\n{RAN_TOO_LONG}".lstrip("\n")
    return events.CodeRan(outcome in ("", "OUTCOME_UNSPECIFIED", "OUTCOME_OK"), output)


def _cut(text: str) -> str:
    if len(text) <= LONGEST_CODE:
        return text
    return f"{text[:LONGEST_CODE]} … (cut: {len(text)} characters in all)"


def _calls(tool_call: types.LiveServerToolCall) -> Iterator[events.LiveEvent]:
    for call in tool_call.function_calls or ():
        if call.id and call.name:
            yield events.FunctionCall(call.id, call.name, call.args or {})
        else:
            yield events.Unrecognised("function call without a name or an id")


def _ends(content: types.LiveServerContent) -> Iterator[events.LiveEvent]:
    if content.generation_complete:
        yield events.GenerationComplete()
    if content.interrupted:
        yield events.Interrupted()
    status = content.interaction_status
    if status is not None and status.value not in _STATUSES:
        yield events.Unrecognised("unknown interaction status")
        status = None
    if status is not None and status.value != _STATUSES[0]:
        if content.turn_complete or status.value != "IN_PROGRESS":
            yield events.TurnComplete(waiting=status.value == "IN_PROGRESS")
    elif content.turn_complete:
        yield events.TurnComplete()


def usage(metadata: types.UsageMetadata) -> events.Usage:
    """Token counts; what the service leaves out counts as nothing.

    What its own tools, such as search, put before the model went in as well.
    """
    prompt = _count(metadata.prompt_token_count) + _count(metadata.tool_use_prompt_token_count)
    of_tools = metadata.tool_use_prompt_tokens_details or []
    return events.Usage(
        prompt_tokens=prompt,
        response_tokens=_count(metadata.response_token_count),
        thoughts_tokens=_count(metadata.thoughts_token_count),
        total_tokens=_count(metadata.total_token_count),
        prompt_by_modality=_by_modality([*(metadata.prompt_tokens_details or []), *of_tools]),
        response_by_modality=_by_modality(metadata.response_tokens_details or []),
    )


def _count(tokens: int | None) -> int:
    return min(max(tokens or 0, 0), MOST_TOKENS)


def _by_modality(details: list[types.ModalityTokenCount]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for detail in details:
        modality, count = detail.modality, _count(detail.token_count)
        name = "" if modality is None else modality.value.lower()
        if not count or name in ("", "modality_unspecified"):
            continue
        name = name if name in MODALITIES else "other"
        counted[name] = counted.get(name, 0) + count
    return counted


def seconds(duration: str | None) -> float:
    """A protobuf duration such as `1.880s`, in seconds; 0 for what is none."""
    try:
        value = float((duration or "").removesuffix("s"))
    except ValueError:
        return 0.0
    return value if 0 <= value < 1e9 else 0.0
