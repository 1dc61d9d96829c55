"""What a conversation says at its start: what it is held with, and what is odd about that."""

from __future__ import annotations

from typing import Any

from hand_sounds import HandSounds

from voicecli.audio.device import Deliver
from voicecli.audio.listener import Heard
from voicecli.audio.microphone import Microphone
from voicecli.audio.null_device import NullOutput
from voicecli.audio.speaker import Speaker
from voicecli.live.endpoint import Endpoint
from voicecli.live.models import DEFAULT_MODEL
from voicecli.live.patience import Patience
from voicecli.live.session import LiveSession
from voicecli.live.setup import Setup
from voicecli.settings.key import ApiKey
from voicecli.talk import events as talk
from voicecli.talk.opening import opening
from voicecli.talk.parts import Listening, Parts, SoundInput
from voicecli.tools.toolbox import Toolbox


def parts(setup: Setup, **others: Any) -> Parts:
    return Parts(
        session=LiveSession(Endpoint(ApiKey("k", "the test")), setup),
        setup=setup,
        sounds=HandSounds(),
        speaker=Speaker(NullOutput()),
        tools=Toolbox(),
        views=[],
        **others,
    )


class Studio:
    """An input device with a name."""

    name = "studio"

    def start(self, deliver: Deliver) -> None:
        raise AssertionError("only its name is asked for")

    def close(self) -> None:
        raise AssertionError("only its name is asked for")


class Ear:
    """What listens, if it is asked to; here it is not."""

    def hear(self, frame: bytes, played: bytes, *, speaking: bool, now_s: float) -> Heard:
        raise AssertionError("nothing is heard yet")

    def interrupted(self, now_s: float) -> None:
        raise AssertionError("nothing is said yet")

    def mute(self, muted: bool) -> None:
        raise AssertionError("nobody mutes yet")


CANCELLING = Listening(Ear(), talk.Echo.CANCELLED)


def with_microphone(setup: Setup, **others: Any) -> Parts:
    sound_input = SoundInput(Microphone(Studio()), lambda: CANCELLING)
    return parts(setup, sound_input=sound_input, local=True, **others)


def test_the_session_comes_first() -> None:
    held_with = with_microphone(Setup(DEFAULT_MODEL, voice="Kore", patience=Patience.HIGH))
    assert list(opening(held_with, CANCELLING, 2.0)) == [
        talk.SessionStarted(
            2.0,
            DEFAULT_MODEL,
            "Kore",
            True,
            microphone="studio",
            speaker=None,
            echo=talk.Echo.CANCELLED,
            push_to_talk=False,
            patience=Patience.HIGH,
        )
    ]


def test_without_a_microphone_there_is_no_echo_and_nothing_to_tap_for() -> None:
    (session,) = opening(parts(Setup(DEFAULT_MODEL, push_to_talk=True), local=False), None, 0.0)
    assert isinstance(session, talk.SessionStarted)
    assert (session.microphone, session.echo, session.push_to_talk) == (None, None, False)


def test_push_to_talk_is_told() -> None:
    held_with = with_microphone(Setup(DEFAULT_MODEL, push_to_talk=True))
    (session,) = opening(held_with, CANCELLING, 0.0)
    assert isinstance(session, talk.SessionStarted)
    assert session.push_to_talk


def test_why_the_echo_is_not_cancelled_is_a_warning() -> None:
    why = ("echo cannot be cancelled: the microphone is closed while the model speaks", "a hint")
    half_duplex = Listening(Ear(), talk.Echo.HALF_DUPLEX, why)
    _, warning = opening(with_microphone(Setup(DEFAULT_MODEL)), half_duplex, 0.0)
    assert warning == talk.Warned(0.0, *why)


def test_notes_come_before_warnings_and_those_of_the_setup_before_others() -> None:
    setup = Setup(DEFAULT_MODEL, voice="Koree")
    held_with = parts(setup, local=False, notes=("note",), warnings=(("no sound", "a hint"),))
    _, note, voice, sound = opening(held_with, None, 0.0)
    assert note == talk.Noted(0.0, "note")
    assert isinstance(voice, talk.Warned)
    assert "Koree" in voice.message
    assert sound == talk.Warned(0.0, "no sound", "a hint")
