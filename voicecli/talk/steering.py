"""What a person can do to a running conversation: `view.Controls`, by their keys."""

from __future__ import annotations

from collections.abc import Callable

from voicecli.audio.levels import SILENCE_DBFS
from voicecli.talk import events as talk
from voicecli.talk.calls import Calls
from voicecli.talk.devices import Devices
from voicecli.talk.moves import Moves
from voicecli.talk.stage import Stage
from voicecli.talk.uplink import Uplink
from voicecli.talk.view import Meters
from voicecli.tools.approval import Answer

# Ten steps from silence to full volume: each can be heard, and none is a leap.
VOLUME_STEP_PERCENT = 10


class Steering:
    """Hands each wish to the part of the conversation that fulfils it."""

    def __init__(
        self,
        stage: Stage,
        uplink: Uplink | None,
        moves: Moves,
        devices: Devices,
        calls: Calls,
        quit: Callable[[], None],
    ) -> None:
        self._stage = stage
        self._uplink = uplink
        self._moves = moves
        self._devices = devices
        self._calls = calls
        self._quit = quit

    def toggle_mute(self) -> None:
        """Close or open the microphone."""
        if self._uplink is not None:
            self._uplink.toggle_mute()

    def toggle_talking(self) -> None:
        """With push-to-talk: begin to talk, which stops the voice, or send what was said."""
        if self._uplink is not None:
            self._uplink.toggle_talking()

    def interrupt(self) -> None:
        """Stop the model's voice now and give the user the turn."""
        self._stage.stop_voice()

    def answer_call(self, call_id: str, answer: Answer) -> None:
        """Say whether a call that asks (`ToolAsked`) may be made; nothing if it asks no more."""
        self._calls.answer(call_id, answer)

    def send_text(self, text: str) -> None:
        """Say `text` as the user."""
        self._stage.say(text)

    def change_volume(self, steps: int) -> None:
        """Make the speaker louder or, with fewer than 0 steps, softer."""
        speaker = self._stage.parts.speaker
        wanted = speaker.volume_percent + steps * VOLUME_STEP_PERCENT
        speaker.volume_percent = min(max(wanted, 0), 100)
        self._stage.emit(talk.VolumeChanged(self._stage.now_s(), speaker.volume_percent))

    def change_patience(self) -> None:
        """Go on to the next patience, after high to low; the service is told in the next pause."""
        self._moves.next_patience()

    def list_devices(self) -> None:
        """Look for the sound devices; `DevicesListed` follows."""
        self._devices.list_devices()

    def use_device(self, option: talk.DeviceOption) -> None:
        """Take another device; `DeviceChanged` follows, or `Warned`."""
        self._devices.use_device(option)

    def quit(self) -> None:
        """End the conversation politely."""
        self._quit()

    def meters(self) -> Meters:
        """The levels of microphone and speaker now."""
        microphone, speaker = self._stage.parts.microphone, self._stage.parts.speaker
        return Meters(
            microphone_dbfs=SILENCE_DBFS if microphone is None else microphone.level_dbfs,
            speaker_dbfs=speaker.level_dbfs,
            muted=self._uplink is not None and self._uplink.muted,
            microphone_open=microphone is not None,
            volume_percent=speaker.volume_percent,
        )
