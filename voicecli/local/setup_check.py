"""The setup message: what it asks for, or the refusal that Google's service would answer with.

Codes and reasons are those of live-api.md, sections 4 and 5; where the table only says that a model
does not take something, the reason is the service's general one, `INVALID_ARGUMENT`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from voicecli.local.client_frames import ContextUpdate
from voicecli.local.json_fields import Fields
from voicecli.local.models import Model, Proactive, Thinking, find_model
from voicecli.local.refusal import POLICY, Refusal
from voicecli.local.tool_check import Tools, read_tools
from voicecli.local.turn_taking import DEFAULT_DETECTION, Detection

DEFAULT_VOICE = "Kore"
DEFAULT_LANGUAGE = "en-US"

_LEVELS = ("MINIMAL", "LOW", "MEDIUM", "HIGH")
_HANDLINGS = (
    "ACTIVITY_HANDLING_UNSPECIFIED",
    "START_OF_ACTIVITY_INTERRUPTS",
    "NO_INTERRUPTION",
)


@dataclass(frozen=True, slots=True)
class Setup:
    """A setup that is in order. Without `detection` the client itself tells the user's activity."""

    model: Model
    voice_name: str = DEFAULT_VOICE
    language: str = DEFAULT_LANGUAGE
    system: str = ""
    include_thoughts: bool = False
    tools: Tools = field(default_factory=Tools)
    transcribes_input: bool = False
    transcribes_output: bool = False
    detection: Detection | None = DEFAULT_DETECTION
    interruptible: bool = True
    starts_with_history: bool = False
    tells_handles: bool = False
    handle: str = ""


def check_setup(fields: Fields, api_version: str) -> Setup:
    """Read a setup message. Raises Refusal with the code and the reason of the real service."""
    fields = Fields(fields.data, "setup")
    model = _model(fields.text("model"), api_version)
    generation = fields.message("generationConfig") or Fields({})
    _check_output(model, generation)
    _check_extras(model, fields, generation, api_version)
    voice_name, language = _voice(generation)
    realtime = fields.message("realtimeInputConfig") or Fields({})
    resumption = fields.message("sessionResumption")
    history = fields.message("historyConfig")
    return Setup(
        model=model,
        voice_name=voice_name,
        language=language,
        system=_system(fields.message("systemInstruction")),
        include_thoughts=_thinking(model, generation) and model.thinks_aloud,
        tools=read_tools(model, fields.messages("tools"), "setup"),
        transcribes_input=fields.message("inputAudioTranscription") is not None,
        transcribes_output=model.unasked_transcripts
        or fields.message("outputAudioTranscription") is not None,
        detection=_detection(realtime.message("automaticActivityDetection")),
        interruptible=realtime.choice("activityHandling", *_HANDLINGS) != "NO_INTERRUPTION",
        starts_with_history=history is not None
        and bool(history.flag("initialHistoryInClientContent")),
        tells_handles=model.unasked_transcripts or resumption is not None,
        handle=resumption.text("handle") if resumption else "",
    )


def updated(setup: Setup, update: ContextUpdate) -> Setup:
    """`setup` from a context update on. Raises Refusal for what no setup may hold."""
    if update.tools is not None:
        listed = update.tools.messages("tools")
        setup = replace(setup, tools=read_tools(setup.model, listed, update.tools.path))
    if update.system is not None:
        setup = replace(setup, system=_system(update.system))
    return setup


def _model(name: str, api_version: str) -> Model:
    model = find_model(name)
    if model is None:
        named = name if name.startswith("models/") else f"models/{name}"
        raise Refusal(
            f"{named} is not found for API version {api_version}, or is not supported for "
            "bidiGenerateContent. Call ListModels to see the list of available models.",
            code=POLICY,
        )
    return model


def _check_output(model: Model, generation: Fields) -> None:
    own = "TEXT" if model.transcribes else "AUDIO"
    modalities = [name.upper() for name in generation.texts("responseModalities")] or [own]
    if generation.message("speechConfig") is not None and "AUDIO" not in modalities:
        raise Refusal("Cannot extract voices from a non-audio request.")
    if modalities != [own]:
        raise Refusal


def _check_extras(model: Model, fields: Fields, generation: Fields, api_version: str) -> None:
    proactivity = fields.message("proactivity")
    wanted = proactivity.flag("proactiveAudio") if proactivity else None
    if wanted is True and model.proactive is Proactive.NO:
        raise Refusal
    if wanted is False and model.proactive is Proactive.ALWAYS:
        raise Refusal
    affective = generation.flag("enableAffectiveDialog")
    if affective and not (model.affective and api_version == "v1alpha"):
        raise Refusal


def _thinking(model: Model, generation: Fields) -> bool:
    """Check how thinking is set; returns whether thoughts are to be sent."""
    config = generation.message("thinkingConfig") or Fields({})
    level = config.text("thinkingLevel").upper()
    if level and model.thinking is Thinking.NONE:
        raise Refusal("Thinking level is not supported for this model")
    if not level and model.thinking is Thinking.LEVEL_REQUIRED:
        raise Refusal("Thinking level must be specified for this model")
    takes_level = model.thinking in (Thinking.LEVEL, Thinking.LEVEL_REQUIRED)
    if level and (not takes_level or level not in _LEVELS):
        raise Refusal
    if level == "MINIMAL" and model.thinking is Thinking.LEVEL_REQUIRED:
        raise Refusal
    if config.integer("thinkingBudget") is not None and model.thinking is not Thinking.BUDGET:
        raise Refusal
    return bool(config.flag("includeThoughts"))


def _voice(generation: Fields) -> tuple[str, str]:
    speech = generation.message("speechConfig") or Fields({})
    voice = speech.message("voiceConfig") or Fields({})
    prebuilt = voice.message("prebuiltVoiceConfig") or Fields({})
    return (
        prebuilt.text("voiceName") or DEFAULT_VOICE,
        speech.text("languageCode") or DEFAULT_LANGUAGE,
    )


def _system(instruction: Fields | None) -> str:
    return (
        "".join(part.text("text") for part in instruction.messages("parts")) if instruction else ""
    )


def _detection(config: Fields | None) -> Detection | None:
    if config is None:
        return Detection()
    if config.flag("disabled"):
        return None
    return Detection.chosen(
        eager_start=_sensitive(config, "startOfSpeechSensitivity", "START_SENSITIVITY"),
        eager_end=_sensitive(config, "endOfSpeechSensitivity", "END_SENSITIVITY"),
        prefix_padding_ms=_milliseconds(config, "prefixPaddingMs"),
        silence_duration_ms=_milliseconds(config, "silenceDurationMs"),
    )


def _sensitive(config: Fields, name: str, enum: str) -> bool:
    levels = (f"{enum}_UNSPECIFIED", f"{enum}_HIGH", f"{enum}_LOW")
    return config.choice(name, *levels) != f"{enum}_LOW"


def _milliseconds(config: Fields, name: str) -> int | None:
    value = config.integer(name)
    if value is not None and value < 0:
        raise Refusal
    return value
