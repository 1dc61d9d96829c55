"""What the service says, on its way to the speaker, the turns, the functions and the views."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from voicecli.audio.pcm import duration_s
from voicecli.errors import SoundDeviceError, VoicecliError
from voicecli.live import events as live
from voicecli.talk import events as talk
from voicecli.talk.calls import Calls
from voicecli.talk.stage import Stage
from voicecli.tools.runner import Outcome


class Downlink:
    """Acts on each event of the service."""

    def __init__(
        self, stage: Stage, interrupted: Callable[[], None], setup_refused: Callable[[str], None]
    ) -> None:
        """`interrupted` is told when the service has cut off its reply for the user's voice,
        `setup_refused` why it does not take a changed setup."""
        self._stage = stage
        self._turns = stage.turns
        self._voice = stage.voice
        self._interrupted = interrupted
        self._setup_refused = setup_refused
        self._calls = Calls(stage.parts.tools, stage.parts.session, self._call_finished)

    async def run(self, group: asyncio.TaskGroup) -> None:
        """Take in all that comes; functions run as tasks of `group`.

        Raises VoicecliError when the session is over, once what had arrived was played.
        """
        stage = self._stage
        try:
            async for event in stage.parts.session.events():
                stage.prompter.message_came(stage.now_s())
                self._take(event, group)
                stage.follow()
        except VoicecliError:
            self._reply_is_whole()
            with suppress(SoundDeviceError):
                await stage.parts.speaker.drained()
            raise

    def cancel_calls(self) -> None:
        """Stop every function."""
        self._calls.cancel_all()

    def _take(self, event: live.LiveEvent, group: asyncio.TaskGroup) -> None:
        now_s, position = self._stage.now_s(), self._voice.position
        emit_all, turns = self._stage.emit_all, self._turns
        match event:
            case live.AudioChunk():
                self._play(event)
            case live.ModelSpeech() | live.ModelText():
                emit_all(turns.words(event.text, now_s, position))
            case live.UserSpeech():
                emit_all(turns.user_speech(event, now_s))
            case live.GenerationComplete():
                self._reply_is_whole()
                turns.generation_complete()
            case live.Interrupted():
                emit_all(turns.interrupted(self._voice.flush(), now_s))
                self._interrupted()
            case live.TurnComplete(waiting=False):
                self._reply_is_whole()
                emit_all(turns.turn_complete(now_s, position))
            case live.Thought():
                emit_all(turns.thought(event, now_s))
            case live.VoiceActivity():
                turns.voice_activity(event)
            case live.FunctionCall() if not self._calls.knows(event.call_id):
                emit_all(turns.call_started(event, now_s))
                self._calls.start(event, group)
            case live.FunctionCallsCancelled():
                for call_id in self._calls.cancel(event.call_ids):
                    emit_all(turns.call_cancelled(call_id, now_s))
            case _:
                self._report(event)

    def _report(self, event: live.LiveEvent) -> None:
        """Show an event that changes nothing but what the user knows."""
        stage, now_s = self._stage, self._stage.now_s()
        match event:
            case live.Usage():
                stage.emit(talk.usage_reported(now_s, event))
            case live.Grounding():
                stage.emit(talk.SourcesCited(now_s, event.queries, event.sources))
            case live.Reconnecting():
                self._reply_is_whole()
                self._turns.connection_lost()
                stage.outside = talk.State.RECONNECTING
                stage.emit(talk.Noted(now_s, f"{event.reason}; try {event.attempt} follows"))
            case live.ResumptionUpdate(resumable=True):
                stage.keep_handle(event.handle)
            case live.SetupRefused():
                self._setup_refused(event.reason)
            case live.Connected() if stage.outside is talk.State.RECONNECTING:
                stage.outside = None
                kept = "the conversation goes on" if event.resumed else "a new conversation began"
                stage.emit(talk.Noted(now_s, f"connected again: {kept}"))

    def _play(self, chunk: live.AudioChunk) -> None:
        now_s, seconds = self._stage.now_s(), duration_s(chunk.pcm, chunk.rate_hz)
        self._stage.emit(talk.AudioReceived(now_s, len(chunk.pcm), seconds))
        if not self._turns.discarding:
            self._turns.sound(self._voice.play(chunk), now_s)

    def _reply_is_whole(self) -> None:
        held_back = self._voice.end_of_reply()
        if held_back:
            self._turns.sound(held_back, self._stage.now_s())

    def _call_finished(self, call: live.FunctionCall, outcome: Outcome) -> None:
        self._stage.emit_all(
            self._turns.call_finished(
                call.call_id, self._stage.now_s(), outcome.result, outcome.error
            )
        )
