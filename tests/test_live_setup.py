"""What the user chose has to arrive as each model takes it, or the service refuses the session."""

from __future__ import annotations

from typing import Any

import pytest

from voicecli.live.models import DEFAULT_MODEL, MODELS, TRANSCRIPTION_MODEL, model_named
from voicecli.live.setup import FunctionDeclaration, Setup, connect_config, setup_warnings

NOW = FunctionDeclaration("now", "tells the time", {"type": "object", "properties": {}})


def sent(setup: Setup, handle: str | None = None) -> dict[str, Any]:
    return connect_config(setup, handle).model_dump(mode="json", exclude_none=True)


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
    found = sent(setup, "handle-1")
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
    ("model", "behavior"),
    [
        ("gemini-3.8-live-extended-thinking", "NON_BLOCKING"),
        ("gemini-3.1-flash-live-preview", None),
        ("gemini-2.5-flash-native-audio-preview-12-2025", None),
        ("some-model-of-tomorrow", None),
    ],
)
def test_functions_are_declared_as_the_model_takes_them(model: str, behavior: str | None) -> None:
    declaration = sent(Setup(model, functions=(NOW,)))["tools"][0]["function_declarations"][0]
    assert declaration.get("behavior") == behavior


def test_a_thinking_level_goes_only_to_the_model_that_requires_one() -> None:
    levels = {model.name: sent(Setup(model.name)).get("thinking_config") for model in MODELS}
    assert levels.pop("gemini-3.8-live-extended-thinking") == {"thinking_level": "LOW"}
    assert set(levels.values()) == {None}


def test_the_transcription_model_is_asked_for_text_only() -> None:
    found = sent(Setup(TRANSCRIPTION_MODEL, voice="Kore", language="en-US"))
    assert found["response_modalities"] == ["TEXT"]
    assert found["input_audio_transcription"] == {"language_codes": ["en-US"]}
    assert "output_audio_transcription" not in found
    assert "speech_config" not in found


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
