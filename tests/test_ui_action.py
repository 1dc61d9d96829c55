"""Each thing that a key can ask for is one call of the conversation's controls, and no other."""

from __future__ import annotations

from typing import get_args

import pytest
from ui_controls import Recorder

from voicecli.talk.events import DeviceOption
from voicecli.tools.approval import Answer
from voicecli.ui.action import Action, Command, Decide, Send, Use, perform

ASKED = {
    "mute": "mute",
    "talk": "talk",
    "interrupt": "interrupt",
    "louder": "volume +1",
    "softer": "volume -1",
    "patience": "patience",
    "devices": "devices",
    "quit": "quit",
}
HEADSET = DeviceOption("output", 3, "Headset", default=False, current=False)


def asked(action: Action) -> list[str]:
    controls = Recorder()
    perform(action, controls)
    return controls.asked


@pytest.mark.parametrize("command", get_args(Command))
def test_a_command_is_one_call(command: Command) -> None:
    assert asked(command) == [ASKED[command]]


def test_a_message_and_a_device_are_handed_on() -> None:
    assert asked(Send("hello")) == ["say hello"]
    assert asked(Use(HEADSET)) == ["use output Headset"]


@pytest.mark.parametrize("answer", Answer)
def test_an_answer_to_a_question_is_handed_on(answer: Answer) -> None:
    assert asked(Decide("f1", answer)) == [f"{answer} to f1"]
