"""A conversation as Markdown: for `transcript.md` and `voicecli sessions export`. Pure."""

from __future__ import annotations

import json
import re

from voicecli.talk import events as talk
from voicecli.talk.json_values import jsonable
from voicecli.ui import describe
from voicecli.ui.escape import one_line, visible
from voicecli.ui.story import Story

# What could become a heading, a link, a picture, code, HTML or mathematics inside a paragraph; what
# is special only at its start never stands there.
_SPECIAL = re.compile(r"[\\`*_\[\]<>#|~&$^]")
_SPEAKERS = {"user": "you", "model": "voicecli"}


class MarkdownTranscript:
    """Gives what each event adds to a document; settled turns in the order in which they began."""

    def __init__(self, title: str | None) -> None:
        """Without a `title` the text goes on with a document that is there."""
        self._heading = None if title is None else f"# {escaped(title)}\n"
        self._story = Story()

    def take(self, event: talk.TalkEvent) -> str:
        """Whole paragraphs, or "" for an event that adds nothing."""
        added = [text for told in self._story.take(event) for text in _told(told)]
        if isinstance(event, talk.SessionStarted):
            added.append(self._heading or "\n---\n")
            self._heading = None
        return "".join(added)


def escaped(text: str) -> str:
    """Foreign text as one line that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\g<0>", one_line(text))


def _turn(words: talk.Transcript) -> str:
    start = len(words.text) if words.role == "user" else describe.unheard(words.text, words.heard)
    heard, rest = escaped(words.text[:start]), escaped(words.text[start:])
    parts = (f"**{_SPEAKERS[words.role]}:**", heard, f"*\\[not heard: {rest}\\]*" if rest else "")
    return _paragraph(" ".join(part for part in parts if part))


def _told(event: talk.TalkEvent) -> list[str]:
    match event:
        case talk.Transcript():
            return [_turn(event)] if one_line(event.text) else []
        case talk.ToolCalled():
            return [_paragraph(f"*tool:* {escaped(describe.call(event.name, event.args))}")]
        case talk.ToolFinished():
            outcome = f"{one_line(event.name)} → {describe.outcome(event)}"
            return [_paragraph(f"*tool:* {escaped(outcome)}")]
        case talk.ToolDecided():
            decision = f"{'allowed' if event.allowed else 'denied'} ({event.by})"
            return [_paragraph(f"*tool:* {escaped(f'{one_line(event.name)}: {decision}')}")]
        case talk.ToolProgress():
            result = json.dumps(jsonable(event.result), ensure_ascii=False)
            short = describe.shortened(one_line(result), describe.MAX_RESULT_CHARS)
            return [_paragraph(f"*tool:* {escaped(f'{one_line(event.name)} … {short}')}")]
        case talk.CodeWritten():
            return [_paragraph("*code:*"), _code(event.code, event.language)]
        case talk.CodeRan():
            heading = "*code printed:*" if event.ok else "*code failed:*"
            return [_paragraph(heading), _code(event.output)]
        case talk.SourcesCited():
            cited = (escaped(describe.source(source)) for source in event.sources)
            return [_paragraph(f"*source:* {source}") for source in cited]
        case _:
            return []


def _code(text: str, language: str = "") -> str:
    """Foreign text as a block of code, which it cannot end."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(longest + 1, 3)
    word = re.sub(r"[^a-z0-9]", "", language.lower())
    return _paragraph(f"{fence}{word}\n{visible(text)}\n{fence}")


def _paragraph(text: str) -> str:
    return f"\n{text}\n"
