"""Reads the table of one MCP server: types, variables, what is secret in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from voicecli.errors import UsageError

HINT = "docs/mcp.md tells what stands in [mcp_servers.NAME]; `voicecli config path` where it stands"
# Whoever waits longer than this for one answer has hung up.
LONGEST_TIMEOUT_S = 3600.0

# `${env:NAME}` is how some editors write it.
_VARIABLE = re.compile(r"\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


@dataclass(frozen=True, slots=True)
class ServerTable:
    """The `values` of one server, read with errors that name the server and the key."""

    name: str
    values: Mapping[str, object] = field(repr=False)
    environ: Mapping[str, str] = field(repr=False)
    secrets: set[str] = field(default_factory=set, repr=False)
    """What was read so far and may not be shown."""

    @classmethod
    def of(cls, name: str, raw: object, environ: Mapping[str, str]) -> ServerTable:
        """The table `raw`; UsageError if it is none."""
        if not isinstance(raw, Mapping):
            raise UsageError(
                f"mcp_servers.{name} must be a table, like [mcp_servers.{name}]", hint=HINT
            )
        return cls(name, raw, environ)

    @property
    def disabled(self) -> bool:
        """Whether the user does not want it for now."""
        value = self.values.get("disabled", False)
        if not isinstance(value, bool):
            raise self.wrong_type("disabled", "true or false")
        return value

    def error(self, what: str, *, why: str = "") -> UsageError:
        """An error of this server; `what` and `why` may hold no value."""
        return UsageError(f"MCP server {self.name} {what}", why=why, hint=HINT)

    def wrong_type(self, key: str, expected: str) -> UsageError:
        """The error for a `key` that is not as it should be."""
        return UsageError(f"mcp_servers.{self.name}.{key} must be {expected}", hint=HINT)

    def check_keys(self, known: Iterable[str]) -> None:
        """Raises UsageError for a key that is not `known`."""
        for key in self.values:
            if key not in known:
                raise self.error(
                    f"has an unknown key: {key[:60]!r}", why="there are " + ", ".join(known)
                )

    def text(self, key: str, default: str) -> str:
        """The text under `key`."""
        value = self.values.get(key, default)
        if not isinstance(value, str) or "\0" in value:
            raise self.wrong_type(key, "text in quotes")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of texts under `key`, with their variables as they stand there."""
        values = self.values.get(key, [])
        if not isinstance(values, list) or not all(_is_text(value) for value in values):
            raise self.wrong_type(key, 'a list of texts, such as ["-y", "name"]')
        return tuple(values)

    def secret_texts(self, key: str) -> dict[str, str]:
        """The table of texts under `key`, filled in; none of them may be shown."""
        values = self.values.get(key, {})
        if not isinstance(values, Mapping):
            raise self.wrong_type(key, "a table of texts")
        for name, value in values.items():
            if not _is_text(name) or not _is_text(value):
                raise self.wrong_type(f"{key}.{name[:60]!r}", "text in quotes")
        filled = {name: self.filled(f"{key}.{name}", value) for name, value in values.items()}
        self.secrets.update(filled.values())
        return filled

    def headers(self) -> dict[str, str]:
        """The heads of each request; the token after `Bearer` is secret by itself, too."""
        headers = self.secret_texts("headers")
        for name, value in headers.items():
            if not _HEADER_NAME.fullmatch(name):
                raise self.error(f"has a wrong name in headers: {name[:60]!r}")
            if not value.isascii() or not value.isprintable():
                raise self.wrong_type(f"headers.{name}", "one line of ASCII")
            self.secrets.update(value.split())
        return headers

    def seconds(self, key: str, default: float) -> float:
        """The time under `key`."""
        value = self.values.get(key, default)
        if isinstance(value, int | float) and not isinstance(value, bool):
            number = float(value)
            # NaN and infinity are numbers in TOML; neither is between the two.
            if 0 < number <= LONGEST_TIMEOUT_S:
                return number
        raise self.wrong_type(key, f"seconds, more than 0 and at most {LONGEST_TIMEOUT_S:g}")

    def filled(self, key: str, text: str) -> str:
        """`text` with the environment's values in place of `${NAME}`.

        Raises UsageError for a variable that is not set. One of a server that is disabled need not.
        """

        def value(found: re.Match[str]) -> str:
            name, default = found.groups()
            there = self.environ.get(name)
            if there:
                self.secrets.add(there)
                return there
            if default is None and not self.disabled:
                raise self.error(
                    f"needs {name}, which the environment does not have",
                    why=f"its {key} takes the value from there",
                )
            return default or ""

        return _VARIABLE.sub(value, text)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and "\0" not in value
