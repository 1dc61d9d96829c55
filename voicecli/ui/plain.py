"""Without a terminal: finished turns as lines on stdout, everything else on stderr."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TextIO

from voicecli.talk import events as talk
from voicecli.talk.view import Controls
from voicecli.ui import amounts, describe
from voicecli.ui.escape import one_line
from voicecli.ui.line_writer import LineWriter
from voicecli.ui.story import Story

# How soon `voicecli … | head -1` ends after its line.
WATCH_EVERY_S = 0.25

_SPEAKERS = {"user": "you", "model": "voicecli"}


class PlainView:
    """One line for each finished turn, event of a tool call, program, its result, and source.

    These begin with `you:`, `voicecli:`, `tool:`, `code:`, `code result:` or `code failed:`, and
    `source:`; programs and what they print are JSON strings, so that each is one line for `grep`.
    No control codes anywhere. Thoughts are remarks, and go to stderr.

    `show` raises BrokenPipeError, once, when the reader of stdout is gone. A reader of stderr may
    leave without ending the conversation.
    """

    def __init__(self, stdout: TextIO, stderr: TextIO) -> None:
        self._stdout = LineWriter(stdout)
        self._stderr = LineWriter(stderr)
        self._story = Story()

    def show(self, event: talk.TalkEvent) -> None:
        """Write what `event` has to say, if anything."""
        for told in self._story.take(event):
            for line in _said(told):
                self._stdout.write(line)
        for line in _remarks(event):
            with contextlib.suppress(BrokenPipeError):
                self._stderr.write(line)

    async def run(self, controls: Controls) -> None:
        """Watch for the reader of stdout to leave: the next line may be long in coming.

        Raises BrokenPipeError then.
        """
        while True:
            if self._stdout.reader_left():
                raise BrokenPipeError
            await asyncio.sleep(WATCH_EVERY_S)

    def close(self) -> None:
        """Do nothing: every line is out already."""


def spoken(words: talk.Transcript) -> str:
    """A finished turn in one line, what was not heard of the model's words marked."""
    start = len(words.text) if words.role == "user" else describe.unheard(words.text, words.heard)
    heard, rest = one_line(words.text[:start]), one_line(words.text[start:])
    parts = [f"{_SPEAKERS[words.role]}:", heard, f"[not heard: {rest}]" if rest else ""]
    return " ".join(part for part in parts if part)


def _said(event: talk.TalkEvent) -> list[str]:
    match event:
        case talk.Transcript():
            return [spoken(event)] if one_line(event.text) else []
        case talk.ToolCalled():
            return [f"tool: {describe.call(event.name, event.args)}"]
        case talk.ToolAsked():
            return [f"tool: {describe.question(event)}"]
        case talk.ToolDecided():
            return [f"tool: {one_line(event.name)} {describe.decision(event)}"]
        case talk.ToolProgress():
            return [f"tool: {one_line(event.name)} -> {describe.progress(event)}"]
        case talk.CodeWritten():
            return [f"code: {describe.code(event)}"]
        case talk.CodeRan():
            return [f"code {'result' if event.ok else 'failed'}: {describe.code_result(event)}"]
        case talk.ToolFinished():
            return [f"tool: {one_line(event.name)} -> {describe.outcome(event)}"]
        case talk.SourcesCited():
            return [f"source: {describe.source(cited)}" for cited in event.sources]
        case _:
            return []


def _remarks(event: talk.TalkEvent) -> list[str]:
    match event:
        case talk.SessionStarted():
            return [f"voicecli: {describe.session(event)}"]
        case talk.MuteChanged():
            return [f"voicecli: microphone {'muted' if event.muted else 'open'}"]
        case talk.TalkingChanged():
            return [f"voicecli: {'you talk' if event.talking else 'sent what you said'}"]
        case talk.VolumeChanged():
            return [f"voicecli: volume {event.percent} %"]
        case talk.PatienceChanged():
            return [f"voicecli: {describe.patience(event)}"]
        case talk.DeviceChanged():
            return [f"voicecli: {text}" for text in describe.device(event)]
        case talk.Thinking():
            return [f"voicecli: thought: {describe.thought(event)}"]
        case talk.Noted():
            return [f"voicecli: {one_line(event.message)}"]
        case talk.Warned():
            return _with_hint(f"voicecli: warning: {one_line(event.message)}", event.hint)
        case talk.Failed():
            return _with_hint(f"voicecli: error: {describe.failure(event)}", event.hint)
        case talk.Ended():
            told = (f"ended: {describe.ended(event)}", *amounts.spent(event))
            return [f"voicecli: {line}" for line in told]
        case _:
            return []


def _with_hint(line: str, hint: str) -> list[str]:
    return [line, f"hint: {one_line(hint)}"] if hint else [line]
