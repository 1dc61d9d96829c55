"""What was said before a session, and how to go on with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Said:
    """Words of one side."""

    role: Literal["user", "model"]
    text: str


@dataclass(frozen=True, slots=True)
class Resume:
    """A session to go on with: by its handle, or else by what was said in it."""

    handle: str | None
    history: tuple[Said, ...]
