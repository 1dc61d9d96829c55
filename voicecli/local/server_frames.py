"""What the server sends, built as live-api.md, section 3, shows it: camel case, standard base64."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence

from voicecli.audio.pcm import SPEAKER_RATE_HZ

Frame = dict[str, object]

_AUDIO_TYPE = f"audio/pcm;rate={SPEAKER_RATE_HZ}"


def encode(frame: Frame) -> str:
    """The text of a WebSocket message."""
    return json.dumps(frame, separators=(",", ":"), ensure_ascii=False)


def empty() -> Frame:
    """Means nothing; the real service sends one before each piece of sound."""
    return {}


def content(**fields: object) -> Frame:
    """A `serverContent` message; without fields it means nothing, and is sent all the same."""
    return {"serverContent": fields}


def setup_complete() -> Frame:
    return {"setupComplete": {}}


def resumption_update(handle: str) -> Frame:
    return {"sessionResumptionUpdate": {"newHandle": handle, "resumable": True}}


def not_resumable() -> Frame:
    """The model is at work; a session that is resumed from before loses what it does now."""
    return {"sessionResumptionUpdate": {"resumable": False}}


def go_away(time_left_s: float) -> Frame:
    return {"goAway": {"timeLeft": f"{time_left_s:g}s"}}


def voice_activity(offset_s: float, *, speaking: bool) -> Frame:
    kind = "ACTIVITY_START" if speaking else "ACTIVITY_END"
    return {"voiceActivity": {"type": kind, "audioOffset": f"{offset_s:.3f}s"}}


def user_words(text: str, *, interim: bool = False) -> Frame:
    name = "interimInputTranscription" if interim else "inputTranscription"
    return content(**{name: {"text": text}})


def model_words(text: str) -> Frame:
    return content(outputTranscription={"text": text})


def sound(pcm: bytes, words: str = "") -> Frame:
    """A piece of the model's voice, 24 kHz, with the `words` that share its message."""
    blob = {"mimeType": _AUDIO_TYPE, "data": base64.b64encode(pcm).decode("ascii")}
    turn = {"role": "model", "parts": [{"inlineData": blob}]}
    if words:
        return content(modelTurn=turn, outputTranscription={"text": words})
    return content(modelTurn=turn)


def thought(text: str) -> Frame:
    return content(modelTurn={"parts": [{"text": text, "thought": True}]})


def grounding(queries: Sequence[str], sources: Iterable[tuple[str, str]]) -> Frame:
    """The searches behind an answer; `sources` are pairs of address and title."""
    chunks = [{"web": {"uri": uri, "title": title}} for uri, title in sources]
    return content(groundingMetadata={"webSearchQueries": list(queries), "groundingChunks": chunks})


def executable_code(language: str, source: str) -> Frame:
    """Code that the model has Google run for it."""
    part = {"executableCode": {"language": language, "code": source}}
    return content(modelTurn={"parts": [part]})


def code_result(output: str, *, failed: bool) -> Frame:
    """What the code printed."""
    outcome = "OUTCOME_FAILED" if failed else "OUTCOME_OK"
    part = {"codeExecutionResult": {"outcome": outcome, "output": output}}
    return content(modelTurn={"parts": [part]})


def url_context(urls: Iterable[tuple[str, str]]) -> Frame:
    """The pages that were fetched for an answer, each with how that went: `SUCCESS`, `ERROR`…"""
    fetched = [
        {"retrievedUrl": uri, "urlRetrievalStatus": f"URL_RETRIEVAL_STATUS_{status}"}
        for uri, status in urls
    ]
    return content(urlContextMetadata={"urlMetadata": fetched})


def interrupted() -> Frame:
    return content(interrupted=True)


def generation_complete() -> Frame:
    return content(generationComplete=True)


def turn_complete(usage: Frame, status: str = "") -> Frame:
    """The turn's end with what it used; `status` for a model that tells its interaction status."""
    ended: Frame = {"turnComplete": True}
    if status:
        ended["interactionStatus"] = status
    return {"serverContent": ended, "usageMetadata": usage}


def tool_call(calls: Iterable[tuple[str, str, Mapping[str, object]]]) -> Frame:
    """Calls as (id, name, arguments)."""
    listed = [{"id": call_id, "name": name, "args": dict(args)} for call_id, name, args in calls]
    return {"toolCall": {"functionCalls": listed}}


def tool_call_cancellation(call_ids: Iterable[str]) -> Frame:
    return {"toolCallCancellation": {"ids": list(call_ids)}}
