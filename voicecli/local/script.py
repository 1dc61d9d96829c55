"""What the local server answers: a small TOML file of phrases and replies.

    [[turn]]
    user = ["what time is it", "tell me the time"]     # one phrase or several, typed or spoken
    think = "…"                                        # sent as a thought before the reply
    call = { name = "current_time", args = {} }        # or: calls = [ … ]; see docs/server.md
    say = "It is {result.time}."                       # {user}; after a call {result}, {result.KEY}
    search = ["…"]                                     # a grounded answer: queries and sources
    sources = [{ title = "…", uri = "https://…" }]
    code = { source = "…", output = "…" }              # code that Google ran: language, failed
    urls = [{ uri = "https://…", status = "SUCCESS" }] # pages of the user's that were fetched

    [fallback]                                         # what is said when no phrase fits
    say = "You said: {user}"

    [[fault]]                                          # what goes wrong on purpose: `faults.py`
    kind = "close"

Reading the file is in `script_file.py`; everything here is pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from voicecli.local.faults import Fault
from voicecli.local.matching import ALIKE, best_match

# A tool may return a whole document; what is spoken of it has to end.
MAX_RESULT_CHARS = 300

# How fetching a page can go (google.genai.types.UrlRetrievalStatus).
PAGE_STATUSES = ("SUCCESS", "ERROR", "PAYWALL", "UNSAFE")

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Call:
    """A function the model calls; `args` is a JSON object.

    It is cancelled after `cancel_after_s` without a last answer. The answers to it have to hold
    what `expect` holds, and with `expect_error` an error.
    """

    name: str
    args: Mapping[str, object]
    cancel_after_s: float | None = None
    expect: Mapping[str, object] | None = None
    expect_error: bool = False


@dataclass(frozen=True, slots=True)
class SourceRef:
    """A page that a grounded answer rests on."""

    uri: str
    title: str


@dataclass(frozen=True, slots=True)
class Code:
    """A program that an answer rests on, and what it printed."""

    source: str
    output: str = ""
    failed: bool = False
    language: str = "PYTHON"


@dataclass(frozen=True, slots=True)
class PageRef:
    """A page of the user's that was fetched for an answer; `status` is one of `PAGE_STATUSES`."""

    uri: str
    status: str = "SUCCESS"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; `say` is a template for `fill`, spoken after the results of `calls` are there."""

    say: str = ""
    think: str = ""
    calls: tuple[Call, ...] = ()
    search: tuple[str, ...] = ()
    sources: tuple[SourceRef, ...] = ()
    code: Code | None = None
    urls: tuple[PageRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """What the user may say, in several wordings, and the reply to it."""

    phrases: tuple[str, ...]
    reply: Reply


@dataclass(frozen=True, slots=True)
class Script:
    """A conversation partner without a model: phrases with replies, a fallback, and its faults."""

    turns: tuple[Turn, ...] = ()
    fallback: Reply = Reply(say="You said: {user}")
    faults: tuple[Fault, ...] = ()

    def reply_to(self, user_text: str, *, offered_tools: frozenset[str]) -> Reply:
        """The reply whose phrase is most like `user_text` (the first of equals), or the fallback.

        A turn that calls a function which the client did not offer is passed over.
        """
        best, reply = 0.0, self.fallback
        for turn in self.turns:
            if offered_tools.issuperset(call.name for call in turn.reply.calls):
                alike = best_match(user_text, turn.phrases)
                if alike > best and alike >= ALIKE:
                    best, reply = alike, turn.reply
        return reply


def fill(template: str, *, user: str, results: Mapping[str, object]) -> str:
    """`template` with the user's words and the results of the calls put in.

    `results` is the function's response, or the responses of several calls merged. `{result.KEY}`
    finds KEY in it or one level down (`{"output": {"time": …}}`), `{result}` is all of it. When a
    call failed (`error` is there and the key asked for is not), the reply says that instead.
    """
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        name, _, key = found.group(1).partition(".")
        if name == "user":
            return user
        if name != "result":
            return found.group(0)
        text = _spoken(results) if not key else _lookup(results, key)
        missing = missing or text is None
        return text if text is not None else "unknown"

    filled = PLACEHOLDER.sub(value, template)
    error = _lookup(results, "error")
    return f"That did not work: {error}" if missing and error is not None else filled


def _lookup(results: Mapping[str, object], key: str) -> str | None:
    """The value of `key`, here or one level down, as it is spoken; None if there is none."""
    for place in (results, *results.values()):
        if isinstance(place, Mapping) and key in place:
            return _spoken(place[key])
    return None


def _spoken(value: object) -> str:
    while isinstance(value, Mapping) and len(value) == 1:
        (value,) = value.values()
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MAX_RESULT_CHARS else f"{text[:MAX_RESULT_CHARS]}…"
