"""What was said so far, as a connection is told that does not know it. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

Role = Literal["user", "model"]

# About 12,000 tokens: hours of talk, and little of the 128,000 that a model holds.
MOST_CHARACTERS = 48_000
# A function may have returned a whole file.
MOST_CALL_CHARACTERS = 16_000


@dataclass(frozen=True, slots=True)
class Said:
    """A turn in words; function calls are told as words of the user's side."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Resume:
    """An earlier conversation to go on with: by its handle, or where that is dead by its words."""

    handle: str | None = field(repr=False)
    history: tuple[Said, ...]


class Past(Protocol):
    """The conversation so far, kept by whoever knows what was heard of it."""

    def mark(self) -> int:
        """The place behind all that was answered by now."""

    def since(
        self, mark: int, *, open_calls: frozenset[str], speech_again: bool
    ) -> tuple[Said, ...]:
        """What was said and answered after `mark` (0: from the start), without `open_calls`.

        Spoken words that were not answered are left out if `speech_again`: they are sent as sound.
        """

    def answered(self) -> None:
        """The service begins to answer all that the user has said by now."""


class NoPast:
    """For a session that has nothing to tell."""

    def mark(self) -> int:
        """See Past."""
        return 0

    def since(
        self, mark: int, *, open_calls: frozenset[str], speech_again: bool
    ) -> tuple[Said, ...]:
        """See Past."""
        return ()

    def answered(self) -> None:
        """See Past."""


def latest(turns: Sequence[Said], most_characters: int = MOST_CHARACTERS) -> tuple[Said, ...]:
    """The last of `turns` that fit; a single one that is too long is cut at its start."""
    kept: list[Said] = []
    room = most_characters
    for said in reversed(turns):
        if len(said.text) > room:
            if not kept:
                kept.append(Said(said.role, said.text[-room:]))
            break
        kept.append(said)
        room -= len(said.text)
    return tuple(reversed(kept))


def call_text(name: str, args: Mapping[str, object], response: object) -> str:
    """A function call and what came of it, for a model that does not know of it."""
    arguments = json.dumps(dict(args), ensure_ascii=False, default=str)
    outcome = json.dumps(response, ensure_ascii=False, default=str)
    return f"[The function {name}({arguments}) returned: {outcome}]"[:MOST_CALL_CHARACTERS]
