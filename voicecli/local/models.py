"""What each model takes and does, as this server reads live-api.md, section 5 (November 2026)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Thinking(Enum):
    """How a model lets the client choose how long it thinks."""

    NONE = "nothing may be set"
    BUDGET = "thinking_budget"
    LEVEL = "thinking_level"
    LEVEL_REQUIRED = "thinking_level must be set"


class Proactive(Enum):
    """Whether the model may stay silent, or speak up, of its own accord."""

    NO = "cannot be switched on"
    OPT_IN = "off unless asked for"
    ALWAYS = "cannot be switched off"


@dataclass(frozen=True, slots=True)
class Model:
    """One column of the table.

    `behaviors`: the `behavior` that a function may be declared with, the default first.
    `scheduling`: a client may say when a NON_BLOCKING result is spoken of.
    `code_execution`, `url_context`: has these tools of Google's; all have the search.
    `thinks_aloud`: sends its thoughts where they are asked for.
    `word_by_word`: transcripts come in fragments with leading spaces, apart from the sound.
    `unasked_transcripts`: sends the words of its voice, and resumption handles, unasked.
    `tells_status`: a turn's end carries the interaction status.
    `content_midway`: takes client content in the middle of a session, not only as its history.
    `transcribes`: writes down what the user says and answers nothing; TEXT, never AUDIO.
    """

    name: str
    thinking: Thinking = Thinking.NONE
    behaviors: tuple[str, ...] = ("BLOCKING",)
    scheduling: bool = False
    proactive: Proactive = Proactive.NO
    affective: bool = False
    thinks_aloud: bool = False
    word_by_word: bool = False
    unasked_transcripts: bool = False
    tells_status: bool = False
    content_midway: bool = True
    transcribes: bool = False
    code_execution: bool = False
    url_context: bool = False


_MODELS = (
    Model(
        "gemini-2.5-flash-native-audio-preview-12-2025",
        thinking=Thinking.BUDGET,
        behaviors=("BLOCKING", "NON_BLOCKING"),
        scheduling=True,
        proactive=Proactive.OPT_IN,
        affective=True,
        thinks_aloud=True,
        word_by_word=True,
    ),
    Model(
        "gemini-3.1-flash-live-preview",
        thinking=Thinking.LEVEL,
        thinks_aloud=True,
        content_midway=False,
    ),
    Model(
        "gemini-3.8-live",
        behaviors=("NON_BLOCKING", "BLOCKING"),
        scheduling=True,
        proactive=Proactive.ALWAYS,
        unasked_transcripts=True,
    ),
    Model(
        "gemini-3.8-live-extended-thinking",
        thinking=Thinking.LEVEL_REQUIRED,
        behaviors=("NON_BLOCKING",),
        proactive=Proactive.ALWAYS,
        thinks_aloud=True,
        unasked_transcripts=True,
        tells_status=True,
    ),
    # Google shut it down; what still serves its like has code execution and URL context.
    Model(
        "gemini-live-2.5-flash-preview",
        behaviors=("BLOCKING", "NON_BLOCKING"),
        scheduling=True,
        word_by_word=True,
        code_execution=True,
        url_context=True,
    ),
    Model("gemini-3.5-transcribe-live", transcribes=True),
)


def find_model(name: str) -> Model | None:
    """The model that is called `name`, which comes with or without `models/`."""
    bare = name.removeprefix("models/")
    return next((model for model in _MODELS if model.name == bare), None)
