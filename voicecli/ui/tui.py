"""The screen on a terminal: draws what `tui_render` says, serves keys, cleans up behind itself."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import time
from collections.abc import Callable
from dataclasses import replace

from rich.console import Console
from rich.text import Text

from voicecli.talk.events import DevicesListed, TalkEvent
from voicecli.talk.view import Controls, Meters
from voicecli.ui.action import Action, perform
from voicecli.ui.blocks import Block, Remark
from voicecli.ui.details import Details
from voicecli.ui.escape import visible
from voicecli.ui.input_line import InputLine
from voicecli.ui.job_control import job_control
from voicecli.ui.keys import Key, KeyReader
from voicecli.ui.picker import Picker, opened
from voicecli.ui.press import Mode, Taps, press
from voicecli.ui.question import Asker
from voicecli.ui.region import Line, Region, Size
from voicecli.ui.status_render import fallen
from voicecli.ui.stray import StrayLines
from voicecli.ui.terminal import Terminal
from voicecli.ui.tui_model import ScreenModel, reduce, release_all
from voicecli.ui.tui_render import block_rows, clockwork, render

# At most 15 frames a second: smooth to the eye, and little for a slow line to carry.
FRAME_S = 1 / 15

_SILENT = Meters(-90.0, -90.0, muted=False, microphone_open=True)


class TuiView:
    """A `View` for a terminal. `show` draws at once before `run` and after it, else `run` does.

    The first event puts the terminal into the screen's modes; `close` (or Python's exit) restores
    it and closes `resources`. `show` or `run` raises BrokenPipeError, once, when the terminal is
    gone.
    """

    def __init__(
        self,
        terminal: Terminal,
        keys: KeyReader | None,
        console: Console,
        *,
        rewraps: bool,
        recorded: bool = False,
        resources: contextlib.ExitStack | None = None,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._terminal = terminal
        self._keys = keys
        self._console = console
        self._resources = resources or contextlib.ExitStack()
        self._clock_s = clock_s
        self._region = Region(rewraps=rewraps)
        self._stray = StrayLines()
        self._model = ScreenModel(recorded=recorded)
        self._mode: Mode = None
        self._meters = _SILENT
        self._pressed: list[tuple[float, Key]] = []
        self._taps = Taps()
        self._asker = Asker()
        self._finished: list[Block] = []
        self._began_s = clock_s()
        self._drawn: object = None
        self._changed = asyncio.Event()
        self._running = self._stopped = self._closed = False

    @property
    def asks(self) -> bool:
        """Whether there are keys to answer with."""
        return self._keys is not None

    def show(self, event: TalkEvent) -> None:
        """Take in one event; see `View`."""
        self._began_s = self._clock_s() - event.t_s
        self._model, blocks = reduce(self._model, event)
        self._finished.extend(blocks)
        if isinstance(event, DevicesListed) and not isinstance(self._mode, InputLine):
            before = self._mode if isinstance(self._mode, Picker) else None
            self._mode = opened(event.devices, before)
        self._changed.set()
        if not self._running and not self._closed:
            self._draw()

    async def run(self, controls: Controls) -> None:
        """Serve keys and redraw what changes, until cancelled."""
        self._running = True
        try:
            with job_control(self._stop, self._continue):
                if self._keys is not None:
                    self._keys.start(self._on_key)
                while True:
                    self._serve(controls)
                    if self._draw():
                        await asyncio.sleep(FRAME_S)
                    await self._wait()
        finally:
            self._running = False
            if self._keys is not None:
                self._keys.stop()

    def close(self) -> None:
        """Print what is not printed yet, take the live region away, restore the terminal."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._terminal.is_open:
                self._model, blocks = release_all(replace(self._model, ended=True))
                self._finished.extend(blocks)
                with contextlib.suppress(BrokenPipeError):  # there is nobody to show it to
                    self._draw()
        finally:
            self._terminal.close()
            self._stray.end()
            self._resources.close()
            atexit.unregister(self.close)

    def _on_key(self, key: Key) -> None:
        self._pressed.append((self._clock_s(), key))
        self._changed.set()

    async def _wait(self) -> None:
        """Until something changed, or a frame's time is over and levels may have moved."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FRAME_S):
                await self._changed.wait()
        self._changed.clear()

    def _serve(self, controls: Controls) -> None:
        """Do what the keys ask for and read the levels."""
        pressed, self._pressed = self._pressed, []
        self._asker.looked(self._clock_s())
        for at_s, key in pressed:
            action = self._asked_for(key, at_s, alone=len(pressed) == 1)
            if action == "talk" and not self._taps.is_tap(at_s):
                continue
            if action is not None:
                perform(action, controls)
        self._meters = fallen(self._meters, controls.meters(), FRAME_S)

    def _asked_for(self, key: Key, at_s: float, *, alone: bool) -> Action | None:
        """What `key` asks for: an answer to the question on the screen, or what it always does."""
        in_details = isinstance(self._mode, Details)
        answers = self._mode is None or (in_details and key.name != "esc")
        decision = self._asker.answer(key, at_s, alone=alone and answers)
        if decision is not None:
            return decision
        self._mode, action = press(
            self._mode,
            key,
            push_to_talk=self._model.push_to_talk,
            recorded=self._model.recorded,
        )
        if isinstance(self._mode, Details) and not in_details:
            self._asker.details_opened()
        return action

    def _draw(self) -> bool:
        """Write a frame if anything looks different; say whether it did."""
        if self._stopped:
            return False
        self._open()
        size, now_s = self._terminal.size(), self._clock_s() - self._began_s
        self._finished.extend(Remark("note", visible(line)) for line in self._stray.take())
        look = (self._model, self._mode, _steps(self._meters), size, clockwork(self._model, now_s))
        if look == self._drawn and not self._finished:
            return False
        self._drawn = look
        blocks, self._finished = self._finished, []
        above = "".join(self._above(block, size) for block in blocks)
        what = self._model, self._mode, self._meters, size, now_s, self._console
        screen = render(*what, read=self._asker.read)
        if screen.details is not None:
            self._mode = screen.details
        lines = [Line(self._ansi(row), row.cell_len) for row in screen.rows]
        frame = self._region.update(lines, above, size.width, screen.cursor)
        self._terminal.write(frame.encode("utf-8", "backslashreplace"))
        # Only now, for a terminal may take its time.
        self._asker.drawn(screen.question, self._clock_s())
        return bool(frame)

    def _above(self, block: Block, size: Size) -> str:
        """`block` as terminal text."""
        rows = block_rows(block, max(size.width - 1, 1), self._console)
        return "".join(f"{self._ansi(row)}\n" for row in rows)

    def _ansi(self, row: Text) -> str:
        with self._console.capture() as captured:
            self._console.print(row, end="", soft_wrap=True)
        return captured.get()

    def _open(self) -> None:
        if not self._closed and not self._terminal.is_open:
            self._terminal.open()
            atexit.register(self.close)  # after the terminal's own, so that it comes before it
            self._stray.begin()

    def _stop(self) -> None:
        self._stopped = True
        self._asker.hidden()
        self._terminal.write(self._region.update((), "", self._terminal.size().width).encode())
        self._terminal.close()
        self._stray.end()

    def _continue(self) -> None:
        if not self._stopped:
            self._region.forget()
        self._stopped = False
        self._drawn = None
        self._terminal.close()  # the shell may have set modes of its own
        self._changed.set()


def _steps(meters: Meters) -> tuple[object, ...]:
    levels = round(meters.microphone_dbfs), round(meters.speaker_dbfs)
    return (*levels, meters.muted, meters.microphone_open, meters.volume_percent)
