"""What was done for the model beside talking: functions, searches, code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from voicecli.live.events import Source

DecidedBy = Literal["user", "user, always", "no terminal", "settings"]


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """The model called a function; in the `background`, both go on talking meanwhile."""

    t_s: float
    call_id: str
    name: str
    args: Mapping[str, object]
    background: bool = False


@dataclass(frozen=True, slots=True)
class ToolAsked:
    """The call waits for the user's word; `always` if that may be given for the whole talk."""

    t_s: float
    call_id: str
    name: str
    args: Mapping[str, object]
    always: bool


@dataclass(frozen=True, slots=True)
class ToolDecided:
    """Whether a call that was not safe by itself is made, and by whose word."""

    t_s: float
    call_id: str
    name: str
    allowed: bool
    by: DecidedBy


@dataclass(frozen=True, slots=True)
class ToolProgress:
    """A call that goes on has given a `result`, of which the model is told."""

    t_s: float
    call_id: str
    name: str
    result: object


@dataclass(frozen=True, slots=True)
class ToolFinished:
    """A call ended: with a `result`, with an `error`, or `cancelled` by the model.

    The results of one that gave several came before, as `ToolProgress`, and `result` is None.
    """

    t_s: float
    call_id: str
    name: str
    duration_s: float
    result: object = None
    error: str | None = None
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class CodeWritten:
    """The model wrote `code` to have it run by the service."""

    t_s: float
    language: str
    code: str


@dataclass(frozen=True, slots=True)
class CodeRan:
    """What the service's run of the code before it printed; `ok` unless it failed."""

    t_s: float
    ok: bool
    output: str


@dataclass(frozen=True, slots=True)
class SourcesCited:
    """Where a grounded answer comes from."""

    t_s: float
    queries: tuple[str, ...]
    sources: tuple[Source, ...]
