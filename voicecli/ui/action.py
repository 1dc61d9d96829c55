"""What a key can ask of the conversation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from voicecli.talk.events import DeviceOption
from voicecli.talk.view import Controls
from voicecli.tools.approval import Answer

Command = Literal["mute", "talk", "interrupt", "louder", "softer", "patience", "devices", "quit"]


@dataclass(frozen=True, slots=True)
class Send:
    """Say `text` as the user."""

    text: str


@dataclass(frozen=True, slots=True)
class Use:
    """Take another device."""

    device: DeviceOption


@dataclass(frozen=True, slots=True)
class Decide:
    """Say whether a call may be made."""

    call_id: str
    answer: Answer


Action = Command | Send | Use | Decide


def perform(action: Action, controls: Controls) -> None:
    """Do what was asked."""
    match action:
        case Send():
            controls.send_text(action.text)
        case Use():
            controls.use_device(action.device)
        case Decide():
            controls.answer_call(action.call_id, action.answer)
        case "mute":
            controls.toggle_mute()
        case "talk":
            controls.toggle_talking()
        case "interrupt":
            controls.interrupt()
        case "louder":
            controls.change_volume(1)
        case "softer":
            controls.change_volume(-1)
        case "patience":
            controls.change_patience()
        case "devices":
            controls.list_devices()
        case "quit":
            controls.quit()
