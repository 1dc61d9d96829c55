"""Without a terminal: finished turns as lines on stdout, everything else on stderr."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TextIO

from voicecli.talk import events as talk
from voicecli.talk.turn_order import TurnOrder
from voicecli.talk.view import Controls
from voicecli.ui import amounts, describe
from voicecli.ui.escape import one_line
from voicecli.ui.line_writer import LineWriter

# How soon `voicecli … | head -1` ends after its line.
WATCH_EVERY_S = 0.25

_SPEAKERS = {"user": "you", "model": "voicecli"}


class PlainView:
    """One line for each finished turn, tool call and source; no control codes anywhere.

    `show` raises BrokenPipeError, once, when the reader of stdout is gone. A reader of stderr may
    leave without ending the conversation.
    """

    def __init__(self, stdout: TextIO, stderr: TextIO) -> None:
        self._stdout = LineWriter(stdout)
        self._stderr = LineWriter(stderr)
        self._order = TurnOrder()

    def show(self, event: talk.TalkEvent) -> None:
        """Write what `event` has to say, if anything."""
        settled = [spoken(words) for words in self._order.take(event) if one_line(words.text)]
        for line in (*settled, *_said(event)):
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
        case talk.ToolCalled():
            return [f"tool: {describe.call(event.name, event.args)}"]
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
