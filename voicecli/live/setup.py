"""What the user chose, as the setup message of a Live session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from voicecli.live.models import MODELS, VOICES, LiveModel, model_named, model_or_unknown
from voicecli.live.patience import Patience, end_of_speech

if TYPE_CHECKING:
    from google.genai import types

NON_BLOCKING = "NON_BLOCKING"


@dataclass(frozen=True, slots=True)
class FunctionDeclaration:
    """A function on offer; `parameters` is a JSON schema of type object.

    With `background` the conversation goes on while it runs, where the model knows how.
    """

    name: str
    description: str
    parameters: Mapping[str, object]
    background: bool = False


@dataclass(frozen=True, slots=True)
class Compression:
    """When the service lets go of the oldest part of a conversation, and how much it keeps.

    Without it a session of sound ends after 15 minutes (ai.google.dev/gemini-api/docs/live-api).
    """

    trigger_tokens: int
    target_tokens: int


@dataclass(frozen=True, slots=True)
class Dial:
    """A connection to be made: with a handle that carries a session on, or a history to tell."""

    handle: str | None = None
    tells_history: bool = False


@dataclass(frozen=True, slots=True)
class Setup:
    """The choices behind a session; None leaves a choice to the service.

    `search`, `code` and `url_context` are the service's own tools. With `thoughts` it tells what it
    thinks; `thinking` is how much: a level's name or a number of tokens, as the model has it
    (0: not at all; -1: as it likes). `voicecli.live.unfit` says what a model does not have.
    With `push_to_talk` the client says when the user speaks, and patience has no say. Unless
    `interruptible`, the user's voice does not stop the model; a key that is tapped always does.
    """

    model: str
    voice: str | None = None
    language: str | None = None
    system: str | None = None
    temperature: float | None = None
    functions: tuple[FunctionDeclaration, ...] = ()
    search: bool = False
    code: bool = False
    url_context: bool = False
    thoughts: bool = False
    thinking: str | int | None = None
    patience: Patience = Patience.NORMAL
    push_to_talk: bool = False
    interruptible: bool = True
    compression: Compression | None = None


def setup_warnings(setup: Setup) -> tuple[str, ...]:
    """What looks wrong with `setup` and is sent all the same, for the service may know better."""
    found = []
    if model_named(setup.model) is None:
        known = ", ".join(model.name for model in MODELS)
        found.append(f"the model {setup.model} is not in the table of this version ({known})")
    if setup.voice is not None and setup.voice not in VOICES:
        near = get_close_matches(setup.voice.capitalize(), VOICES, n=1)
        tail = f"; did you mean {near[0]}?" if near else ""
        found.append(f"the voice {setup.voice} is not among those that are documented{tail}")
    return tuple(found)


def connect_config(setup: Setup, dial: Dial) -> types.LiveConnectConfig:
    """The SDK's form of `setup` for one connection."""
    from google.genai import types

    model = model_or_unknown(setup.model)
    config = types.LiveConnectConfig(
        response_modalities=[types.Modality.TEXT if model.text_only else types.Modality.AUDIO],
        session_resumption=types.SessionResumptionConfig(handle=dial.handle),
        input_audio_transcription=_input_transcription(setup, text_only=model.text_only),
        system_instruction=setup.system,
        temperature=setup.temperature,
        tools=tools_of(setup) or None,
        thinking_config=_thinking(setup, model),
    )
    if not model.text_only:
        config.output_audio_transcription = types.AudioTranscriptionConfig()
        config.speech_config = _speech(setup)
        config.realtime_input_config = _realtime_input(setup)
        config.context_window_compression = _compression(setup)
    if dial.tells_history:
        config.history_config = types.HistoryConfig(initial_history_in_client_content=True)
    return config


def runs_in_background(model: str, function: FunctionDeclaration) -> bool:
    """Whether a conversation with the model that is called `model` goes on while `function` runs.

    Where it does not, the first result of a call is its whole answer.
    """
    return _behavior(model_or_unknown(model), function) == NON_BLOCKING


