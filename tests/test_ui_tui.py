"""The view between conversation and terminal: what it draws when, and what keys lead to."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field, replace

import pytest

if sys.platform == "win32":
    pytest.skip("only on POSIX", allow_module_level=True)

from rich.console import Console
from terminal_emulator import Emulator
from ui_controls import Recorder

from voicecli.live.events import Source
from voicecli.live.patience import Patience
from voicecli.talk import events as talk
from voicecli.talk.view import Meters
from voicecli.ui.keys import Key
from voicecli.ui.terminal import Terminal
from voicecli.ui.tui import TuiView

DEADLINE_S = 20
HELLO = talk.Transcript(1.0, "user", "Hello", True, "Hello")
TAPPING = talk.SessionStarted(
    0, "m", None, False, "Mic", "S", talk.Echo.HEADPHONES, True, Patience.NORMAL
)
DEVICES = (
    talk.DeviceOption("input", 0, "Built-in", default=True, current=True),
    talk.DeviceOption("input", 1, "USB Headset", default=False, current=False),
    talk.DeviceOption("output", 2, "Built-in", default=True, current=True),
)


@dataclass
class Keyboard:
    """A key reader whose keys the test presses."""

    press: Callable[[Key], None] = field(default=lambda key: None)
    reading: bool = False
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def start(self, on_key: Callable[[Key], None]) -> None:
        self.press, self.reading = on_key, True
        self.ready.set()

    def stop(self) -> None:
        self.reading = False


class Stage:
    """A view on a pseudo-terminal, with time that stands still."""

    def __init__(self) -> None:
        self.ours, self._theirs = os.openpty()
        self._emulator = Emulator(80, 24)
        self.keyboard = Keyboard()
        self.controls = Recorder()
        self.now_s = 100.0
        self.clock_read = asyncio.Event()
        console = Console(file=io.StringIO(), force_terminal=True, highlight=False)
        self.terminal = Terminal(self._theirs, self._theirs)
        self.view = TuiView(
            self.terminal, self.keyboard, console, rewraps=True, clock_s=self._clock_s
        )

    def _clock_s(self) -> float:
        self.clock_read.set()
        return self.now_s

    @property
    def text(self) -> str:
        """What the terminal shows by now."""
        os.set_blocking(self.ours, False)
        try:
            while data := os.read(self.ours, 65_536):
                self._emulator.feed(data)
        except BlockingIOError:
            pass
        return self._emulator.text

    async def until_shows(self, text: str) -> None:
        written = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(self.ours, written.set)
        try:
            async with asyncio.timeout(DEADLINE_S):
                while text not in self.text:
                    written.clear()
                    await written.wait()
        finally:
            loop.remove_reader(self.ours)

    def perform(self, play: Callable[[], Coroutine[None, None, None]]) -> None:
        """Run the view while `play` runs."""

        async def performing() -> None:
            serving = asyncio.create_task(self.view.run(self.controls))
            try:
                await self.keyboard.ready.wait()
                await play()
            finally:
                serving.cancel()
                await asyncio.gather(serving, return_exceptions=True)

        asyncio.run(performing())

    def close(self) -> None:
        self.view.close()
        os.close(self.ours)
        os.close(self._theirs)


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.close()


def test_before_and_after_running_events_are_drawn_at_once(stage: Stage) -> None:
    stage.view.show(talk.StateChanged(0, talk.State.CONNECTING))
    assert "connecting" in stage.text

    async def play() -> None:
        await stage.until_shows("q quit")

    stage.perform(play)
    stage.view.show(HELLO)
    assert "you › Hello" in stage.text
    stage.view.show(talk.Ended(62, "you left", 1, 0))
    assert stage.text.endswith("— 1 turn · 1:02 · you left")


def test_keys_lead_to_the_controls(stage: Stage) -> None:
    async def play() -> None:
        await stage.until_shows("q quit")
        for key in ("m", " ", "/"):
            stage.keyboard.press(Key("char", key))
        await stage.until_shows("say ›")
        stage.keyboard.press(Key("paste", "hello there"))
        stage.keyboard.press(Key("enter"))
        stage.keyboard.press(Key("char", "q"))
        async with asyncio.timeout(DEADLINE_S):
            await stage.controls.left.wait()

    stage.perform(play)
    assert stage.controls.asked == ["mute", "interrupt", "say hello there", "quit"]
    assert not stage.keyboard.reading


async def asked(stage: Stage, *calls: str) -> None:
    """Wait until the keys have led to `calls`, and nothing else."""
    async with asyncio.timeout(DEADLINE_S):
        await stage.controls.until_asked(len(calls))
    assert stage.controls.asked == list(calls)


def test_volume_and_patience_have_keys(stage: Stage) -> None:
    async def play() -> None:
        await stage.until_shows("q quit")
        for key in "+=-p":
            stage.keyboard.press(Key("char", key))
        await asked(stage, "volume +1", "volume +1", "volume -1", "patience")

    stage.perform(play)


def test_a_device_is_picked_while_the_conversation_goes_on(stage: Stage) -> None:
    async def play() -> None:
        await stage.until_shows("q quit")
        stage.keyboard.press(Key("char", "d"))
        await asked(stage, "devices")
        stage.view.show(talk.DevicesListed(1.0, DEVICES))
        await stage.until_shows(" › ●  0* Built-in")
        stage.view.show(HELLO)
        await stage.until_shows("you › Hello")
        for key in (Key("char", "m"), Key("down"), Key("char", "j"), Key("up")):
            stage.keyboard.press(key)
        await stage.until_shows(" › ○  1  USB Headset")
        stage.keyboard.press(Key("enter"))
        await asked(stage, "devices", "use input USB Headset")
        await stage.until_shows("p patience")

    stage.perform(play)
    assert "microphones" not in stage.text


def test_a_newer_list_replaces_the_older_and_the_cursor_stays(stage: Stage) -> None:
    stage.view.show(talk.DevicesListed(1.0, DEVICES))

    async def play() -> None:
        stage.keyboard.press(Key("down"))
        await stage.until_shows(" › ○  1  USB Headset")
        stage.view.show(talk.DevicesListed(2.0, DEVICES[1:]))
        await stage.until_shows(" microphones   ● in use   * default\n › ○  1  USB Headset")
        stage.view.show(talk.DevicesListed(3.0, ()))
        await stage.until_shows("· there is no sound device to pick")
        await stage.until_shows("m mute")

    stage.perform(play)


def test_a_list_that_comes_late_does_not_take_the_keys_from_a_message(stage: Stage) -> None:
    async def play() -> None:
        await stage.until_shows("q quit")
        for key in "d/q":
            stage.keyboard.press(Key("char", key))
        await stage.until_shows("say › q")
        stage.view.show(talk.DevicesListed(1.0, DEVICES))
        stage.view.show(HELLO)
        await stage.until_shows("you › Hello")

    stage.perform(play)
    assert "say › q" in stage.text
    assert "microphones" not in stage.text
    assert stage.controls.asked == ["devices"]


def test_with_push_to_talk_a_tap_talks_and_a_held_key_does_not_flicker(stage: Stage) -> None:
    stage.view.show(talk.StateChanged(0, talk.State.LISTENING))
    stage.view.show(TAPPING)
    assert "○ waiting" in stage.text
    assert "space talk" in stage.text

    async def play() -> None:
        for gap_s in (0.0, 0.03, 0.03, 1.0, 0.05):
            stage.now_s += gap_s
            stage.keyboard.press(Key("char", " "))
        stage.keyboard.press(Key("esc"))
        await asked(stage, "talk", "talk", "interrupt")
        stage.view.show(talk.TalkingChanged(2.0, talking=True))
        await stage.until_shows("● TALKING")
        await stage.until_shows("space send")

    stage.perform(play)


def test_a_volume_that_changes_shows_at_once(stage: Stage) -> None:
    async def play() -> None:
        await stage.until_shows("q quit")
        stage.controls.levels = replace(stage.controls.levels, volume_percent=60)
        await stage.until_shows("speaker ────────── 60%")

    stage.perform(play)


def test_ending_while_a_device_is_picked_takes_the_picker_away(stage: Stage) -> None:
    stage.view.show(talk.DevicesListed(1.0, DEVICES))
    assert "microphones" in stage.text
    stage.view.show(talk.Ended(62, "you left", 1, 0))
    assert stage.text == "— 1 turn · 1:02 · you left"


ASKED = talk.ToolAsked(1.0, "f1", "shell", {"command": "ls"}, always=True)


async def passes(stage: Stage, seconds: float) -> None:
    """Time goes on in steps, after each of which the view has looked at its keys."""
    for _ in range(round(seconds / 0.1)):
        stage.now_s += 0.1
        for _ in range(2):
            stage.clock_read.clear()
            async with asyncio.timeout(DEADLINE_S):
                await stage.clock_read.wait()


def ask(stage: Stage, call_id: str = "f1") -> None:
    stage.view.show(replace(ASKED, call_id=call_id))


def decide(stage: Stage, call_id: str = "f1") -> None:
    stage.view.show(talk.ToolDecided(1.0, call_id, "shell", True, "user"))
    stage.view.show(talk.ToolFinished(1.0, call_id, "shell", 0.1, result="done"))


def test_a_question_is_answered_by_a_key_once_it_could_be_read(stage: Stage) -> None:
    async def play() -> None:
        await stage.until_shows("q quit")
        ask(stage)
        await stage.until_shows("? y/n/a call shell")
        stage.keyboard.press(Key("char", "y"))
        await passes(stage, 0.6)
        assert stage.controls.asked == []
        stage.keyboard.press(Key("char", "y"))
        await asked(stage, "yes to f1")
        decide(stage)
        await stage.until_shows('✓ shell(command="ls") → "done"')
        await stage.until_shows("m mute")

    stage.perform(play)
    assert "call shell" not in stage.text


def test_a_key_that_was_on_its_way_answers_nothing(stage: Stage) -> None:
    async def play() -> None:
        await stage.until_shows("q quit")
        stage.keyboard.press(Key("char", "y"))
        ask(stage)
        await stage.until_shows("? y/n/a call shell")
        await passes(stage, 0.6)

    stage.perform(play)
    assert stage.controls.asked == []


def test_enter_pastes_and_what_is_typed_answer_nothing(stage: Stage) -> None:
    ask(stage)

    async def play() -> None:
        await passes(stage, 0.6)
        stage.keyboard.press(Key("enter"))
        await stage.until_shows("? a question waits: shell")
        for letter in "yes":
            stage.keyboard.press(Key("char", letter))
        await stage.until_shows("say › yes")
        stage.keyboard.press(Key("enter"))
        await asked(stage, "say yes")
        await passes(stage, 0.6)
        stage.keyboard.press(Key("paste", "y"))
        await stage.until_shows("say › y")

    stage.perform(play)
    assert stage.controls.asked == ["say yes"]


def test_after_a_message_the_question_begins_anew(stage: Stage) -> None:
    ask(stage)

    async def play() -> None:
        await passes(stage, 0.6)
        stage.keyboard.press(Key("char", "/"))
        await stage.until_shows("say ›")
        await passes(stage, 0.6)
        stage.keyboard.press(Key("esc"))
        await stage.until_shows("y yes")
        stage.keyboard.press(Key("char", "y"))
        await passes(stage, 0.6)
        assert stage.controls.asked == []
        stage.keyboard.press(Key("char", "n"))
        await asked(stage, "no to f1")

    stage.perform(play)


def test_several_questions_come_one_after_the_other_each_with_its_own_time(stage: Stage) -> None:
    ask(stage, "f1")
    ask(stage, "f2")

    async def play() -> None:
        await stage.until_shows("call shell (1 of 2)")
        await passes(stage, 0.6)
        stage.keyboard.press(Key("char", "a"))
        await asked(stage, "always to f1")
        decide(stage, "f1")
        await stage.until_shows('✓ shell(command="ls") → "done"')
        await passes(stage, 0.3)
        stage.keyboard.press(Key("char", "y"))
        await passes(stage, 0.4)
        assert stage.controls.asked == ["always to f1"]
        stage.keyboard.press(Key("esc"))
        await asked(stage, "always to f1", "no to f2")

    stage.perform(play)


def test_a_held_key_does_not_answer_the_next_question(stage: Stage) -> None:
    ask(stage)

    async def play() -> None:
        await passes(stage, 0.6)
        for _ in range(12):
            stage.keyboard.press(Key("char", "y"))
            await passes(stage, 0.1)
        assert stage.controls.asked == ["yes to f1"]
        decide(stage)
        ask(stage, "f2")
        for _ in range(12):
            stage.keyboard.press(Key("char", "y"))
            await passes(stage, 0.1)

    stage.perform(play)
    assert stage.controls.asked == ["yes to f1"]


def test_a_call_that_the_service_cancels_takes_its_question_away(stage: Stage) -> None:
    ask(stage)
    assert "y/n/a call shell" in stage.text
    stage.view.show(talk.ToolFinished(1.0, "f1", "shell", 2.0, cancelled=True))
    assert "call shell" not in stage.text
    assert '⊘ shell(command="ls") → cancelled (2.0 s)' in stage.text


def test_other_keys_do_their_usual_work_while_a_question_waits(stage: Stage) -> None:
    ask(stage)

    async def play() -> None:
        await passes(stage, 0.6)
        for key in "m q":
            stage.keyboard.press(Key("char", key))
        await asked(stage, "mute", "interrupt", "quit")

    stage.perform(play)


def test_what_does_not_fit_can_be_allowed_once_the_details_showed_it(stage: Stage) -> None:
    stage.view.show(replace(ASKED, args={"command": "echo " + "x" * 3_000 + "; rm -rf /"}))
    assert "? t/n call shell" in stage.text

    async def play() -> None:
        await passes(stage, 0.6)
        stage.keyboard.press(Key("char", "y"))
        await passes(stage, 0.2)
        assert stage.controls.asked == []
        stage.keyboard.press(Key("char", "t"))
        await stage.until_shows("t close")
        await stage.until_shows("waits for your word")
        stage.keyboard.press(Key("esc"))
        await stage.until_shows("y yes")
        await passes(stage, 0.2)
        stage.keyboard.press(Key("char", "y"))
        await asked(stage, "yes to f1")

    stage.perform(play)


def test_the_details_stay_live_and_scroll(stage: Stage) -> None:
    stage.view.show(talk.ToolCalled(1.0, "f1", "get_weather", {"city": "London"}))

    async def play() -> None:
        await stage.until_shows("q quit")
        stage.keyboard.press(Key("char", "t"))
        await stage.until_shows("     city: London")
        stage.view.show(talk.ToolFinished(2.0, "f1", "get_weather", 1.0, result={"temp_c": 12}))
        await stage.until_shows("     → temp_c: 12")
        for at in range(20):
            stage.view.show(talk.Thinking(2.0, f"thought number {at}"))
        await stage.until_shows("thought number 19")
        stage.keyboard.press(Key("home"))
        await stage.until_shows(" ✓ get_weather · 1.0 s")
        stage.keyboard.press(Key("char", "t"))
        await stage.until_shows("t details")

    stage.perform(play)
    assert "thought number 3" not in stage.text


def test_levels_move_without_events(stage: Stage) -> None:
    async def play() -> None:
        await stage.until_shows("mic ──────────")
        stage.controls.levels = Meters(-30.0, 0.0, muted=False, microphone_open=True)
        await stage.until_shows("mic ━━━━━─────  speaker ━━━━━━━━━━")

    stage.perform(play)


def test_time_moves_the_clock(stage: Stage) -> None:
    stage.view.show(talk.StateChanged(5.0, talk.State.LISTENING))
    assert "0:05" in stage.text

    async def play() -> None:
        stage.now_s += 60
        await stage.until_shows("1:05")

    stage.perform(play)


def test_nothing_is_written_while_nothing_changes(stage: Stage) -> None:
    stage.view.show(talk.StateChanged(0, talk.State.LISTENING))
    assert stage.text
    stage.view.show(talk.AudioReceived(0, 960, 0.02))
    with pytest.raises(BlockingIOError):
        os.read(stage.ours, 1)


def test_closing_prints_what_was_not_finished_and_clears_the_region(stage: Stage) -> None:
    stage.view.show(replace(HELLO, final=False))
    stage.view.show(talk.Transcript(2.0, "model", "The sea is blue", False, "The sea"))
    assert "q quit" in stage.text
    stage.view.close()
    stage.view.close()
    assert stage.text.splitlines() == [
        "",
        "you › Hello",
        "voicecli › The sea [not heard: is blue]",
    ]
    stage.view.show(HELLO)
    assert stage.text.count("Hello") == 1


def test_a_view_that_showed_nothing_writes_nothing(stage: Stage) -> None:
    stage.view.close()
    assert stage.text == ""


def test_what_python_prints_on_stderr_comes_above_the_region(stage: Stage) -> None:
    stage.view.show(talk.StateChanged(0, talk.State.LISTENING))
    print("stray \x1b[2J", file=sys.stderr)
    stage.view.show(HELLO)
    lines = stage.text.splitlines()
    assert "· stray ␛[2J" in lines
    assert lines.index("· stray ␛[2J") < lines.index("─" * 79)


def test_an_address_is_left_whole_for_the_terminal_to_link(stage: Stage) -> None:
    uri = "https://weather.example.org/" + "x" * 100
    stage.view.show(talk.SourcesCited(0, (), (Source(uri, "Weather"),)))
    stage.view.show(talk.TurnEnded(1, 1, interrupted=False, heard_s=1.0))
    assert uri in stage.text.replace("\n", "")


def test_a_failing_control_ends_the_view(stage: Stage) -> None:
    class Failing(Recorder):
        def interrupt(self) -> None:
            raise RuntimeError("no")

    async def play() -> None:
        serving = asyncio.create_task(stage.view.run(Failing()))
        await stage.until_shows("q quit")
        stage.keyboard.press(Key("esc"))
        with pytest.raises(RuntimeError):
            await asyncio.wait_for(serving, DEADLINE_S)

    asyncio.run(play())


def test_a_terminal_that_goes_away_ends_the_view() -> None:
    stage = Stage()
    stage.view.show(talk.StateChanged(0, talk.State.LISTENING))
    os.close(stage.ours)
    with pytest.raises(BrokenPipeError):
        stage.view.show(HELLO)
    stage.view.show(HELLO)
    stage.view.close()
    assert not stage.terminal.is_open
    stage.ours = os.open(os.devnull, os.O_RDONLY)
    stage.close()


def test_resources_are_closed_with_the_view(stage: Stage) -> None:
    closed: list[str] = []
    resources = contextlib.ExitStack()
    resources.callback(closed.append, "keyboard")
    view = TuiView(stage.terminal, None, Console(), rewraps=True, resources=resources)
    view.close()
    view.close()
    assert closed == ["keyboard"]
