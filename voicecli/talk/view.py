"""The seam between a conversation and what shows it: views get events, users get controls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from voicecli.talk.events import DeviceOption, TalkEvent
from voicecli.tools.approval import Answer


@dataclass(frozen=True, slots=True)
class Meters:
    """Levels at this moment, in dB below full scale (0 is the loudest, -90 silence)."""

    microphone_dbfs: float
    speaker_dbfs: float
    muted: bool
    microphone_open: bool
    volume_percent: int = 100


class Controls(Protocol):
    """What a person can do to a running conversation; every call returns at once."""

    def toggle_mute(self) -> None:
        """Close or open the microphone."""

    def toggle_talking(self) -> None:
        """With push-to-talk: begin to talk, which stops the voice, or send what was said."""

    def interrupt(self) -> None:
        """Stop the model's voice now and give the user the turn."""

    def change_volume(self, steps: int) -> None:
        """Make the speaker louder or, with fewer than 0 steps, softer."""

    def change_patience(self) -> None:
        """Go on to the next patience, after high to low; the service is told in the next pause."""

    def list_devices(self) -> None:
        """Look for the sound devices; `DevicesListed` follows."""

    def use_device(self, option: DeviceOption) -> None:
        """Take another device; `DeviceChanged` follows, or `Warned`."""

    def answer_call(self, call_id: str, answer: Answer) -> None:
        """Say whether a call that asks (`ToolAsked`) may be made; nothing if it asks no more."""

    def send_text(self, text: str) -> None:
        """Say `text` as the user."""

    def quit(self) -> None:
        """End the conversation politely."""

    def meters(self) -> Meters:
        """The levels of microphone and speaker now."""


class View(Protocol):
    """Shows a conversation. `show` runs in the event loop and must return within milliseconds."""

    def show(self, event: TalkEvent) -> None:
        """Take in one event, in order; the last one is always `Ended`."""

    async def run(self, controls: Controls) -> None:
        """Serve keys and redraw until cancelled; a view without either returns at once."""

    def close(self) -> None:
        """Leave the terminal as it was found; safe to call twice, and from any state."""
