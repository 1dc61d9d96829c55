"""The model table of live-api.md, section 5, row by row: what is refused, with code and reason.

A client that is tried against this server must meet here what it would meet at Google's.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.local.client_frames import ContextUpdate, parse
from voicecli.local.json_fields import Fields
from voicecli.local.models import find_model
from voicecli.local.refusal import INVALID_ARGUMENT, Refusal
from voicecli.local.setup_check import Setup, check_setup, updated
from voicecli.local.tool_check import Tools
from voicecli.local.turn_taking import DEFAULT_DETECTION, Detection

NATIVE_25 = "gemini-2.5-flash-native-audio-preview-12-2025"
FLASH_31 = "gemini-3.1-flash-live-preview"
LIVE_38 = "gemini-3.8-live"
EXTENDED = "gemini-3.8-live-extended-thinking"
TRANSCRIBE = "gemini-3.5-transcribe-live"
CASCADE = "gemini-live-2.5-flash-preview"
NATIVE = (NATIVE_25, FLASH_31, LIVE_38, EXTENDED)

Json = dict[str, object]


def setup_of(model: str, generation: Json | None = None, **fields: object) -> Json:
    """A setup that is in order but for what the test adds."""
    generation = dict(generation or {})
    if model == EXTENDED:
        generation.setdefault("thinkingConfig", {"thinking_level": "LOW"})
    return {"model": f"models/{model}", "generationConfig": generation, **fields}


def checked(
    model: str, generation: Json | None = None, *, version: str = "v1", **fields: object
) -> Setup:
    return check_setup(Fields(setup_of(model, generation, **fields)), version)


def refusal(
    model: str, generation: Json | None = None, *, version: str = "v1", **fields: object
) -> tuple[int, str]:
    with pytest.raises(Refusal) as refused:
        checked(model, generation, version=version, **fields)
    return refused.value.code, refused.value.reason


def thinking(**config: object) -> Json:
    return {"thinkingConfig": config}


def test_the_setup_of_the_python_sdk_is_read_as_it_is_meant() -> None:
    sent = json.loads("""{"model":"models/gemini-2.5-flash-native-audio-preview-12-2025",
      "generationConfig":{"responseModalities":["AUDIO"],"temperature":0.7,
        "speechConfig":{"voice_config":{"prebuilt_voice_config":{"voice_name":"Puck"}},
          "language_code":"de-DE"},
        "thinkingConfig":{"include_thoughts":true,"thinking_budget":100}},
      "systemInstruction":{"parts":[{"text":"Be "},{"text":"brief."}],"role":"user"},
      "tools":[{"googleSearch":{}},{"functionDeclarations":[{"name":"get_time","description":"d",
        "parameters":{"type":"OBJECT","properties":{"tz":{"type":"STRING"}},"required":["tz"]},
        "behavior":"NON_BLOCKING"}]}],
      "sessionResumption":{"handle":"H1"},"inputAudioTranscription":{},
      "outputAudioTranscription":{},
      "realtimeInputConfig":{"automatic_activity_detection":{"disabled":false,
        "start_of_speech_sensitivity":"START_SENSITIVITY_LOW","prefix_padding_ms":20,
        "silence_duration_ms":700},"activity_handling":"NO_INTERRUPTION",
        "turn_coverage":"TURN_INCLUDES_ONLY_ACTIVITY"},
      "contextWindowCompression":{"trigger_tokens":25600,"sliding_window":{"target_tokens":12800}},
      "proactivity":{"proactive_audio":true},
      "historyConfig":{"initial_history_in_client_content":true}}""")
    setup = check_setup(Fields(sent), "v1")
    assert setup.model is find_model(NATIVE_25)
    assert (setup.voice_name, setup.language, setup.system) == ("Puck", "de-DE", "Be brief.")
    assert setup.include_thoughts
    assert setup.tools.search
    assert setup.tools.functions == {"get_time": "NON_BLOCKING"}
    assert setup.handle == "H1"
    assert setup.tells_handles
    assert setup.transcribes_input
    assert setup.transcribes_output
    assert not setup.interruptible
    assert setup.starts_with_history
    assert setup.detection is not None
    assert setup.detection.start_probability == 0.8
    assert setup.detection.prefix_padding_ms == 20
    assert setup.detection.silence_duration_ms == 700


@pytest.mark.parametrize("model", [*NATIVE, CASCADE, TRANSCRIBE])
def test_a_bare_setup_is_in_order_with_or_without_the_prefix(model: str) -> None:
    setup = checked(model)
    assert setup.detection == DEFAULT_DETECTION
    assert setup.interruptible
    assert not setup.transcribes_input
    assert not setup.handle
    assert find_model(model) is find_model(f"models/{model}") is setup.model


def test_3_8_sends_transcripts_and_handles_unasked() -> None:
    for model in (LIVE_38, EXTENDED):
        assert checked(model).transcribes_output
        assert checked(model).tells_handles
    for model in (NATIVE_25, FLASH_31, TRANSCRIBE):
        assert not checked(model).transcribes_output
        assert not checked(model).tells_handles
        assert checked(model, sessionResumption={}).tells_handles


@pytest.mark.parametrize("name", ["gemini-9", "models/gemini-9", "other"])
def test_an_unknown_model_is_not_found(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_setup(Fields({"model": name}), "v1beta")
    bare = name.removeprefix("models/")
    assert refused.value.code == 1008
    assert refused.value.reason.startswith(
        f"models/{bare} is not found for API version v1beta, "
        "or is not supported for bidiGenerateContent. Call"
    )


def test_a_missing_model_is_not_found_either() -> None:
    with pytest.raises(Refusal, match=r"^models/ is not found"):
        check_setup(Fields({}), "v1")


@pytest.mark.parametrize("model", [*NATIVE, CASCADE])
def test_all_but_the_transcriber_answer_in_sound_only(model: str) -> None:
    assert refusal(model, {"responseModalities": ["TEXT"]}) == (1007, INVALID_ARGUMENT)
    assert refusal(model, {"responseModalities": ["AUDIO", "TEXT"]}) == (1007, INVALID_ARGUMENT)
    assert checked(model, {"response_modalities": ["audio"]}).model.name == model


def test_the_transcriber_answers_in_text_only() -> None:
    assert checked(TRANSCRIBE, {"responseModalities": ["TEXT"]}).model.transcribes
    assert refusal(TRANSCRIBE, {"responseModalities": ["AUDIO"]}) == (1007, INVALID_ARGUMENT)


@pytest.mark.parametrize("model", [LIVE_38, TRANSCRIBE])
def test_voices_do_not_go_with_text(model: str) -> None:
    generation: Json = {"responseModalities": ["TEXT"], "speechConfig": {"language_code": "en-US"}}
    assert refusal(model, generation) == (
        1007,
        "Cannot extract voices from a non-audio request.",
    )


def test_3_8_takes_no_thinking_level_and_no_budget() -> None:
    reason = "Thinking level is not supported for this model"
    assert refusal(LIVE_38, thinking(thinking_level="LOW")) == (1007, reason)
    assert refusal(LIVE_38, thinking(thinkingBudget=100)) == (1007, INVALID_ARGUMENT)


def test_extended_thinking_needs_a_level() -> None:
    reason = "Thinking level must be specified for this model"
    assert refusal(EXTENDED, thinking()) == (1007, reason)
    assert refusal(EXTENDED, thinking(thinkingLevel="MINIMAL")) == (1007, INVALID_ARGUMENT)
    assert refusal(EXTENDED, thinking(thinkingLevel="DEEP")) == (1007, INVALID_ARGUMENT)
    for level in ("LOW", "MEDIUM", "HIGH", "high"):
        assert checked(EXTENDED, thinking(thinkingLevel=level))


def test_3_1_takes_a_level_and_2_5_a_budget() -> None:
    assert checked(FLASH_31, thinking(thinkingLevel="MINIMAL"))
    assert checked(NATIVE_25, thinking(thinkingBudget=0))
    assert refusal(FLASH_31, thinking(thinkingBudget=0)) == (1007, INVALID_ARGUMENT)
    assert refusal(NATIVE_25, thinking(thinkingLevel="LOW")) == (1007, INVALID_ARGUMENT)


def test_the_older_half_cascade_takes_no_thinking_at_all() -> None:
    assert refusal(CASCADE, thinking(thinkingBudget=0)) == (1007, INVALID_ARGUMENT)
    assert refusal(CASCADE, thinking(thinkingLevel="LOW"))[0] == 1007
    assert not checked(CASCADE, thinking(includeThoughts=True)).include_thoughts


def test_thoughts_come_from_models_that_have_them_where_they_are_asked_for() -> None:
    assert checked(NATIVE_25, thinking(includeThoughts=True)).include_thoughts
    assert checked(FLASH_31, thinking(include_thoughts=True)).include_thoughts
    extended = thinking(includeThoughts=True, thinkingLevel="LOW")
    assert checked(EXTENDED, extended).include_thoughts
    assert not checked(LIVE_38, thinking(includeThoughts=True)).include_thoughts
    assert not checked(NATIVE_25).include_thoughts


@pytest.mark.parametrize(
    ("model", "refused"), [(NATIVE_25, None), (FLASH_31, True), (LIVE_38, False), (EXTENDED, False)]
)
def test_proactive_audio_is_taken_as_the_table_says(model: str, refused: bool | None) -> None:
    for wanted in (True, False):
        proactivity = {"proactive_audio": wanted}
        if wanted is refused:
            assert refusal(model, proactivity=proactivity) == (1007, INVALID_ARGUMENT)
        else:
            assert checked(model, proactivity=proactivity)


def test_affective_dialog_is_for_2_5_in_v1alpha() -> None:
    wanted: Json = {"enableAffectiveDialog": True}
    assert checked(NATIVE_25, wanted, version="v1alpha")
    assert refusal(NATIVE_25, wanted, version="v1beta") == (1007, INVALID_ARGUMENT)
    for model in (FLASH_31, LIVE_38, EXTENDED):
        assert refusal(model, wanted, version="v1alpha") == (1007, INVALID_ARGUMENT)
        assert checked(model, {"enableAffectiveDialog": False})


def update(**fields: object) -> ContextUpdate:
    (message,) = parse(json.dumps({"contextUpdate": fields}))
    assert isinstance(message, ContextUpdate)
    return message


@pytest.mark.parametrize("model", [*NATIVE, CASCADE])
def test_an_update_changes_what_it_holds_and_leaves_the_rest(model: str) -> None:
    search: list[Json] = [{"googleSearch": {}}]
    setup = checked(model, tools=search, systemInstruction={"parts": [{"text": "old"}]})
    instructed = updated(setup, update(systemInstruction={"parts": [{"text": "new"}]}))
    assert instructed == replace(setup, system="new")
    offered = updated(instructed, update(tools={"tools": []}))
    assert offered == replace(instructed, tools=Tools())
    assert updated(offered, update()) == offered


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": {"tools": [{"codeExecution": {}}]}},
        {"tools": {"tools": [{"functionDeclarations": [{"name": "no good"}]}]}},
        {"tools": {"tools": 3}},
        {"systemInstruction": {"parts": [{"text": 3}]}},
    ],
)
def test_a_bad_update_is_refused_like_a_setup(fields: Json) -> None:
    with pytest.raises(Refusal) as refused:
        updated(checked(LIVE_38), update(**fields))
    assert refused.value.code == 1007


def test_voice_activity_detection_can_be_switched_off() -> None:
    config = {"automaticActivityDetection": {"disabled": True}}
    assert checked(LIVE_38, realtimeInputConfig=config).detection is None


def detection_of(**config: object) -> Detection:
    setup = checked(LIVE_38, realtimeInputConfig={"automatic_activity_detection": config})
    assert setup.detection is not None
    return setup.detection


def test_each_sensitivity_has_its_effect_and_unspecified_ones_none() -> None:
    unspecified = detection_of(
        startOfSpeechSensitivity="START_SENSITIVITY_UNSPECIFIED",
        endOfSpeechSensitivity="END_SENSITIVITY_UNSPECIFIED",
    )
    assert unspecified == DEFAULT_DETECTION
    high = detection_of(endOfSpeechSensitivity="END_SENSITIVITY_HIGH")
    assert high == DEFAULT_DETECTION
    start = detection_of(start_of_speech_sensitivity="START_SENSITIVITY_LOW")
    assert start.start_probability > DEFAULT_DETECTION.start_probability
    assert start.end_probability == DEFAULT_DETECTION.end_probability
    end = detection_of(end_of_speech_sensitivity="END_SENSITIVITY_LOW")
    assert end.start_probability == DEFAULT_DETECTION.start_probability
    assert end.silence_duration_ms > DEFAULT_DETECTION.silence_duration_ms


@pytest.mark.parametrize(
    "config",
    [
        {"automaticActivityDetection": {"endOfSpeechSensitivity": "LOW"}},
        {"automaticActivityDetection": {"endOfSpeechSensitivity": "START_SENSITIVITY_LOW"}},
        {"automaticActivityDetection": {"startOfSpeechSensitivity": "end_sensitivity_low"}},
        {"activityHandling": "NEVER"},
    ],
)
def test_a_name_that_an_enum_does_not_have_is_refused_with_its_path(config: Json) -> None:
    code, reason = refusal(LIVE_38, realtimeInputConfig=config)
    assert code == 1007
    assert reason.startswith("Invalid value at 'setup.realtime_input_config.")


@pytest.mark.parametrize("value", [1e308, 10**400], ids=["float", "integer"])
@pytest.mark.parametrize("name", ["prefixPaddingMs", "silence_duration_ms"])
def test_durations_without_measure_are_refused(name: str, value: float) -> None:
    config = {"automaticActivityDetection": {name: value}}
    code, reason = refusal(LIVE_38, realtimeInputConfig=config)
    assert code == 1007
    assert reason.startswith("Invalid value at")


@pytest.mark.parametrize("name", ["prefixPaddingMs", "silence_duration_ms"])
def test_durations_are_not_negative(name: str) -> None:
    config = {"automaticActivityDetection": {name: -1}}
    assert refusal(LIVE_38, realtimeInputConfig=config) == (1007, INVALID_ARGUMENT)


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": {}},
        {"tools": [1]},
        {"systemInstruction": "text"},
        {"generationConfig": {"responseModalities": "AUDIO"}},
        {"sessionResumption": {"handle": 1}},
        {"realtimeInputConfig": {"automaticActivityDetection": {"disabled": 1}}},
    ],
)
def test_wrong_types_are_refused_with_their_path(fields: Json) -> None:
    with pytest.raises(Refusal, match="Invalid value at 'setup"):
        check_setup(Fields({"model": LIVE_38, **fields}), "v1")


NAMES = st.sampled_from(
    re.findall(
        r"\w+",
        "model generationConfig tools sessionResumption historyConfig proactivity handle disabled "
        "realtimeInputConfig automaticActivityDetection functionDeclarations parameters properties "
        "thinkingConfig thinkingLevel speechConfig systemInstruction parts responseModalities",
    )
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from([*NATIVE, CASCADE, TRANSCRIBE]), st.dictionaries(NAMES, VALUES, max_size=5))
def test_any_setup_is_taken_or_refused(model: str, fields: Json) -> None:
    with suppress(Refusal):
        setup = check_setup(Fields({**fields, "model": model}), "v1beta")
        assert setup.model.name == model
