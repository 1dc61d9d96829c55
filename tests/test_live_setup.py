"""What the user chose has to arrive as each model takes it, or the service refuses the session."""

from __future__ import annotations

from typing import Any

import pytest

from voicecli.live.models import DEFAULT_MODEL, MODELS, TRANSCRIPTION_MODEL, model_named
from voicecli.live.patience import Patience
from voicecli.live.setup import (
    Compression,
    Dial,
    FunctionDeclaration,
    Setup,
    connect_config,
    runs_in_background,
    setup_warnings,
    text_as_content,
    tools_of,
)

NOW = FunctionDeclaration("now", "tells the time", {"type": "object", "properties": {}})
TIMER = FunctionDeclaration("timer", "waits", {"type": "object"}, background=True)
EXTENDED = "gemini-3.8-live-extended-thinking"
FLASH_31 = "gemini-3.1-flash-live-preview"
FLASH_25 = "gemini-2.5-flash-native-audio-preview-12-2025"
OLDER = "gemini-live-2.5-flash-preview"


def sent(setup: Setup, dial: Dial = Dial()) -> dict[str, Any]:  # noqa: B008 - frozen
    return connect_config(setup, dial).model_dump(mode="json", exclude_none=True)


def test_the_least_setup_asks_for_sound_and_for_the_words_of_both_sides() -> None:
    assert sent(Setup(DEFAULT_MODEL)) == {
        "response_modalities": ["AUDIO"],
        "session_resumption": {},
        "input_audio_transcription": {},
        "output_audio_transcription": {},
    }


def test_every_choice_is_sent() -> None:
    setup = Setup(
        DEFAULT_MODEL,
        voice="Kore",
        language="de-DE",
        system="Be brief.",
        temperature=0.0,
        functions=(NOW,),
        search=True,
    )
    found = sent(setup, Dial("handle-1"))
    assert found["speech_config"] == {
        "language_code": "de-DE",
        "voice_config": {"prebuilt_voice_config": {"voice_name": "Kore"}},
    }
    assert found["system_instruction"] == "Be brief."
    assert found["temperature"] == 0.0
    assert found["session_resumption"] == {"handle": "handle-1"}
    search, functions = found["tools"]
    assert search == {"google_search": {}}
    assert functions["function_declarations"] == [
        {
            "name": "now",
            "description": "tells the time",
            "parameters_json_schema": {"type": "object", "properties": {}},
            "behavior": "BLOCKING",
        }
    ]


def test_a_language_alone_needs_no_voice() -> None:
    assert sent(Setup(DEFAULT_MODEL, language="fr-FR"))["speech_config"] == {
        "language_code": "fr-FR"
    }


@pytest.mark.parametrize(
    ("model", "waited_for", "in_background"),
    [
        (DEFAULT_MODEL, "BLOCKING", "NON_BLOCKING"),
        ("gemini-3.8-live-extended-thinking", "NON_BLOCKING", "NON_BLOCKING"),
        ("gemini-3.1-flash-live-preview", None, None),
        ("gemini-2.5-flash-native-audio-preview-12-2025", None, "NON_BLOCKING"),
        ("some-model-of-tomorrow", None, "NON_BLOCKING"),
    ],
)
def test_functions_are_declared_as_the_model_takes_them(
    model: str, waited_for: str | None, in_background: str | None
) -> None:
    (tool,) = sent(Setup(model, functions=(NOW, TIMER)))["tools"]
    now, timer = tool["function_declarations"]
    assert now.get("behavior") == waited_for
    assert timer.get("behavior") == in_background
    assert runs_in_background(model, NOW) is (waited_for == "NON_BLOCKING")
    assert runs_in_background(f"models/{model}", TIMER) is (in_background == "NON_BLOCKING")


def test_the_services_own_tools_and_functions_go_together() -> None:
    everything = Setup(OLDER, functions=(NOW,), search=True, code=True, url_context=True)
    found = sent(everything)["tools"]
    assert [list(tool) for tool in found] == [
        ["google_search"],
        ["code_execution"],
        ["url_context"],
        ["function_declarations"],
    ]
    assert "tools" not in sent(Setup(OLDER))
    assert tools_of(Setup(OLDER)) == []


def test_a_thinking_level_goes_unasked_only_to_the_model_that_requires_one() -> None:
    levels = {model.name: sent(Setup(model.name)).get("thinking_config") for model in MODELS}
    assert levels.pop(EXTENDED) == {"thinking_level": "LOW"}
    assert set(levels.values()) == {None}


@pytest.mark.parametrize(
    ("setup", "config"),
    [
        (Setup(EXTENDED, thoughts=True), {"include_thoughts": True, "thinking_level": "LOW"}),
        (Setup(EXTENDED, thinking="HIGH"), {"thinking_level": "HIGH"}),
        (Setup(FLASH_31, thinking="MINIMAL"), {"thinking_level": "MINIMAL"}),
        (Setup(FLASH_31, thoughts=True), {"include_thoughts": True}),
        (Setup(FLASH_25, thinking=0), {"thinking_budget": 0}),
        (
            Setup(FLASH_25, thinking=-1, thoughts=True),
            {"thinking_budget": -1, "include_thoughts": True},
        ),
        (Setup(OLDER, thinking="XHIGH"), {"thinking_level": "XHIGH"}),
    ],
)
def test_how_much_to_think_is_sent_as_it_was_chosen(
    setup: Setup, config: dict[str, object]
) -> None:
    assert sent(setup)["thinking_config"] == config


