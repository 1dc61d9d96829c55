"""The conversation: microphone, session, speaker, tools and views, as tasks of one group."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import suppress

from voicecli.audio.levels import SILENCE_DBFS
from voicecli.audio.microphone import Microphone
from voicecli.audio.pcm import duration_s
from voicecli.errors import ExitCode, SoundDeviceError, VoicecliError, first_error
from voicecli.live import events as live
from voicecli.talk import events as talk
from voicecli.talk.audience import Audience
from voicecli.talk.calls import Calls
from voicecli.talk.opening import opening
from voicecli.talk.parts import Ending, Parts
from voicecli.talk.prompter import Prompter
from voicecli.talk.script import Cue
from voicecli.talk.turns import Turns
from voicecli.talk.view import Meters
from voicecli.talk.voice_output import VoiceOutput
from voicecli.tools.runner import Outcome

# Heard words are followed at this pace: finer than a syllable, and no load.
FOLLOW_EVERY_S = 0.05
# How soon after a reply began a speaker that has stopped is looked for.
WATCH_EVERY_S = 1.0


class Conversation:
    """Holds one conversation; a person steers it through the methods of `view.Controls`."""

    def __init__(self, parts: Parts, *, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that never go back. Must be made inside the event loop."""
        self._parts = parts
        self._clock = clock
        self._began_s = clock()
        self._audience = Audience(parts.views)
        self._turns = Turns()
        self._prompter = Prompter()
        self._outgoing: asyncio.Queue[Coroutine[None, None, None]] = asyncio.Queue()
        self._ending: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._voice = VoiceOutput(parts.speaker, parts.voice_file)
        self._calls = Calls(parts.tools, parts.session, self._call_finished)
        self._outside: talk.State | None = talk.State.CONNECTING
        self._ended_turns = 0

    async def run(self) -> ExitCode:
        """Hold the conversation to its end; every view has seen `Ended` and is closed after it."""
        ending = Ending("error", ExitCode.FAILURE)
        try:
            ending = await self._held()
        except asyncio.CancelledError:
            ending = Ending("interrupted", ExitCode.INTERRUPTED)
            raise
        finally:
            ending = self._finished(ending)
        return ending.exit_code

    async def _held(self) -> Ending:
        """Run the tasks; what ends them becomes an ending that the views are told of."""
        try:
            ending = await self._run_tasks()
        except* VoicecliError as group:
            ending = self._failed(first_error(group))
        except* BrokenPipeError:
            # Whoever read the output has had enough (`voicecli … | head`): no error to report.
            ending = Ending("reader gone", ExitCode.FAILURE)
        return ending

    def _failed(self, error: VoicecliError) -> Ending:
        now_s, what, why, hint = self._now(), error.what, error.why, error.hint
        self._audience.tell(talk.Failed(now_s, what, why, hint, error.exit_code))
        return Ending("error", error.exit_code)

    def _finished(self, ending: Ending) -> Ending:
        """Close everything; the views see the words that were not settled yet, and `Ended`."""
        last_words = tuple(self._turns.ended(self._now(), self._voice.position))
        try:
            self._close()
        except VoicecliError as error:
            ending = self._failed(error)
        ended = talk.Ended(self._now(), ending.reason, self._ended_turns, ending.exit_code)
        for event in (*last_words, ended):
            self._audience.tell(event)
        self._audience.close()
        return ending

    def toggle_mute(self) -> None:
        """Close or open the microphone."""
        microphone = self._parts.microphone
        if microphone is None:
            return
        microphone.muted = not microphone.muted
        if microphone.muted:
            # Without it the service waits for the rest of a sentence that will not come.
            self._outgoing.put_nowait(self._parts.session.send_audio_stream_end())
        self._emit(talk.MuteChanged(self._now(), microphone.muted))

    def interrupt(self) -> None:
        """Stop the model's voice now and give the user the turn."""
        if self._turns.state in (talk.State.SPEAKING, talk.State.THINKING):
            self._emit_all(self._turns.stopped_by_hand(self._voice.flush(), self._now()))

    def send_text(self, text: str) -> None:
        """Say `text` as the user."""
        self._outgoing.put_nowait(self._parts.session.send_text(text))
        self._emit_all(self._turns.typed(text, self._now()))

    def quit(self, exit_code: ExitCode = ExitCode.DONE, reason: str = "quit") -> None:
        """End the conversation politely, the voice with a fade."""
        if not self._ending.done():
            self._parts.speaker.flush()
            self._ending.set_result(Ending(reason, exit_code))

    def meters(self) -> Meters:
        """The levels of microphone and speaker now."""
        microphone = self._parts.microphone
        return Meters(
            microphone_dbfs=SILENCE_DBFS if microphone is None else microphone.level_dbfs,
            speaker_dbfs=self._parts.speaker.level_dbfs,
            muted=microphone is not None and microphone.muted,
            microphone_open=microphone is not None,
        )

    async def _run_tasks(self) -> Ending:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(view.run(self)) for view in self._parts.views]
            tasks.append(group.create_task(self._converse(group)))
            ending = await self._ending
            self._calls.cancel_all()
            for task in tasks:
                task.cancel()
        return ending

    async def _converse(self, group: asyncio.TaskGroup) -> None:
        """Connect, then let the tasks run until this one is cancelled, which ends them too."""
        self._emit(talk.StateChanged(self._now(), talk.State.CONNECTING))
        async with self._parts.session:
            self._started()
            tasks = [
                group.create_task(self._downlink(group)),
                group.create_task(self._send_outgoing()),
                group.create_task(self._follow_playback()),
                group.create_task(self._watch_speaker()),
            ]
            if self._parts.script is not None:
                tasks.append(group.create_task(self._run_script(self._parts.script)))
            elif self._parts.microphone is not None:
                tasks.append(group.create_task(self._uplink(self._parts.microphone)))
            try:
                await self._ending
            finally:
                for task in tasks:
                    task.cancel()

    def _started(self) -> None:
        self._parts.speaker.start()
        if self._parts.microphone is not None:
            self._parts.microphone.start()
        self._emit_all(opening(self._parts, self._now()))
        self._outside = None

    async def _uplink(self, microphone: Microphone) -> None:
        async for frame in microphone.frames():
            await self._parts.session.send_audio(frame)

    async def _downlink(self, group: asyncio.TaskGroup) -> None:
        try:
            async for event in self._parts.session.events():
                self._prompter.message_came(self._now())
                self._take(event, group)
                self._follow()
        except VoicecliError:
            # What has arrived is played before the conversation ends.
            self._reply_is_whole()
            with suppress(SoundDeviceError):
                await self._parts.speaker.drained()
            raise

    async def _send_outgoing(self) -> None:
        while True:
            await (await self._outgoing.get())

    async def _follow_playback(self) -> None:
        while True:
            self._follow()
            await asyncio.sleep(FOLLOW_EVERY_S)

    async def _watch_speaker(self) -> None:
        """Raises SoundDeviceError when a reply cannot be played: its end would never come."""
        while True:
            await self._parts.speaker.drained()
            await asyncio.sleep(WATCH_EVERY_S)

    async def _run_script(self, script: AsyncIterator[Cue]) -> None:
        async for cue in script:
            await self._prompter.until_due(cue, self._turns, self._now)
            self._prompter.said(self._turns, self._now())
            self.send_text(cue.text)
        await self._prompter.until_answered(self._turns, self._now)
        await self._parts.speaker.drained()
        self.quit(reason="script done")

    def _take(self, event: live.LiveEvent, group: asyncio.TaskGroup) -> None:
        """Act on one event of the service."""
        now_s, position = self._now(), self._voice.position
        match event:
            case live.AudioChunk():
                self._play(event)
            case live.ModelSpeech() | live.ModelText():
                self._emit_all(self._turns.words(event.text, now_s, position))
            case live.UserSpeech():
                self._emit_all(self._turns.user_speech(event, now_s))
            case live.GenerationComplete():
                self._reply_is_whole()
                self._turns.generation_complete()
            case live.Interrupted():
                self._emit_all(self._turns.interrupted(self._voice.flush(), now_s))
            case live.TurnComplete(waiting=False):
                self._reply_is_whole()
                self._emit_all(self._turns.turn_complete(now_s, position))
            case live.Thought():
                self._emit_all(self._turns.thought(event, now_s))
            case live.VoiceActivity():
                self._turns.voice_activity(event)
            case live.FunctionCall() if not self._calls.knows(event.call_id):
                self._emit_all(self._turns.call_started(event, now_s))
                self._calls.start(event, group)
            case live.FunctionCallsCancelled():
                for call_id in self._calls.cancel(event.call_ids):
                    self._emit_all(self._turns.call_cancelled(call_id, now_s))
            case _:
                self._report(event)

    def _report(self, event: live.LiveEvent) -> None:
        """Show an event that changes nothing but what the user knows."""
        now_s = self._now()
        match event:
            case live.Usage():
                self._emit(talk.usage_reported(now_s, event))
            case live.Grounding():
                self._emit(talk.SourcesCited(now_s, event.queries, event.sources))
            case live.Reconnecting():
                self._reply_is_whole()
                self._turns.connection_lost()
                self._outside = talk.State.RECONNECTING
                self._emit(talk.Noted(now_s, f"{event.reason}; try {event.attempt} follows"))
            case live.Connected() if self._outside is talk.State.RECONNECTING:
                self._outside = None
                kept = "the conversation goes on" if event.resumed else "a new conversation began"
                self._emit(talk.Noted(now_s, f"connected again: {kept}"))

    def _play(self, chunk: live.AudioChunk) -> None:
        now_s, seconds = self._now(), duration_s(chunk.pcm, chunk.rate_hz)
        self._emit(talk.AudioReceived(now_s, len(chunk.pcm), seconds))
        if not self._turns.discarding:
            self._turns.sound(self._voice.play(chunk), now_s)

    def _reply_is_whole(self) -> None:
        held_back = self._voice.end_of_reply()
        if held_back:
            self._turns.sound(held_back, self._now())

    def _follow(self) -> None:
        """Bring the views up to where the playback is."""
        now_s, position = self._now(), self._voice.position
        self._emit_all(self._turns.tick(now_s, position))
        self._emit_all(self._turns.enter_state(now_s, position, self._outside))
        self._voice.keep_file_in_step()

    def _call_finished(self, call: live.FunctionCall, outcome: Outcome) -> None:
        now_s = self._now()
        self._emit_all(
            self._turns.call_finished(call.call_id, now_s, outcome.result, outcome.error)
        )

    def _emit(self, event: talk.TalkEvent) -> None:
        self._prompter.take(event)
        if isinstance(event, talk.TurnEnded):
            self._ended_turns += 1
        self._audience.show(event)

    def _emit_all(self, events: Iterable[talk.TalkEvent]) -> None:
        for event in events:
            self._emit(event)

    def _now(self) -> float:
        return self._clock() - self._began_s

    def _close(self) -> None:
        """Raises VoicecliError, after the rest, if the voice's file cannot be finished."""
        while not self._outgoing.empty():
            self._outgoing.get_nowait().close()
        if self._parts.microphone is not None:
            self._parts.microphone.close()
        self._voice.close()
