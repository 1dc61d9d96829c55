"""A recorded conversation comes again as it was, and its keys do what they can."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest
from sound_pieces import HandOutput
from virtual_time import run_virtually

from voicecli.audio.device import Fill, OutputDevice
from voicecli.audio.tape import Tape
from voicecli.errors import ExitCode, SoundDeviceError, VoicecliError
from voicecli.live.patience import Patience
from voicecli.talk import events as talk
from voicecli.talk.replay import Replay
from voicecli.talk.usage import UsageTotals
from voicecli.talk.view import Controls

DEADLINE_S = 30
SESSION = talk.SessionStarted(0, "m", None, True, None, None, None, False, Patience.NORMAL)


class VirtualOutput:
    """A speaker that asks for sound in the event loop's time."""

    name = "virtual speaker"
    latency_s = 0.0

    def __init__(self, calls: int | None = None) -> None:
        """It stops asking after that many calls."""
        self._calls = calls
        self._task: asyncio.Task[None] | None = None
        self.closed = 0

    def start(self, fill: Fill) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run(fill))

    def close(self) -> None:
        self.closed += 1
        if self._task is not None:
            self._task.cancel()

    async def _run(self, fill: Fill) -> None:
        count = 0
        while self._calls is None or count < self._calls:
            fill(240)
            count += 1
            await asyncio.sleep(0.01)


class Watcher:
    """A view that notes what it sees and when, and acts on it."""

    def __init__(self, act: Callable[[talk.TalkEvent, Controls], None] | None = None) -> None:
        self.seen: list[tuple[float, talk.TalkEvent]] = []
        self.closed = 0
        self._act = act
        self._controls: Controls | None = None

    def show(self, event: talk.TalkEvent) -> None:
        loop = asyncio.get_running_loop()
        self.seen.append((loop.time(), event))
        if self._act is not None and self._controls is not None:
            loop.call_soon(self._act, event, self._controls)

    async def run(self, controls: Controls) -> None:
        self._controls = controls

    def close(self) -> None:
        self.closed += 1

    @property
    def events(self) -> list[talk.TalkEvent]:
        return [event for _, event in self.seen]


def replayed(
    events: Sequence[talk.TalkEvent],
    view: Watcher,
    *,
    speed: float = 1.0,
    device: OutputDevice | None = None,
    notes: Sequence[str] = (),
    warnings: Sequence[tuple[str, str]] = (),
) -> ExitCode:
    async def main() -> ExitCode:
        tape = Tape(None, None, speed)
        output = device or VirtualOutput()
        return await Replay(events, tape, output, view, notes=notes, warnings=warnings).run()

    return run_virtually(main())


def test_events_come_at_their_times_and_the_end_last() -> None:
    view, device = Watcher(), VirtualOutput()
    events = [talk.Noted(t_s, str(t_s)) for t_s in (0.5, 0.5, 7.25, 60.0)]
    code = replayed([*events, talk.Ended(61.0, "you left", 9, 5)], view, device=device)
    assert code is ExitCode.DONE
    *shown, (end_s, ended) = view.seen
    assert [event for _, event in shown] == events
    for at_s, event in shown:
        assert at_s == pytest.approx(event.t_s, abs=0.1)
    assert end_s == pytest.approx(61, abs=0.1)
    assert isinstance(ended, talk.Ended)
    assert (ended.reason, ended.turns, ended.exit_code) == ("you left", 0, 0)
    assert (view.closed, device.closed) == (1, 1)


def test_at_another_speed_all_comes_sooner() -> None:
    view = Watcher()
    replayed([talk.Noted(10.0, "a")], view, speed=4.0)
    assert view.seen[0][0] == pytest.approx(2.5, abs=0.1)


def test_a_conversation_that_was_gone_on_with_ends_once() -> None:
    view = Watcher()
    turn = talk.TurnEnded(1, 1, False, 0)
    replayed(
        [SESSION, turn, talk.Ended(2, "quit", 1, 0), SESSION, turn, talk.Ended(4, "bye", 1, 0)],
        view,
    )
    ends = [event for event in view.events if isinstance(event, talk.Ended)]
    assert [(end.reason, end.turns) for end in ends] == [("bye", 2)]


def test_the_end_tells_what_all_turns_used_of_a_conversation_that_was_gone_on_with_too() -> None:
    view = Watcher()
    first = talk.UsageReported(1, 10, 20, 0, 30, {"text": 10}, {"audio": 20}, 0.5)
    second = talk.UsageReported(3, 1, 2, 3, 6, {"text": 1}, {"audio": 2}, 0.25)
    replayed(
        [
            *(SESSION, first, talk.Ended(2, "quit", 1, 0, prices_as_of="2026-11")),
            *(SESSION, second, talk.Ended(4, "bye", 1, 0)),
        ],
        view,
    )
    last = view.events[-1]
    assert isinstance(last, talk.Ended)
    assert last.usage == UsageTotals(11, 22, 3, 36, {"text": 11}, {"audio": 22}, 0.75)
    assert last.prices_as_of == "2026-11"


def test_the_end_tells_no_cost_that_was_not_known() -> None:
    view = Watcher()
    replayed([SESSION, talk.UsageReported(1, 10, 20, 0, 30), talk.Ended(2, "quit", 1, 0)], view)
    last = view.events[-1]
    assert isinstance(last, talk.Ended)
    assert (last.usage.total_tokens, last.usage.cost_usd, last.prices_as_of) == (30, None, None)


