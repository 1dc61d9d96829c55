"""A user's machine in a folder: a current folder, a settings file and an environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, settings

from voicecli.settings import Resolved, resolve

# Property tests here write files: how long that takes says nothing about the program.
ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True)
class Machine:
    """Writes the files that settings come from, then resolves them."""

    root: Path

    @property
    def cwd(self) -> Path:
        return self.root / "cwd"

    @property
    def user_file(self) -> Path:
        return self.root / "config" / "config.toml"

    def resolve(
        self,
        flags: Mapping[str, object] | None = None,
        *,
        env: Mapping[str, str] | None = None,
        dotenv: str | bytes | None = None,
        project: str | bytes | None = None,
        user: str | bytes | None = None,
        profile: str | None = None,
    ) -> Resolved:
        for file, content in (
            (self.cwd / ".env", dotenv),
            (self.cwd / "voicecli.toml", project),
            (self.user_file, user),
        ):
            file.parent.mkdir(parents=True, exist_ok=True)
            if content is not None:
                file.write_bytes(content.encode() if isinstance(content, str) else content)
        return resolve(
            flags or {}, env=env or {}, cwd=self.cwd, user_file=self.user_file, profile=profile
        )


def toml(value: object) -> str:
    """A value as TOML writes it inside of a line; tables as inline tables."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, bool | str):
        return json.dumps(value)
    return str(value)


def toml_table(table: Mapping[str, object]) -> str:
    """A whole TOML document."""
    return "".join(f"{json.dumps(name)} = {toml(value)}\n" for name, value in table.items())
