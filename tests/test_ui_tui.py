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
        console = Console(file=io.StringIO(), force_terminal=True, highlight=False)
        self.terminal = Terminal(self._theirs, self._theirs)
        self.view = TuiView(
            self.terminal, self.keyboard, console, rewraps=True, clock_s=lambda: self.now_s
        )

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
        for key in ("m", " ", "t"):
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
        for key in "dtq":
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
