"""What the views are told at the start and at the end, beside the conversation itself. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from voicecli.live.decode import EMPTY_MESSAGE
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


def odd_messages(oddities: Mapping[str, int], now_s: float) -> Iterator[talk.TalkEvent]:
    """A line on what the service sent and nobody understood, if there was anything."""
    odd = {kind: count for kind, count in oddities.items() if kind != EMPTY_MESSAGE}
    if odd:
        kinds = ", ".join(f"{count} × {kind}" for kind, count in odd.items())
        yield talk.Noted(now_s, f"the service sent what is not known here: {kinds}")
