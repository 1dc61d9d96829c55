"""What each Live model takes and does, as of November 2026 (ai.google.dev/gemini-api/docs/live)."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_MODEL = "gemini-3.8-live"
TRANSCRIPTION_MODEL = "gemini-3.5-transcribe-live"


@dataclass(frozen=True, slots=True)
class LiveModel:
    """One row of the table.

    `text_as_content`: typed words go as client content, since the model takes no realtime text.
    `takes_content`: client content may come in the middle of a session, beside realtime text.
    `function_behavior`: sent with every function declaration; None where the model refuses it.
    `thinking_level`: must be sent, for a model that refuses a setup without one.
    `text_only`: answers in text, never in sound.
    """

    name: str
    text_as_content: bool = False
    takes_content: bool = False
    function_behavior: str | None = None
    thinking_level: str | None = None
    text_only: bool = False


MODELS = (
    LiveModel(DEFAULT_MODEL, takes_content=True, function_behavior="BLOCKING"),
    LiveModel(
        "gemini-3.8-live-extended-thinking",
        takes_content=True,
        function_behavior="NON_BLOCKING",
        thinking_level="LOW",
    ),
    LiveModel("gemini-3.1-flash-live-preview"),
    LiveModel("gemini-2.5-flash-native-audio-preview-12-2025", text_as_content=True),
    LiveModel(TRANSCRIPTION_MODEL, text_only=True),
)

VOICES = frozenset(
    {
        "Zephyr",
        "Puck",
        "Charon",
        "Kore",
        "Fenrir",
        "Leda",
        "Orus",
        "Aoede",
        "Callirrhoe",
        "Autonoe",
        "Enceladus",
        "Iapetus",
        "Umbriel",
        "Algieba",
        "Despina",
        "Erinome",
        "Algenib",
        "Rasalgethi",
        "Laomedeia",
        "Achernar",
        "Alnilam",
        "Schedar",
        "Gacrux",
        "Pulcherrima",
        "Achird",
        "Zubenelgenubi",
        "Vindemiatrix",
        "Sadachbia",
        "Sadaltager",
        "Sulafat",
    }
)


def model_named(name: str) -> LiveModel | None:
    """The row of the table for `name`, with or without `models/`; None if there is none."""
    bare = name.removeprefix("models/")
    return next((model for model in MODELS if model.name == bare), None)


def model_or_unknown(name: str) -> LiveModel:
    """The row for `name`; a model that is not in the table gets what the user set, unchecked."""
    return model_named(name) or LiveModel(name.removeprefix("models/"))