def tools_of(setup: Setup) -> types.ToolListUnion:
    """All that the model may use, as the SDK has it."""
    from google.genai import types

    model = model_or_unknown(setup.model)
    tools: types.ToolListUnion = []
    if setup.search:
        tools.append(types.Tool(google_search=types.GoogleSearch()))
    if setup.code:
        tools.append(types.Tool(code_execution=types.ToolCodeExecution()))
    if setup.url_context:
        tools.append(types.Tool(url_context=types.UrlContext()))
    if setup.functions:
        declarations = [_declaration(model, function) for function in setup.functions]
        tools.append(types.Tool(function_declarations=declarations))
    return tools


def _declaration(model: LiveModel, function: FunctionDeclaration) -> types.FunctionDeclaration:
    from google.genai import types

    behavior = _behavior(model, function)
    return types.FunctionDeclaration(
        name=function.name,
        description=function.description,
        parameters_json_schema=dict(function.parameters),
        behavior=types.Behavior(behavior) if behavior else None,
    )


def _behavior(model: LiveModel, function: FunctionDeclaration) -> str | None:
    if function.background and model.background is not None:
        return model.background
    return model.blocking


def _thinking(setup: Setup, model: LiveModel) -> types.ThinkingConfig | None:
    from google.genai import types

    chosen = setup.thinking if setup.thinking is not None else model.least_level
    if chosen is None and not setup.thoughts:
        return None
    return types.ThinkingConfig(
        thinking_level=types.ThinkingLevel(chosen) if isinstance(chosen, str) else None,
        thinking_budget=chosen if isinstance(chosen, int) else None,
        include_thoughts=True if setup.thoughts else None,
    )


def _input_transcription(setup: Setup, *, text_only: bool) -> types.AudioTranscriptionConfig:
    from google.genai import types

    if text_only and setup.language is not None:
        return types.AudioTranscriptionConfig(language_codes=[setup.language])
    return types.AudioTranscriptionConfig()


def _speech(setup: Setup) -> types.SpeechConfig | None:
    from google.genai import types

    if setup.voice is None and setup.language is None:
        return None
    voice = None
    if setup.voice is not None:
        prebuilt = types.PrebuiltVoiceConfig(voice_name=setup.voice)
        voice = types.VoiceConfig(prebuilt_voice_config=prebuilt)
    return types.SpeechConfig(voice_config=voice, language_code=setup.language)


def _compression(setup: Setup) -> types.ContextWindowCompressionConfig | None:
    from google.genai import types

    if setup.compression is None:
        return None
    return types.ContextWindowCompressionConfig(
        trigger_tokens=setup.compression.trigger_tokens,
        sliding_window=types.SlidingWindow(target_tokens=setup.compression.target_tokens),
    )


def _realtime_input(setup: Setup) -> types.RealtimeInputConfig | None:
    """Sent only where something differs from the service's own way."""
    from google.genai import types

    detection = _activity_detection(setup)
    handling = None if _activity_interrupts(setup) else types.ActivityHandling.NO_INTERRUPTION
    if detection is None and handling is None:
        return None
    return types.RealtimeInputConfig(
        automatic_activity_detection=detection, activity_handling=handling
    )


def _activity_detection(setup: Setup) -> types.AutomaticActivityDetection | None:
    from google.genai import types

    if setup.push_to_talk:
        return types.AutomaticActivityDetection(disabled=True)
    end = end_of_speech(setup.patience)
    if end is None:
        return None
    high, low = types.EndSensitivity.END_SENSITIVITY_HIGH, types.EndSensitivity.END_SENSITIVITY_LOW
    return types.AutomaticActivityDetection(
        end_of_speech_sensitivity=high if end.eager else low,
        silence_duration_ms=end.silence_duration_ms,
    )


def _activity_interrupts(setup: Setup) -> bool:
    return setup.interruptible or setup.push_to_talk


def text_as_content(setup: Setup) -> bool:
    """Whether typed words go as client content, which interrupts and is answered in every setup.

    Realtime text is activity like speech: it stops no reply where activity does not, and without
    automatic detection it counts only between an activity's start and its end
    (ai.google.dev/api/live, AutomaticActivityDetection and ActivityHandling).
    """
    model = model_or_unknown(setup.model)
    left_alone = setup.interruptible and not setup.push_to_talk
    return model.text_as_content or (model.takes_content and not left_alone)
