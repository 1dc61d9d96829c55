"""What a conversation says at its start: what it is held with, and what is odd about that."""

from __future__ import annotations

from typing import Any

import pytest

from voicecli.audio.device import Deliver
from voicecli.audio.microphone import Microphone
from voicecli.audio.null_device import NullOutput
from voicecli.audio.speaker import Speaker
from voicecli.live.endpoint import Endpoint
from voicecli.live.models import DEFAULT_MODEL
from voicecli.live.session import LiveSession
from voicecli.live.setup import Setup
from voicecli.settings.key import ApiKey
from voicecli.talk import events as talk
from voicecli.talk.opening import opening
from voicecli.talk.parts import Parts
from voicecli.tools.runner import ToolRunner


def parts(setup: Setup, **others: Any) -> Parts:
    return Parts(
        session=LiveSession(Endpoint(ApiKey("k", "the test")), setup),
        setup=setup,
        speaker=Speaker(NullOutput()),
        tools=ToolRunner([]),
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


@pytest.mark.parametrize(("microphone", "name"), [(None, None), (Microphone(Studio()), "studio")])
def test_the_session_comes_first(microphone: Microphone | None, name: str | None) -> None:
    held_with = parts(Setup(DEFAULT_MODEL, voice="Kore"), microphone=microphone, local=True)
    assert list(opening(held_with, 2.0)) == [
        talk.SessionStarted(2.0, DEFAULT_MODEL, "Kore", True, name, None)
    ]


def test_notes_come_before_warnings_and_those_of_the_setup_before_others() -> None:
    setup = Setup(DEFAULT_MODEL, voice="Koree")
    held_with = parts(
        setup, microphone=None, local=False, notes=("note",), warnings=(("no sound", "a hint"),)
    )
    _, note, voice, sound = opening(held_with, 0.0)
    assert note == talk.Noted(0.0, "note")
    assert isinstance(voice, talk.Warned)
    assert "Koree" in voice.message
    assert sound == talk.Warned(0.0, "no sound", "a hint")
