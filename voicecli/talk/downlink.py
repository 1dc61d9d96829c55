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
from voicecli.talk.moves import Moves
from voicecli.talk.stage import Stage

# What the session says of its connections, as against what the service says.
_OF_THE_SESSION = (live.Connected, live.Reconnecting, live.SaidAgain, live.SpeechLost)


class Downlink:
    """Acts on each event of the service."""

    def __init__(
        self, stage: Stage, interrupted: Callable[[], None], moves: Moves, calls: Calls
    ) -> None:
        """`interrupted` is told when the service has cut off its reply for the user's voice."""
        self._stage = stage
        self._turns = stage.turns
        self._voice = stage.voice
        self._interrupted = interrupted
        self._moves = moves
        self._cut_short = False  # a reply broke off with its connection
        self._reasons: set[str] = set()  # why it is lost, as far as told; none while it stands
        self._calls = calls

    async def run(self, group: asyncio.TaskGroup) -> None:
        """Take in all that comes; functions run as tasks of `group`.

        Raises VoicecliError when the session is over, once what had arrived was played.
        """
        stage = self._stage
        try:
            async for event in stage.parts.session.events(stage.history):
                if not isinstance(event, _OF_THE_SESSION):
                    stage.prompter.message_came(stage.now_s())
                self._take(event, group)
                stage.follow()
        except VoicecliError:
            self._reply_is_whole()
            with suppress(SoundDeviceError):
                await stage.parts.speaker.drained()
            raise

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
            case live.TurnComplete():
                turns.works_on()
            case live.Thought():
                emit_all(turns.thought(event, now_s))
            case live.VoiceActivity():
                turns.voice_activity(event)
            case live.FunctionCall() if not self._calls.knows(event.call_id):
                self._calls.start(event, group)
            case live.FunctionCall():
                self._calls.repeat(event.call_id)
            case live.FunctionCallsCancelled():
                self._calls.cancel(event.call_ids)
            case _:
                self._report(event)

    def _report(self, event: live.LiveEvent) -> None:
        """Show an event that changes nothing but what the user knows."""
        stage, now_s = self._stage, self._stage.now_s()
        match event:
            case live.Usage():
                stage.emit_all(stage.tally.take(event, now_s))
            case live.Grounding():
                stage.emit(talk.SourcesCited(now_s, event.queries, event.sources))
            case live.CodeWritten():
                stage.emit(talk.CodeWritten(now_s, event.language, event.code))
            case live.CodeRan():
                stage.emit(talk.CodeRan(now_s, event.ok, event.output))
            case live.GoAway():
                self._moves.go_away(event.time_left_s)
            case live.SetupRefused():
                self._moves.refused(event.reason)
            case _:
                self._on_connection(event)

    def _on_connection(self, event: live.LiveEvent) -> None:
        """A connection was lost or made: say what becomes of the conversation."""
        stage, turns, now_s = self._stage, self._turns, self._stage.now_s()
        match event:
            case live.Reconnecting():
                self._lost()
                stage.outside = talk.State.RECONNECTING
                self._tell_reason(event.reason)
            case live.ResumptionUpdate(resumable=True):
                stage.keep_handle(event.handle)
                self._moves.handle_came()
            case live.SaidAgain():
                stage.emit_all(turns.said_again(now_s))
            case live.Connected():
                self._lost()
                if (note := self._connected_note(event)) is not None:
                    stage.emit(talk.Noted(now_s, note))
                stage.outside, self._cut_short = None, False
                self._reasons.clear()
                self._moves.connected()
            case live.SpeechLost():
                lost_s = max(round(event.seconds), 1)
                lost = f"{lost_s} s of what you said while there was no connection"
                stage.emit(talk.Warned(now_s, f"{lost} could not be kept", "say it again"))

    def _lost(self) -> None:
        self._reply_is_whole()
        self._cut_short = self._turns.connection_lost() or self._cut_short

    def _tell_reason(self, reason: str) -> None:
        """Each reason once, until there is a connection again: the state says that it is tried."""
        if reason not in self._reasons:
            self._reasons.add(reason)
            self._stage.emit(talk.Noted(self._stage.now_s(), f"{reason}; connecting again"))

    def _connected_note(self, event: live.Connected) -> str | None:
        """The one quiet line about a new connection, if it is worth one."""
        if event.resumed:
            how = "the conversation goes on"
        elif event.told:
            how = "a new session, which was told what was said so far"
        else:
            how = "a new session, which knows nothing of what was said"
        if self._cut_short:
            how += "; the last answer broke off"
        if event.planned:
            unnoticed = event.resumed and not self._moves.leaving
            return None if unnoticed else f"moved to a new connection: {how}"
        if self._stage.outside is talk.State.RECONNECTING:
            return f"connected again: {how}"
        if event.resumed:
            return "the service still knows what was said so far"
        return how if event.told else None

    def _play(self, chunk: live.AudioChunk) -> None:
        now_s, seconds = self._stage.now_s(), duration_s(chunk.pcm, chunk.rate_hz)
        self._stage.emit(talk.AudioReceived(now_s, len(chunk.pcm), seconds))
        if not self._turns.discarding:
            self._turns.sound(self._voice.play(chunk), now_s)

    def _reply_is_whole(self) -> None:
        held_back = self._voice.end_of_reply()
        if held_back:
            self._turns.sound(held_back, self._stage.now_s())
