"""Events in words, the same for the plain lines and the screen; all foreign text made harmless."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import takewhile
from typing import Final

from voicecli.live.events import Source
from voicecli.talk.events import (
    CodeRan,
    CodeWritten,
    DeviceChanged,
    Echo,
    Ended,
    Failed,
    PatienceChanged,
    SessionStarted,
    Thinking,
    ToolAsked,
    ToolDecided,
    ToolFinished,
    ToolProgress,
)
from voicecli.talk.json_values import jsonable
from voicecli.ui.escape import one_line, visible

# A tool may return a whole file; the screen tells what kind of thing it was.
MAX_CALL_CHARS = 300
MAX_RESULT_CHARS = 500
# A program that is longer than this is no line to look for.
MAX_CODE_CHARS = 2_000
# A thought begins with its heading; one without is folded after some words.
MAX_HEADING_CHARS = 80

_ECHO: Final = {
    Echo.CANCELLED: "echo cancelled",
    Echo.HALF_DUPLEX: "half duplex: the microphone is closed while the model speaks",
    Echo.HEADPHONES: "headphones: the microphone is always open",
}
_PATIENCE: Final[dict[str, str]] = {
    "low": "a short pause ends your turn",
    "normal": "a usual pause ends your turn",
    "high": "only a long pause ends your turn",
}
_DECISIONS: Final = {
    "user": "by you",
    "user, always": "by you, for the whole conversation",
    "no terminal": "since nobody can be asked here",
    "settings": "by your settings",
}
_HEADING = re.compile(r"\s*\*\*(.+?)\*\*", re.DOTALL)
_DEVICES: Final = {"input": "microphone", "output": "speaker"}


def session(event: SessionStarted) -> str:
    """Whom one talks with, through which devices and how; what is as usual goes without saying."""
    parts = [one_line(event.model)]
    if event.voice:
        parts.append(f"voice {one_line(event.voice)}")
    if event.local:
        parts.append("on this machine")
    parts.append(f"microphone: {one_line(event.microphone or 'none')}")
    parts.append(f"speaker: {one_line(event.speaker or 'none')}")
    if event.echo is not None:
        parts.append(_ECHO[event.echo])
    if event.push_to_talk:
        parts.append("push-to-talk")
    elif event.patience != "normal":
        parts.append(f"patience {event.patience}")
    return " · ".join(parts)


def patience(event: PatienceChanged) -> str:
    """How long the service waits from now on, and what that means."""
    return f"patience {event.patience}: {_PATIENCE[event.patience]}"


def device(event: DeviceChanged) -> tuple[str, ...]:
    """Where sound goes now, in the words of `session`; of a loss, a warning tells more."""
    return (f"{_DEVICES[event.direction]}: {one_line(event.name)}",) if event.name else ()


def call(name: str, args: Mapping[str, object], max_chars: int = MAX_CALL_CHARS) -> str:
    """A call as code would have it: `get_weather(city="London")`."""
    pairs = ", ".join(f"{one_line(str(key))}={_value(value)}" for key, value in args.items())
    return shortened(f"{one_line(name)}({pairs})", max_chars)


def question(event: ToolAsked) -> str:
    """That a call waits for the user's word."""
    return f"{call(event.name, event.args)} waits for your word"


def decision(event: ToolDecided) -> str:
    """Whether a call is made, and by whose word."""
    return f"{'allowed' if event.allowed else 'denied'} {_DECISIONS[event.by]}"


def progress(event: ToolProgress) -> str:
    """What a call that goes on has given."""
    return f"{value(event.result)} (goes on)"


def outcome(event: ToolFinished, max_chars: int = MAX_RESULT_CHARS) -> str:
    """How a call ended, with how long it took."""
    if event.cancelled:
        return f"cancelled ({event.duration_s:.1f} s)"
    if event.error is not None:
        return f"failed: {shortened(one_line(event.error), max_chars)}"
    result = "done" if event.result is None else value(event.result, max_chars)
    return f"{result} ({event.duration_s:.1f} s)"


def value(result: object, max_chars: int = MAX_RESULT_CHARS) -> str:
    """What a function gave, as JSON in short."""
    return shortened(_value(result), max_chars)


def code(event: CodeWritten) -> str:
    """A program as one line: its language, and its text as JSON has it."""
    language = one_line(event.language).lower() or "unknown"
    return shortened(f"{language} {_whole(event.code)}", MAX_CODE_CHARS)


def code_result(event: CodeRan) -> str:
    """What a program printed, as JSON has it."""
    return shortened(_whole(event.output), MAX_CODE_CHARS)


def thought(event: Thinking) -> str:
    """A thought as one line."""
    return shortened(one_line(event.text.replace("**", "")), MAX_RESULT_CHARS)


def heading(text: str) -> str:
    """What a thought is about: its heading, or else its first words."""
    found = _HEADING.match(text)
    return shortened(one_line(found.group(1) if found else text), MAX_HEADING_CHARS)


def source(cited: Source) -> str:
    """A page: its title and address; the address last and whole, so that terminals link it."""
    title, uri = one_line(cited.title), one_line(cited.uri)
    return f"{title} {uri}" if title and title != uri else uri


def failure(event: Failed) -> str:
    """What happened and why, in one sentence."""
    what, why = one_line(event.what), one_line(event.why)
    return f"{what}: {why}" if why else what


def ended(event: Ended) -> str:
    """How much conversation there was, and why it is over."""
    turns = "1 turn" if event.turns == 1 else f"{event.turns} turns"
    parts = (turns, clock(event.t_s), one_line(event.reason))
    return " · ".join(part for part in parts if part)


def clock(seconds: float) -> str:
    """A duration as on a watch: `0:42`, `1:02:03`."""
    minutes, rest = divmod(int(max(seconds, 0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def shortened(text: str, max_chars: int) -> str:
    """`text`, or as much of its start as fits with an ellipsis."""
    return text if len(text) <= max_chars else text[: max_chars - 1] + "…"


def unheard(text: str, heard: str) -> int:
    """Where in `text` the words begin that were not heard, without their leading blanks."""
    start = len(heard)
    if not text.startswith(heard):
        same = takewhile(lambda pair: pair[0] == pair[1], zip(text, heard, strict=False))
        start = sum(1 for _ in same)
    return start + len(text[start:]) - len(text[start:].lstrip())


def _value(value: object) -> str:
    return one_line(json.dumps(jsonable(value), ensure_ascii=False))


def _whole(text: str) -> str:
    """As `_value`, but with every blank: without its indents, a program is another one."""
    return visible(json.dumps(text, ensure_ascii=False))
