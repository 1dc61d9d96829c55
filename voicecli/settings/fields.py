"""The settings, once: reading, `config show`, the example and the documentation follow."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from voicecli.settings.tables import RISKS, SERVERS, ServerTables
from voicecli.settings.values import (
    DEVICE,
    FILE,
    FILES,
    LINE,
    NAMES,
    SWITCH,
    TEXT,
    THINKING,
    URL,
    WORDS,
    Kind,
    number_between,
    one_of,
    whole_number_between,
)

ENVIRONMENT_PREFIX = "VOICECLI_"

# What the models hold.
_TOKENS = whole_number_between(0, 128_000)

# A hundred years: for ever, as far as a person is concerned.
MAX_HISTORY_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Field:
    """One row of the list."""

    name: str
    """As files have it; with a dot, it stands in a table."""
    attribute: str
    """Its name in `Settings`."""
    default: object
    kind: Kind
    about: str
    """What it does, in a sentence or two."""
    example: object
    """A value to show in the example file; the default where there is one."""
    environment_name: str
    trusted_only: bool
    """Runs commands, moves the key, or decides what is kept of the user's words or where they can
    go, so `./voicecli.toml` may not set it; its value is private."""

    @property
    def flag(self) -> str:
        """How the command line calls it."""
        return "--" + self.attribute.replace("_", "-")


def _setting(
    default: object,
    kind: Kind,
    about: str,
    *,
    example: object = None,
    environment_name: str = "",
    trusted_only: bool = False,
    table: str = "",
) -> Any:
    row = {
        "table": table,
        "kind": kind,
        "about": about,
        "example": default if example is None else example,
        "environment_name": environment_name,
        "trusted_only": trusted_only,
    }
    return dataclasses.field(default=default, metadata=row, repr=not trusted_only)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user chose. None leaves the choice to the service, or means not used.

    File names in it are full paths, and `system` may be `@` and such a path:
    `voicecli.settings.system_text` reads it.
    """

    model: str = _setting("gemini-3.8-live", LINE, "The model to talk with.")
    voice: str | None = _setting(
        None, LINE, "The model's voice; the service chooses without one.", example="Kore"
    )
    language: str | None = _setting(
        None, LINE, "The language to speak, as a BCP 47 code.", example="en-US"
    )
    system: str | None = _setting(
        None,
        TEXT,
        "What the model is told before the conversation: a text, or @FILE to read it from a file.",
        example="Answer in one or two sentences.",
    )
    temperature: float | None = _setting(
        None, number_between(0, 2), "How freely the model chooses its words.", example=0.7
    )
    input_device: str | None = _setting(
        None,
        DEVICE,
        "The microphone, as `voicecli devices` lists it; the system's default without one.",
        example="USB",
    )
    output_device: str | None = _setting(
        None,
        DEVICE,
        "The loudspeaker, as `voicecli devices` lists it; the system's default without one.",
        example="Headphones",
    )
    echo_cancel: bool = _setting(
        True,
        SWITCH,
        "Take the loudspeaker's echo out of what the microphone hears. Without it the microphone "
        "is closed while the model speaks.",
    )
    headphones: bool = _setting(
        False,
        SWITCH,
        "The model is heard over headphones: there is no echo, and the microphone stays open.",
    )
    barge_in: bool = _setting(
        True, SWITCH, "Speaking over the model stops it. A key does in any case."
    )
    patience: str = _setting(
        "normal",
        one_of("low", "normal", "high"),
        "How long a pause may be before the model answers: low for quick answers, high for time "
        "to think.",
    )
    push_to_talk: bool = _setting(
        False, SWITCH, "Tap a key to talk and again to send; no pause ends what you say."
    )
    context_compression_trigger_tokens: int = _setting(
        64_000,
        _TOKENS,
        "How long a conversation may become before the service lets go of its oldest part; 0 for "
        "never, and then the service ends it after 15 minutes.",
        table="context_compression",
    )
    context_compression_target_tokens: int = _setting(
        32_000,
        _TOKENS,
        "How much of it the service keeps then.",
        table="context_compression",
    )
    history: bool = _setting(
        True,
        SWITCH,
        "Keep what was said, so that `voicecli sessions` can show it and the talk can go on.",
        trusted_only=True,
    )
    history_days: int = _setting(
        30,
        whole_number_between(1, MAX_HISTORY_DAYS),
        "How many days a conversation is kept; older ones are removed when the next one begins.",
        trusted_only=True,
    )
    record: bool = _setting(
        False, SWITCH, "Keep the sound of both sides too, as WAV files.", trusted_only=True
    )
    tools: tuple[str, ...] = _setting(
        (),
        FILES,
        "Python files with functions that the model may call, each with `@tool` before it.",
        example=("tools.py",),
        trusted_only=True,
    )
    offer: tuple[str, ...] = _setting(
        (),
        NAMES,
        "Which of the functions that come with voicecli the model may call; "
        "`voicecli tools list` names them.",
        example=("current_time", "timer"),
        trusted_only=True,
    )
    tool_risk: Mapping[str, str] | None = _setting(
        None,
        RISKS,
        "Whether a function is called without a question (safe), with one (ask), or not at all "
        "(deny).",
        example={"clipboard_read": "safe", "web_fetch": "deny"},
        trusted_only=True,
    )
    notes_file: str | None = _setting(
        None,
        FILE,
        "Where `note_add` writes and `note_search` looks; a file of voicecli's own without one.",
        example="~/notes.md",
        trusted_only=True,
    )
    read_folders: tuple[str, ...] = _setting(
        (),
        FILES,
        "The folders that `read_file` may read below.",
        example=("~/documents",),
        trusted_only=True,
    )
    shell_env: tuple[str, ...] = _setting(
        (),
        NAMES,
        "Names in the environment that the commands of `shell` may see, beside the harmless ones.",
        example=("SSH_AUTH_SOCK",),
        trusted_only=True,
    )
    mcp_servers: ServerTables | None = _setting(  # noqa: RUF009 - frozen, as the others
        None,
        SERVERS,
        "MCP servers whose functions the model may call: for each name a `command` with `args`, "
        "`env` and `cwd`, or a `url` with `headers`. In the environment: the same as JSON.",
        example={"files": {"command": "uvx", "args": ["mcp-server-files", "/home/me"]}},
        trusted_only=True,
    )
    search: bool = _setting(False, SWITCH, "Let the model search the web with Google.")
    code: bool = _setting(False, SWITCH, "Let the model write code that the service runs.")
    url_context: bool = _setting(
        False,
        SWITCH,
        "Let the model read the pages whose addresses are named.",
        # An address can tell anybody what was said, and `system` can have the model name it.
        trusted_only=True,
    )
    thoughts: bool = _setting(False, SWITCH, "Show in short what the model thinks.")
    thinking: str | None = _setting(
        None,
        THINKING,
        "How much the model thinks: minimal, low, medium or high, or a number of tokens (0: none, "
        "-1: any), as the model has it.",
        example="low",
    )
    local: bool = _setting(False, SWITCH, "Talk with the local server, without key and network.")
    local_script: str | None = _setting(
        None, FILE, "What the local server answers: a TOML script.", example="script.toml"
    )
    api_key_command: tuple[str, ...] | None = _setting(
        None,
        WORDS,
        "A program that prints the API key on its first line; run without a shell.",
        example=("secret-tool", "lookup", "service", "gemini"),
        trusted_only=True,
    )
    base_url: str | None = _setting(
        None,
        URL,
        "Another server than Google's for the Live API; it is sent the key.",
        example="https://localhost:8443",
        environment_name="GOOGLE_GEMINI_BASE_URL",
        trusted_only=True,
    )


def _rows() -> dict[str, Field]:
    rows = {}
    for field in dataclasses.fields(Settings):
        row = dict(field.metadata)
        row["environment_name"] = row["environment_name"] or ENVIRONMENT_PREFIX + field.name.upper()
        table = row.pop("table")
        name = f"{table}.{field.name.removeprefix(table + '_')}" if table else field.name
        rows[name] = Field(name=name, attribute=field.name, default=field.default, **row)
    return rows


FIELDS: Mapping[str, Field] = MappingProxyType(_rows())