def test_the_transcription_model_is_asked_for_text_only() -> None:
    found = sent(Setup(TRANSCRIPTION_MODEL, voice="Kore", language="en-US"))
    assert found["response_modalities"] == ["TEXT"]
    assert found["input_audio_transcription"] == {"language_codes": ["en-US"]}
    assert "output_audio_transcription" not in found
    assert "speech_config" not in found


@pytest.mark.parametrize(
    ("patience", "detection"),
    [
        (
            Patience.LOW,
            {"end_of_speech_sensitivity": "END_SENSITIVITY_HIGH", "silence_duration_ms": 300},
        ),
        (
            Patience.HIGH,
            {"end_of_speech_sensitivity": "END_SENSITIVITY_LOW", "silence_duration_ms": 2000},
        ),
    ],
)
def test_patience_is_asked_for_at_the_end_of_speech_alone(
    patience: Patience, detection: dict[str, object]
) -> None:
    found = sent(Setup(DEFAULT_MODEL, patience=patience))["realtime_input_config"]
    assert found == {"automatic_activity_detection": detection}


@pytest.mark.parametrize("patience", Patience)
@pytest.mark.parametrize("interruptible", [True, False])
def test_push_to_talk_leaves_nothing_to_detect_and_always_interrupts(
    patience: Patience, interruptible: bool
) -> None:
    setup = Setup(DEFAULT_MODEL, patience=patience, push_to_talk=True, interruptible=interruptible)
    found = sent(setup)["realtime_input_config"]
    assert found == {"automatic_activity_detection": {"disabled": True}}


def test_a_model_that_the_voice_does_not_stop_is_told_so() -> None:
    found = sent(Setup(DEFAULT_MODEL, interruptible=False))["realtime_input_config"]
    assert found == {"activity_handling": "NO_INTERRUPTION"}
    both = sent(Setup(DEFAULT_MODEL, interruptible=False, patience=Patience.HIGH))
    assert both["realtime_input_config"].keys() == {
        "activity_handling",
        "automatic_activity_detection",
    }


def test_the_transcription_model_takes_no_turns_and_hears_of_none() -> None:
    setup = Setup(
        TRANSCRIPTION_MODEL, patience=Patience.LOW, push_to_talk=True, interruptible=False
    )
    assert "realtime_input_config" not in sent(setup)


@pytest.mark.parametrize(
    ("model", "left_alone", "otherwise"),
    [
        (DEFAULT_MODEL, False, True),
        ("gemini-3.8-live-extended-thinking", False, True),
        ("gemini-3.1-flash-live-preview", False, False),
        ("gemini-2.5-flash-native-audio-preview-12-2025", True, True),
        ("some-model-of-tomorrow", False, False),
    ],
)
def test_typed_words_go_the_way_that_the_model_answers(
    model: str, left_alone: bool, otherwise: bool
) -> None:
    assert text_as_content(Setup(model, patience=Patience.HIGH)) is left_alone
    assert text_as_content(Setup(model, push_to_talk=True)) is otherwise
    assert text_as_content(Setup(model, interruptible=False)) is otherwise


def test_a_name_is_found_with_and_without_its_prefix() -> None:
    assert model_named(f"models/{DEFAULT_MODEL}") == model_named(DEFAULT_MODEL)
    assert model_named("gpt") is None


def test_an_unknown_model_or_voice_is_warned_of_and_never_refused() -> None:
    assert setup_warnings(Setup(DEFAULT_MODEL, voice="Kore")) == ()
    (model,) = setup_warnings(Setup("gemini-9-live"))
    assert "gemini-9-live" in model
    assert DEFAULT_MODEL in model
    (near,) = setup_warnings(Setup(DEFAULT_MODEL, voice="kore"))
    assert "did you mean Kore?" in near
    (far,) = setup_warnings(Setup(DEFAULT_MODEL, voice="Xx"))
    assert "did you mean" not in far


def test_what_the_service_may_let_go_of_is_sent_and_left_out_where_nothing_is_said() -> None:
    found = sent(Setup(DEFAULT_MODEL, compression=Compression(64_000, 32_000)))
    assert found["context_window_compression"] == {
        "trigger_tokens": 64_000,
        "sliding_window": {"target_tokens": 32_000},
    }
    transcribing = Setup(TRANSCRIPTION_MODEL, compression=Compression(64_000, 32_000))
    for setup in (Setup(DEFAULT_MODEL), transcribing):
        assert "context_window_compression" not in sent(setup)


def test_a_history_is_announced_only_where_one_follows() -> None:
    found = sent(Setup(DEFAULT_MODEL), Dial(None, tells_history=True))
    assert found["history_config"] == {"initial_history_in_client_content": True}
    assert "history_config" not in sent(Setup(DEFAULT_MODEL), Dial("h1"))
