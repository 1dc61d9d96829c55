"""What the views are told at the start, once the service has accepted the setup. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from voicecli.live.setup import setup_warnings
from voicecli.talk import events as talk
from voicecli.talk.parts import Listening, Parts


def opening(parts: Parts, listening: Listening | None, now_s: float) -> Iterator[talk.TalkEvent]:
    """What the conversation is held with, then notes, then warnings."""
    setup = parts.setup
    yield talk.SessionStarted(
        now_s,
        setup.model,
        setup.voice,
        parts.local,
        microphone=None if parts.microphone is None else parts.microphone.name,
        speaker=parts.speaker.name,
        echo=None if listening is None else listening.echo,
        push_to_talk=setup.push_to_talk and listening is not None,
        patience=setup.patience,
    )
    for note in parts.notes:
        yield talk.Noted(now_s, note)
    warnings = [(text, "") for text in setup_warnings(setup)]
    if listening is not None and listening.why is not None:
        warnings.append(listening.why)
    for message, hint in (*warnings, *parts.warnings):
        yield talk.Warned(now_s, message, hint)
