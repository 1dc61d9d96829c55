"""The conversation: microphone, session, speaker, tools and views, as tasks of one group."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from voicecli.errors import ExitCode, VoicecliError, first_error
from voicecli.live.setup import runs_in_background
from voicecli.talk import events as talk
from voicecli.talk.calls import Calls
from voicecli.talk.devices import Devices
from voicecli.talk.downlink import Downlink
from voicecli.talk.moves import Moves
from voicecli.talk.offer import declaration
from voicecli.talk.opening import odd_messages, opening
from voicecli.talk.parts import Ending, Listening, Parts
from voicecli.talk.script import Cue
from voicecli.talk.stage import Stage
from voicecli.talk.steering import Steering
from voicecli.talk.tool_news import ToolNews
from voicecli.talk.uplink import Uplink
from voicecli.tools.tool import Tool

# Heard words are followed at this pace: finer than a syllable, and no load.
FOLLOW_EVERY_S = 0.05


class Conversation:
    """Holds one conversation; a person steers it through `controls`."""

    def __init__(self, parts: Parts, *, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that never go back. Must be made inside the event loop."""
        self._parts = parts
        self._stage = stage = Stage(parts, clock)
        self._ending: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._devices = Devices(
            parts.sounds,
            parts.speaker,
            parts.microphone,
            wanted_output=parts.wanted_output,
            wanted_input=parts.wanted_input,
            emit=stage.emit,
            now=stage.now_s,
        )
        self._uplink = None
        if parts.microphone is not None:
            self._uplink = Uplink(stage, parts.microphone, parts.session, self._devices.heard)
        self._moves = Moves(stage, parts.session, self._pause, self._quiet)
        self._tool_news = ToolNews(stage, self._moves.offer)
        self._calls = Calls(stage, parts.session, self._in_background)
        self._downlink = Downlink(stage, self._interrupted, self._moves, self._calls)
        self.controls = Steering(
            stage, self._uplink, self._moves, self._devices, self._calls, self.quit
        )

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

    def quit(self, exit_code: ExitCode = ExitCode.DONE, reason: str = "quit") -> None:
        """End the conversation politely, the voice with a fade."""
        if not self._ending.done():
            self._parts.speaker.flush()
            self._ending.set_result(Ending(reason, exit_code))

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
        now_s, what, why, hint = self._stage.now_s(), error.what, error.why, error.hint
        self._stage.tell(talk.Failed(now_s, what, why, hint, error.exit_code))
        return Ending("error", error.exit_code)

    def _finished(self, ending: Ending) -> Ending:
        """Close everything; the views see the words that were not settled yet, and `Ended`."""
        stage = self._stage
        last_words = stage.last_words()
        try:
            self._close()
        except VoicecliError as error:
            ending = self._failed(error)
        turns, tally, oddities = stage.ended_turns, stage.tally, self._parts.session.oddities
        how = ending.reason, turns, ending.exit_code, tally.totals, tally.prices_as_of
        ended = talk.Ended(stage.now_s(), *how, oddities=oddities)
        for event in (*last_words, *odd_messages(oddities, stage.now_s()), ended):
            stage.tell(event)
        stage.close()
        return ending

    async def _run_tasks(self) -> Ending:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(view.run(self.controls)) for view in self._parts.views]
            tasks.append(group.create_task(self._tool_news.run()))
            tasks.append(group.create_task(self._converse(group)))
            ending = await self._ending
            self._calls.cancel_all()
            for task in tasks:
                task.cancel()
        return ending

    async def _converse(self, group: asyncio.TaskGroup) -> None:
        """Connect, and talk until this task is cancelled."""
        stage, parts = self._stage, self._parts
        stage.emit(talk.StateChanged(stage.now_s(), talk.State.CONNECTING))
        async with parts.servers:
            parts.session.offer(self._tool_news.begin())
            async with parts.session:
                listening = await self._loaded()
                self._started(listening)
                await self._work(group, listening)

    async def _work(self, group: asyncio.TaskGroup, listening: Listening | None) -> None:
        """Let the tasks run until this one is cancelled, which ends them too."""
        parts = self._parts
        work = [
            self._downlink.run(group),
            parts.session.tend(),
            self._follow_playback(),
            self._devices.run(),
            self._moves.run(),
        ]
        if parts.script is not None:
            work.append(self._run_script(parts.script))
        elif self._uplink is not None and listening is not None:
            work.append(self._uplink.listen(listening.ear))
        tasks = [group.create_task(part) for part in work]
        try:
            await self._ending
        finally:
            for task in tasks:
                task.cancel()

    async def _loaded(self) -> Listening | None:
        sound_input = self._parts.sound_input
        return None if sound_input is None else await asyncio.to_thread(sound_input.load)

    def _started(self, listening: Listening | None) -> None:
        parts, stage = self._parts, self._stage
        parts.speaker.start()
        if parts.microphone is not None:
            parts.microphone.start()
        stage.emit_all(opening(parts, listening, stage.now_s()))
        stage.outside = None

    def _in_background(self, tool: Tool) -> bool:
        return runs_in_background(self._parts.setup.model, declaration(tool))

    def _interrupted(self) -> None:
        if self._uplink is not None:
            self._uplink.interrupted()

    def _pause(self) -> bool:
        """Whether nobody says anything that a new connection would cut."""
        silent = self._uplink is None or not self._uplink.speech
        return silent and self._stage.turns.state is talk.State.LISTENING

    def _quiet(self) -> bool:
        return self._uplink is None or self._uplink.quiet

    async def _follow_playback(self) -> None:
        stage = self._stage
        while True:
            stage.follow()
            over = stage.limits.over(stage.now_s(), stage.reply_under_way)
            if over is not None:
                self.quit(reason=over)
            await asyncio.sleep(FOLLOW_EVERY_S)

    async def _run_script(self, script: AsyncIterator[Cue]) -> None:
        stage = self._stage
        async for cue in script:
            await stage.prompter.until_due(cue, stage.turns, stage.now_s)
            if cue.into_reply_s is None:
                await self._moves.made()  # a script makes no pauses of its own
            if stage.closing:
                return  # the limit ends the conversation, and tells why
            stage.prompter.said(stage.turns, stage.now_s())
            stage.say(cue.text)
        await stage.prompter.until_over(stage.turns, stage.now_s)
        await self._parts.speaker.drained()
        if not stage.closing:
            self.quit(reason="script done")

    def _close(self) -> None:
        """Raises VoicecliError, after the rest, if the voice's file cannot be finished."""
        if self._parts.microphone is not None:
            self._parts.microphone.close()
        self._stage.voice.close()