def test_a_question_is_shown_by_its_answer_and_nothing_is_asked() -> None:
    called = talk.ToolCalled(1.0, "f1", "note", {"text": "milk"})
    decided = talk.ToolDecided(5.0, "f1", "note", True, "user")
    finished = talk.ToolFinished(6.0, "f1", "note", 5.0, result="kept")
    asked = talk.ToolAsked(1.0, "f1", "note", {"text": "milk"}, always=True)
    watcher = Watcher()
    replayed([SESSION, called, asked, decided, finished], watcher)
    assert watcher.events[1:4] == [called, decided, finished]


def test_a_record_that_a_kill_cut_off_says_so() -> None:
    view = Watcher()
    replayed([talk.Ended(1, "quit", 0, 0), talk.Noted(2, "and then")], view)
    assert view.events[-1] == talk.Ended(view.events[-1].t_s, "the record ends here", 0, 0)


def test_notes_and_warnings_come_first() -> None:
    view = Watcher()
    replayed([SESSION], view, notes=["n"], warnings=[("w", "h")])
    assert view.events[:2] == [talk.Noted(0, "n"), talk.Warned(0, "w", "h")]


@pytest.mark.parametrize("key", ["interrupt", "toggle_talking"])
def test_space_stops_all_and_goes_on(key: str) -> None:
    def act(event: talk.TalkEvent, controls: Controls) -> None:
        if isinstance(event, talk.Noted) and event.message == "first":
            getattr(controls, key)()
            asyncio.get_running_loop().call_later(60, getattr(controls, key))

    view = Watcher(act)
    replayed([talk.Noted(1, "first"), talk.Noted(2, "second")], view)
    told = [event.message for event in view.events if isinstance(event, talk.Noted)]
    assert told == ["first", "stopped; space goes on", "goes on", "second"]
    assert view.seen[3][0] == pytest.approx(62, abs=0.1)


def test_q_quits_at_once_also_while_it_stands_still() -> None:
    def act(event: talk.TalkEvent, controls: Controls) -> None:
        if isinstance(event, talk.TurnEnded):
            controls.interrupt()
            controls.quit()
            controls.quit()

    view = Watcher(act)
    assert replayed([talk.TurnEnded(1, 1, False, 0), talk.Noted(9, "")], view) is ExitCode.DONE
    last = view.events[-1]
    assert isinstance(last, talk.Ended)
    assert (last.reason, last.turns) == ("quit", 1)
    assert last.t_s == pytest.approx(1, abs=0.1)


def test_the_volume_changes_within_its_limits() -> None:
    def act(event: talk.TalkEvent, controls: Controls) -> None:
        if isinstance(event, talk.Noted):
            for steps in (1, -3, -20, 5):
                controls.change_volume(steps)
            assert controls.meters().volume_percent == 50

    view = Watcher(act)
    replayed([talk.Noted(1, ""), talk.Thinking(2, "")], view)
    told = [event.percent for event in view.events if isinstance(event, talk.VolumeChanged)]
    assert told == [100, 70, 0, 50]


def test_keys_that_make_no_sense_do_nothing() -> None:
    def act(event: talk.TalkEvent, controls: Controls) -> None:
        if isinstance(event, talk.Noted):
            controls.toggle_mute()
            controls.change_patience()
            controls.list_devices()
            controls.use_device(talk.DeviceOption("output", 0, "x", default=True, current=False))
            controls.send_text("hello")

    view = Watcher(act)
    events: list[talk.TalkEvent] = [talk.Noted(1, ""), talk.Thinking(2, "")]
    replayed(events, view)
    assert view.events[:-1] == events


def test_a_reader_that_leaves_ends_it() -> None:
    class Gone(Watcher):
        def show(self, event: talk.TalkEvent) -> None:
            raise BrokenPipeError

    view, device = Gone(), VirtualOutput()
    assert replayed([talk.Noted(1, "")], view, device=device) is ExitCode.FAILURE
    assert (view.closed, device.closed) == (1, 1)


def test_an_output_that_cannot_be_written_is_an_error() -> None:
    class Full(Watcher):
        def show(self, event: talk.TalkEvent) -> None:
            raise OSError(28, "No space left on device")

    view, device = Full(), VirtualOutput()
    with pytest.raises(VoicecliError, match="cannot be written"):
        replayed([talk.Noted(1, "")], view, device=device)
    assert (view.closed, device.closed) == (1, 1)


def test_a_speaker_that_cannot_be_started_is_a_warning_and_the_rest_is_silent() -> None:
    """In real time, since another speaker's thread takes over."""

    async def main() -> ExitCode:
        async with asyncio.timeout(DEADLINE_S):
            return await Replay(events, Tape(None, None), device, view).run()

    device = HandOutput(error=SoundDeviceError("it is in use", hint="close it"))
    view, events = Watcher(), [talk.Noted(0.1, "after it")]
    assert asyncio.run(main()) is ExitCode.DONE
    assert view.events[:2] == [talk.Warned(0, "no sound: it is in use", "close it"), *events]


def test_a_speaker_that_stops_does_not_hold_up_the_rest() -> None:
    """In real time, since another speaker's thread takes over."""

    async def main() -> ExitCode:
        async with asyncio.timeout(DEADLINE_S):
            return await Replay(events, Tape(None, None, 8.0), device, view).run()

    view, device = Watcher(), HandOutput(name="headset")
    events = [talk.Noted(4.0, "after it")]
    assert asyncio.run(main()) is ExitCode.DONE
    warned, noted = view.events[:2]
    assert isinstance(warned, talk.Warned)
    assert "“headset” has stopped" in warned.message
    assert noted == events[0]
    assert device.closed == 1
