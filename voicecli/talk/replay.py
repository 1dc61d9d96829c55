"""Shows a recorded conversation again, at the pace at which its sound is played."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from voicecli.audio.device import OutputDevice
from voicecli.audio.device_watch import Pulse
from voicecli.audio.null_device import NullOutput
from voicecli.audio.tape import Tape
from voicecli.errors import ExitCode, SoundDeviceError, VoicecliError, first_error
from voicecli.live.events import Usage
from voicecli.talk import events as talk
from voicecli.talk.audience import Audience
from voicecli.talk.steering import VOLUME_STEP_PERCENT
from voicecli.talk.usage import UsageTotals
from voicecli.talk.view import Meters, View
from voicecli.tools.approval import Answer

# As fine as words follow the sound in a conversation.
LOOK_EVERY_S = 0.02

# A question is shown by its answer, which follows: nobody can answer it any more.
_NOT_SHOWN = talk.Ended | talk.ToolAsked


class Replay:
    """One showing; its keys are those of a conversation, as far as they make sense."""

    def __init__(
        self,
        events: Iterable[talk.TalkEvent],
        tape: Tape,
        device: OutputDevice,
        view: View,
        *,
        notes: Iterable[str] = (),
        warnings: Iterable[tuple[str, str]] = (),
    ) -> None:
        """`device`, which is started and closed here, sets the pace. Made inside the loop."""
        self._events = events
        self._tape = tape
        self._device = device
        self._view = view
        self._audience = Audience([view])
        self._notes = tuple(notes)
        self._warnings = list(warnings)
        self._pulse = Pulse()
        self._turns = 0
        self._used = UsageTotals()
        self._prices_as_of: str | None = None
        self._ending: asyncio.Future[tuple[str, ExitCode]] = (
            asyncio.get_running_loop().create_future()
        )

    async def run(self) -> ExitCode:
        """Show it to its end, or until the user quits.

        Raises VoicecliError if the view cannot be written.
        """
        code, failure = ExitCode.FAILURE, None
        try:
            self._start()
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._view.run(self)), group.create_task(self._play())]
                reason, code = await self._ending
                for task in tasks:
                    task.cancel()
            how = reason, self._turns, code, self._used, self._prices_as_of
            self._audience.show(talk.Ended(self._tape.at_s, *how))
        except* BrokenPipeError:
            code = ExitCode.FAILURE  # whoever read the output has had enough
        except* VoicecliError as group:
            failure = first_error(group)
        finally:
            self._device.close()
            self._tape.close()
            self._audience.close()
        if failure is not None:
            raise failure
        return code

    def quit(self, exit_code: ExitCode = ExitCode.DONE, reason: str = "quit") -> None:
        """End it."""
        if not self._ending.done():
            self._ending.set_result((reason, exit_code))

    def interrupt(self) -> None:
        """Stop the sound and the words where they are, or go on."""
        self._tape.paused = not self._tape.paused
        told = "stopped; space goes on" if self._tape.paused else "goes on"
        self._audience.show(talk.Noted(self._tape.at_s, told))

    def toggle_talking(self) -> None:
        """The same key, where the conversation was one with push-to-talk."""
        self.interrupt()

    def change_volume(self, steps: int) -> None:
        """Make it louder or, with fewer than 0 steps, softer."""
        wanted = self._tape.volume_percent + steps * VOLUME_STEP_PERCENT
        self._tape.volume_percent = min(max(wanted, 0), 100)
        self._audience.show(talk.VolumeChanged(self._tape.at_s, self._tape.volume_percent))

    def toggle_mute(self) -> None:
        """Nothing: there is no microphone."""

    def change_patience(self) -> None:
        """Nothing: nobody waits."""

    def list_devices(self) -> None:
        """Nothing: the devices are those that the command names."""

    def use_device(self, option: talk.DeviceOption) -> None:
        """Nothing, as none were listed."""

    def answer_call(self, call_id: str, answer: Answer) -> None:
        """Nothing: it was answered, or is no question any more."""

    def send_text(self, text: str) -> None:
        """Nothing: what was said cannot be changed."""

    def meters(self) -> Meters:
        """The levels of both sides as they were, and the volume of now."""
        user_dbfs, model_dbfs = self._tape.levels_dbfs()
        volume = self._tape.volume_percent
        return Meters(user_dbfs, model_dbfs, False, microphone_open=True, volume_percent=volume)

    def _start(self) -> None:
        """Begin to play; in silence if the device, which was there, cannot be started."""
        try:
            self._device.start(self._tape.fill)
        except SoundDeviceError as error:
            self._warnings.append((f"no sound: {error}", error.hint))
            self._device = NullOutput()
            self._device.start(self._tape.fill)

    async def _play(self) -> None:
        self._tell()
        reason = ""
        for event in self._events:
            await self._reached(event.t_s)
            # A record that was gone on with has several ends; the view is shown one, the last.
            reason = event.reason if isinstance(event, talk.Ended) else ""
            self._count(event)
            if not isinstance(event, _NOT_SHOWN):
                self._audience.show(event)
        self.quit(reason=reason or "the record ends here")

    def _count(self, event: talk.TalkEvent) -> None:
        match event:
            case talk.TurnEnded():
                self._turns += 1
            case talk.UsageReported():
                self._used = self._used.plus(_usage(event), event.cost_usd)
            case talk.Ended():
                self._prices_as_of = event.prices_as_of or self._prices_as_of

    def _tell(self) -> None:
        for note in self._notes:
            self._audience.show(talk.Noted(0.0, note))
        for message, hint in self._warnings:
            self._audience.show(talk.Warned(0.0, message, hint))

    async def _reached(self, at_s: float) -> None:
        while self._tape.at_s < at_s:
            await asyncio.sleep(LOOK_EVERY_S)
            now_s = asyncio.get_running_loop().time()
            if self._pulse.stopped(float(self._tape.calls), now_s):
                await self._go_on_in_silence()

    async def _go_on_in_silence(self) -> None:
        """The device has stopped asking: without one that does, nothing would move any more."""
        lost, self._device = self._device, NullOutput()
        await asyncio.to_thread(lost.close)
        message = f"the speaker “{lost.name}” has stopped: the rest is silent"
        self._audience.show(talk.Warned(self._tape.at_s, message, "voicecli devices"))
        self._device.start(self._tape.fill)


def _usage(event: talk.UsageReported) -> Usage:
    return Usage(
        event.prompt_tokens,
        event.response_tokens,
        event.thoughts_tokens,
        event.total_tokens,
        event.prompt_by_modality,
        event.response_by_modality,
    )
