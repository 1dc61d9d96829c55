"""What listens to the microphone, as the user's settings have it."""

from __future__ import annotations

from voicecli.errors import SoundDeviceError
from voicecli.settings import Settings
from voicecli.talk.events import Echo
from voicecli.talk.parts import Listening


def load_listening(settings: Settings) -> Listening:
    """Load what `settings` ask for, which blocks; half duplex where echo cannot be cancelled.

    Raises VoicecliError without the library that tells speech.
    """
    from voicecli.audio.echo_canceller import open_canceller
    from voicecli.audio.listener import Listener
    from voicecli.audio.speech_detector import load_judge

    judge = load_judge()
    if settings.headphones:
        return Listening(Listener(None, judge, gated=False), Echo.HEADPHONES)
    if not settings.echo_cancel:
        return Listening(Listener(None, judge), Echo.HALF_DUPLEX)
    try:
        canceller = open_canceller()
    except SoundDeviceError as error:
        why = f"{error}: the microphone is closed while the model speaks", error.hint
        return Listening(Listener(None, judge), Echo.HALF_DUPLEX, why)
    return Listening(Listener(canceller, judge, barge_in=settings.barge_in), Echo.CANCELLED)
