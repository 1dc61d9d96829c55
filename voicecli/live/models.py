"""What each Live model takes and does, as of November 2026 (ai.google.dev/gemini-api/docs/live)."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_MODEL = "gemini-3.8-live"
TRANSCRIPTION_MODEL = "gemini-3.5-transcribe-live"


LEVELS = ("MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH")
"""All that the API has names for (google-genai, ThinkingLevel); a model takes some of them."""


@dataclass(frozen=True, slots=True)
class LiveModel:
    """One row of the table.

    `text_as_content`: typed words go as client content, since the model takes no realtime text.
    `takes_content`: client content may come in the middle of a session, beside realtime text.
    `blocking`: sent with a function that the conversation waits for; None: it does so unasked.
    `background`: sent with one that it does not wait for; None: it always waits.
    `schedules`: is told when to speak of the result of such a function.
    `takes_update`: may be told in the middle of a session what its tools are.
    `levels`, `takes_budget`: how much it thinks can be set, by a name or as a number of tokens.
    `least_level`: must be sent where none is chosen, for a model that refuses a setup without one.
    `searches`, `runs_code`, `reads_urls`: the service's own tools.
    `text_only`: answers in text, never in sound.
    """

    name: str
    text_as_content: bool = False
    takes_content: bool = False
    blocking: str | None = None
    background: str | None = None
    schedules: bool = False
    takes_update: bool = False
    levels: tuple[str, ...] = ()
    takes_budget: bool = False
    least_level: str | None = None
    searches: bool = False
    runs_code: bool = False
    reads_urls: bool = False
    text_only: bool = False

    @property
    def thinks(self) -> bool:
        """Whether it can be told how much to think, and to tell what."""
        return self.takes_budget or bool(self.levels)


# That the 3.8 models take an update of their tools is a guess: the SDK has had it since they came
# out, and neither it nor the documentation names a model. A refusal costs a move, no more.
MODELS = (
    LiveModel(
        DEFAULT_MODEL,
        takes_content=True,
        blocking="BLOCKING",
        background="NON_BLOCKING",
        schedules=True,
        takes_update=True,
        searches=True,
    ),
    LiveModel(
        "gemini-3.8-live-extended-thinking",
        takes_content=True,
        blocking="NON_BLOCKING",
        background="NON_BLOCKING",
        takes_update=True,
        levels=("LOW", "MEDIUM", "HIGH"),
        least_level="LOW",
        searches=True,
    ),
    LiveModel(
        "gemini-3.1-flash-live-preview", levels=("MINIMAL", "LOW", "MEDIUM", "HIGH"), searches=True
    ),
    LiveModel(
        "gemini-2.5-flash-native-audio-preview-12-2025",
        text_as_content=True,
        background="NON_BLOCKING",
        schedules=True,
        takes_budget=True,
        searches=True,
    ),
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
    return model_named(name) or LiveModel(
        name.removeprefix("models/"),
        background="NON_BLOCKING",
        schedules=True,
        levels=LEVELS,
        takes_budget=True,
        searches=True,
        runs_code=True,
        reads_urls=True,
    )
