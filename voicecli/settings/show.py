"""The settings as `voicecli config show` prints them: every value and its origin, no secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from voicecli.settings.fields import FIELDS
from voicecli.settings.key import key_origin, redact
from voicecli.settings.resolve import Resolved
from voicecli.settings.tables import ServerTables

# A system text can be long; its beginning is enough to know it again.
MAX_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Row:
    """A setting: its value as JSON knows it, what stands in the table, and the origin."""

    name: str
    value: str | float | bool | None
    shown: str
    origin: str


def rows(resolved: Resolved) -> tuple[Row, ...]:
    """One row a setting. What can hold a secret is cut down to what tells it apart."""
    return tuple(
        _row(name, _presentable(name, resolved), resolved.origins[name]) for name in FIELDS
    )


def key_in_words(resolved: Resolved) -> str:
    """`set (GOOGLE_API_KEY in the environment)` or `not set`; asks no command."""
    origin = key_origin(resolved)
    return f"set ({visible(origin)})" if origin else "not set"


def visible(text: str) -> str:
    """`text` without anything that moves the cursor or hides: escapes in its place."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _presentable(name: str, resolved: Resolved) -> str | float | bool | None:
    value = getattr(resolved.settings, FIELDS[name].attribute)
    if name == "api_key_command" and value is not None:
        return redact(value[0]) + (" …" if len(value) > 1 else "")
    if name == "base_url" and value is not None:
        return redact(_without_secrets(value))
    if isinstance(value, ServerTables):
        return ", ".join(value.tables)
    if isinstance(value, tuple):
        return ", ".join(value) or None
    if isinstance(value, Mapping):
        return ", ".join(f"{tool}={risk}" for tool, risk in value.items())
    if isinstance(value, str):
        return redact(value)
    assert value is None or isinstance(value, int | float)
    return value


def _row(name: str, value: str | float | bool | None, origin: str) -> Row:
    if value is None:
        shown = "-"
    elif isinstance(value, bool):
        shown = "true" if value else "false"
    elif isinstance(value, int | float):
        shown = f"{value:g}"
    else:
        shown = visible(value if len(value) <= MAX_SHOWN else value[:MAX_SHOWN] + "…")
    return Row(name, value, shown, visible(origin))


def _without_secrets(url: str) -> str:
    """The address without user, password, query and fragment, which may all hold a key."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    bare = parts._replace(netloc=host, query="", fragment="").geturl()
    return bare if bare == url else f"{bare} (more is hidden)"
