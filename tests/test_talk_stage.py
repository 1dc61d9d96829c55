"""Who acts on the stage is seen by every view and kept in the record, with one time for both."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Callable
from pathlib import Path

from hand_sounds import HandSounds
from sound_pieces import Clock, HandOutput, ramp

from voicecli.audio.speaker import Speaker
from voicecli.live.endpoint import Endpoint
from voicecli.live.events import AudioChunk
from voicecli.live.models import DEFAULT_MODEL
from voicecli.live.session import LiveSession
from voicecli.live.setup import Setup
from voicecli.settings.key import ApiKey
from voicecli.talk import events as talk
from voicecli.talk.parts import Parts
from voicecli.talk.record_files import RecordFiles, read_facts
from voicecli.talk.record_lines import LineReading
from voicecli.talk.recorder import Recorder
from voicecli.talk.stage import Stage
from voicecli.talk.view import Controls
from voicecli.tools.toolbox import Toolbox


class Memory:
    """A view that keeps every event."""

    def __init__(self) -> None:
        self.events: list[talk.TalkEvent] = []
        self.closed = 0

    def show(self, event: talk.TalkEvent) -> None:
        self.events.append(event)

    async def run(self, controls: Controls) -> None:
        """Return at once."""

    def close(self) -> None:
        self.closed += 1


class Set:
    """A stage with a view, and with a record if there is a folder for it."""

    def __init__(self, folder: Path | None, *, sound: bool = False) -> None:
        self.clock, self.device, self.view = Clock(), HandOutput(), Memory()
        self.files = None if folder is None else RecordFiles.of(folder)
        recorder = None
        if self.files is not None:
            recorder = Recorder(self.files, lambda event: "", server="google", sound=sound)
        setup = Setup(DEFAULT_MODEL)
        parts = Parts(
            session=LiveSession(Endpoint(ApiKey("k", "the test")), setup),
            setup=setup,
            local=False,
            sounds=HandSounds(),
            speaker=Speaker(self.device, self.clock),
            tools=Toolbox(),
            views=[self.view],
            recorder=recorder,
        )
        self.stage = Stage(parts, self.clock)
        parts.speaker.start()

    def kept(self) -> list[talk.TalkEvent | None]:
        assert self.files is not None
        reading = LineReading()
        return [reading.event(line) for line in self.files.events.read_text().splitlines()]


def on_stage(test: Callable[[], None]) -> None:
    """Sessions are made inside an event loop."""

    async def main() -> None:
        test()

    asyncio.run(main())


def test_what_is_shown_is_kept_also_what_only_some_can_show(tmp_path: Path) -> None:
    def test() -> None:
        played = Set(tmp_path)
        played.stage.emit(talk.Noted(1.0, "shown"))
        played.stage.tell(talk.Ended(2.0, "quit", 0, 0))
        played.stage.close()
        assert played.kept() == played.view.events
        assert played.view.closed == 1

    on_stage(test)


def test_sound_is_kept_at_the_time_at_which_it_was_sent_and_played(tmp_path: Path) -> None:
    def test() -> None:
        played = Set(tmp_path, sound=True)
        played.clock.now_s += 1.0
        played.stage.sent(ramp(1, 1_600))
        played.stage.voice.play(AudioChunk(ramp(1, 4_800), 24_000))
        played.stage.voice.end_of_reply()
        for _ in range(40):
            played.clock.now_s += 0.01
            played.device.ask(240)
            played.stage.voice.keep_files_in_step()
        played.stage.close()
        assert played.files is not None
        with wave.open(str(played.files.user_sound)) as wav:
            assert wav.getnframes() == 16_000
        with wave.open(str(played.files.model_sound)) as wav:
            assert 1.2 <= wav.getnframes() / 24_000 < 1.4

    on_stage(test)


def test_what_the_disk_refuses_is_told_once_at_the_next_look(tmp_path: Path) -> None:
    def test() -> None:
        played = Set(tmp_path / "gone")
        played.stage.emit(talk.Noted(1.0, "a"))
        for _ in range(3):
            played.stage.follow()
        warnings = [event for event in played.view.events if isinstance(event, talk.Warned)]
        assert len(warnings) == 1
        assert "not all of this conversation is kept" in warnings[0].message
        played.stage.close()

    on_stage(test)


def test_the_handle_is_kept_with_the_model(tmp_path: Path) -> None:
    def test() -> None:
        played = Set(tmp_path)
        played.stage.keep_handle("secret")
        assert played.files is not None
        facts = read_facts(played.files.handle)
        assert (facts["handle"], facts["model"]) == ("secret", DEFAULT_MODEL)

    on_stage(test)


def test_without_a_record_all_of_it_is_only_shown() -> None:
    def test() -> None:
        played = Set(None)
        played.stage.emit(talk.TurnEnded(1.0, 1, False, 0.5))
        played.stage.sent(ramp(1, 160))
        played.stage.keep_handle("secret")
        played.stage.follow()
        played.stage.close()
        assert played.stage.ended_turns == 1
        assert played.view.events[0] == talk.TurnEnded(1.0, 1, False, 0.5)

    on_stage(test)
