"""What the views are told at the start, once the service has accepted the setup. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from voicecli.live.setup import setup_warnings
from voicecli.talk import events as talk
from voicecli.talk.parts import Parts


def opening(parts: Parts, now_s: float) -> Iterator[talk.TalkEvent]:
    """What the conversation is held with, then notes, then warnings."""
    setup = parts.setup
    yield talk.SessionStarted(
        now_s,
        setup.model,
        setup.voice,
        parts.local,
        microphone=None if parts.microphone is None else parts.microphone.name,
        speaker=parts.speaker.name,
    )
    for note in parts.notes:
        yield talk.Noted(now_s, note)
    for message, hint in (*((text, "") for text in setup_warnings(setup)), *parts.warnings):
        yield talk.Warned(now_s, message, hint)
