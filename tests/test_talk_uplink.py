"""What of the microphone goes up, and in which order with the marks of mute and push-to-talk.

The microphone is driven by hand, the ear says what the test tells it to, the wire writes down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from event_view import Memory
from sound_pieces import Clock, HandInput, HandOutput, sine

from voicecli.audio.listener import Heard
from voicecli.audio.microphone import FRAME_BYTES, Microphone
from voicecli.audio.sound_system import PortAudioSystem
from voicecli.audio.speaker import Speaker
from voicecli.live.endpoint import Endpoint
from voicecli.live.items import Item, Signal, Sound
from voicecli.live.models import DEFAULT_MODEL
from voicecli.live.patience import Patience
from voicecli.live.session import LiveSession
from voicecli.live.setup import Setup
from voicecli.settings.key import ApiKey
from voicecli.talk import events as talk
from voicecli.talk.parts import Listening, Parts, SoundInput
from voicecli.talk.stage import Stage
from voicecli.talk.uplink import QUIET_AFTER_S, STREAM_END_AFTER_S, Uplink
from voicecli.tools.toolbox import Toolbox

DEADLINE_S = 10.0


def frame(number: int) -> bytes:
    """A frame that can be told from others."""
    return bytes([number]) * FRAME_BYTES


def no_listening() -> Listening:
    raise AssertionError("the test brings its own ear")


class ToldEar:
    """Hears what the test says next; lets frames through otherwise."""

    def __init__(self) -> None:
        self.muted = False
        self.duck = False
        self.speech = False
        self.loud = True
        self.pre_roll: tuple[bytes, ...] = ()
        self.heard: list[tuple[bytes, bytes, bool]] = []
        self.interruptions = 0

    def hear(self, frame: bytes, played: bytes, *, speaking: bool, now_s: float) -> Heard:
        self.heard.append((frame, played, speaking))
        send = () if self.muted else (*self.pre_roll, frame)
        self.pre_roll = ()
        return Heard(send=send, duck=self.duck, speech=self.speech, loud=self.loud)

    def interrupted(self, now_s: float) -> None:
        self.interruptions += 1
        self.duck = False

    def mute(self, muted: bool) -> None:
        self.muted = muted


class Wire:
    """Writes down what goes up."""

    def __init__(self) -> None:
        self.sent: list[bytes | Signal] = []
        self.loud: list[bool | None] = []
        self.changed = asyncio.Event()

    def queue(self, item: Item) -> None:
        if isinstance(item, Sound):
            self.loud.append(item.loud)
        assert isinstance(item, Sound | Signal)
        self.sent.append(item.pcm if isinstance(item, Sound) else item)
        self.changed.set()

    @property
    def sound(self) -> bytes:
        return b"".join(item for item in self.sent if isinstance(item, bytes))

    @property
    def marks(self) -> list[Signal]:
        return [item for item in self.sent if isinstance(item, Signal)]

    async def until(self, met: Callable[[], bool]) -> None:
        while not met():
            self.changed.clear()
            await self.changed.wait()


class Bench:
    """An uplink with everything around it in the test's hands."""

    def __init__(self, setup: Setup) -> None:
        self.clock = Clock()
        self.output = HandOutput()
        self.input = HandInput()
        self.view = Memory()
        self.ear = ToldEar()
        self.wire = Wire()
        self.raw: list[bytes] = []
        self.speaker = Speaker(self.output, self.clock)
        self.microphone = Microphone(self.input, self.clock)
        nowhere = Endpoint(ApiKey("no-key", "a test"), base_url="https://localhost:1", local=True)
        parts = Parts(
            session=LiveSession(nowhere, setup),
            setup=setup,
            local=True,
            speaker=self.speaker,
            sounds=PortAudioSystem(),
            sound_input=SoundInput(self.microphone, no_listening),
            tools=Toolbox(),
            views=[self.view],
        )
        self.uplink = Uplink(Stage(parts, self.clock), self.microphone, self.wire, self.raw.append)
        self.speaker.start()
        self.microphone.start()

    def say(self, *frames: bytes) -> None:
        """The microphone hears `frames`, 10 ms each."""
        for one in frames:
            self.clock.now_s += 0.01
            self.input.hear(one)

    async def settled(self, count: int) -> None:
        """Until the ear has heard `count` frames in all."""
        while len(self.ear.heard) < count:  # noqa: ASYNC110 - the ear has no event to wait for
            await asyncio.sleep(0)

    def of(self, kind: type[talk.TalkEvent]) -> list[talk.TalkEvent]:
        return [event for event in self.view.events if isinstance(event, kind)]


def with_uplink(
    test: Callable[[Bench], Awaitable[None]],
    *,
    push_to_talk: bool = False,
    patience: Patience = Patience.NORMAL,
) -> None:
    async def main() -> None:
        bench = Bench(Setup(DEFAULT_MODEL, push_to_talk=push_to_talk, patience=patience))
        async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as group:
            listening = group.create_task(bench.uplink.listen(bench.ear))
            await test(bench)
            listening.cancel()

    asyncio.run(main())


def test_every_frame_goes_up_in_order_and_the_raw_ones_are_shown_to_whoever_checks_them() -> None:
    async def test(bench: Bench) -> None:
        frames = [frame(number) for number in range(20)]
        bench.say(*frames)
        await bench.wire.until(lambda: bench.wire.sound == b"".join(frames))
        assert bench.raw == frames

    with_uplink(test)


def test_the_ear_is_given_what_the_speaker_played_and_whether_it_sounds() -> None:
    async def test(bench: Bench) -> None:
        bench.say(frame(1), frame(1))
        await bench.settled(2)
        assert bench.ear.heard[0] == (frame(1), b"", False)
        bench.speaker.play(sine(2400), 24_000)
        bench.speaker.end_of_reply()
        bench.clock.now_s += 0.02
        played = bench.output.ask(240)
        bench.say(frame(2), frame(2))
        await bench.settled(4)
        assert bench.ear.heard[2] == (frame(2), played, True)

    with_uplink(test)


def test_pre_roll_goes_before_the_frame() -> None:
    async def test(bench: Bench) -> None:
        bench.ear.pre_roll = (frame(7), frame(8))
        bench.say(frame(9), frame(9))
        await bench.wire.until(lambda: bench.wire.sound == frame(7) + frame(8) + frame(9) * 2)

    with_uplink(test)


def test_a_voice_over_the_reply_ducks_the_speaker_until_the_ear_lets_go() -> None:
    async def test(bench: Bench) -> None:
        bench.ear.duck = True
        bench.say(frame(1), frame(2))
        await bench.settled(2)
        bench.ear.duck = False
        bench.say(frame(3), frame(3))
        await bench.settled(4)
        ducks = [event.ducked for event in bench.of(talk.Ducked) if isinstance(event, talk.Ducked)]
        assert ducks == [True, False]

    with_uplink(test)


def test_an_interruption_ends_the_duck_and_the_ear_is_told() -> None:
    async def test(bench: Bench) -> None:
        bench.ear.duck = True
        bench.say(frame(1), frame(1))
        await bench.settled(2)
        bench.uplink.interrupted()
        bench.say(frame(2), frame(2))
        await bench.settled(4)
        assert bench.ear.interruptions == 1
        ducks = [event.ducked for event in bench.of(talk.Ducked) if isinstance(event, talk.Ducked)]
        assert ducks == [True, False]

    with_uplink(test)


def test_muted_silence_goes_up_for_a_second_and_then_the_end_of_the_stream_once() -> None:
    async def test(bench: Bench) -> None:
        bench.say(frame(1), frame(1))
        await bench.wire.until(lambda: bench.wire.sound == frame(1) * 2)
        bench.uplink.toggle_mute()
        assert bench.uplink.muted
        bench.say(*[frame(2)] * 98)
        await bench.settled(100)
        assert bench.wire.marks == []
        bench.say(*[frame(2)] * 200)
        await bench.wire.until(lambda: bench.wire.marks == [Signal.AUDIO_STREAM_END])
        await bench.settled(300)
        assert bench.wire.sent[-1] is Signal.AUDIO_STREAM_END
        silence = bench.wire.sound.removeprefix(frame(1) * 2)
        assert set(silence) == {0}
        assert len(silence) / FRAME_BYTES == pytest.approx(99, abs=1)
        bench.uplink.toggle_mute()
        bench.say(frame(3), frame(3))
        await bench.wire.until(lambda: bench.wire.sent[-2:] == [frame(3)] * 2)
        changes = [e.muted for e in bench.view.events if isinstance(e, talk.MuteChanged)]
        assert changes == [True, False]

    with_uplink(test)


def test_who_has_patience_is_given_the_silence_that_ends_a_turn_before_the_stream_ends() -> None:
    async def test(bench: Bench) -> None:
        bench.uplink.toggle_mute()
        bench.say(*[frame(1)] * 150)
        await bench.settled(150)
        bench.say(*[frame(1)] * 98)
        await bench.settled(248)
        assert bench.wire.marks == []
        bench.say(*[frame(1)] * 6)
        await bench.wire.until(lambda: bench.wire.marks == [Signal.AUDIO_STREAM_END])

    with_uplink(test, patience=Patience.HIGH)


def test_a_mute_shorter_than_a_second_does_not_end_the_stream() -> None:
    async def test(bench: Bench) -> None:
        bench.uplink.toggle_mute()
        bench.say(*[frame(1)] * int(STREAM_END_AFTER_S * 100 - 2))
        await bench.settled(98)
        bench.uplink.toggle_mute()
        bench.say(*[frame(2)] * 50)
        await bench.wire.until(lambda: bench.wire.sound.endswith(frame(2) * 50))
        assert set(bench.wire.sound.removesuffix(frame(2) * 50)) == {0}
        assert bench.wire.marks == []

    with_uplink(test)


def test_who_speaks_while_muted_is_told_once_for_each_mute() -> None:
    async def test(bench: Bench) -> None:
        for round_number in (1, 2):
            bench.uplink.toggle_mute()
            bench.ear.speech = True
            before = len(bench.ear.heard)
            bench.say(*[frame(1)] * 10)
            await bench.settled(before + 10)
            warnings = [e for e in bench.view.events if isinstance(e, talk.Warned)]
            assert len(warnings) == round_number
            assert "muted" in warnings[-1].message
            assert not bench.uplink.speech
            bench.uplink.toggle_mute()

    with_uplink(test)


def test_with_push_to_talk_only_what_lies_between_the_taps_goes_up_between_its_marks() -> None:
    async def test(bench: Bench) -> None:
        bench.say(frame(1), frame(2))
        await bench.settled(2)
        bench.uplink.toggle_talking()
        assert bench.uplink.speech
        bench.say(frame(3), frame(4))
        await bench.settled(4)
        bench.uplink.toggle_talking()
        bench.say(frame(5), frame(5))
        await bench.settled(6)
        await bench.wire.until(
            lambda: bench.wire.marks == [Signal.ACTIVITY_START, Signal.ACTIVITY_END]
        )
        assert bench.wire.sent[0] is Signal.ACTIVITY_START
        assert bench.wire.sent[-1] is Signal.ACTIVITY_END
        assert bench.wire.sound == frame(3) + frame(4)
        talking = [e.talking for e in bench.view.events if isinstance(e, talk.TalkingChanged)]
        assert talking == [True, False]

    with_uplink(test, push_to_talk=True)


def test_with_push_to_talk_there_is_no_mute_and_no_end_of_the_stream() -> None:
    async def test(bench: Bench) -> None:
        bench.uplink.toggle_mute()
        bench.say(*[frame(1)] * 150)
        await bench.settled(150)
        assert bench.wire.sent == []
        assert not bench.uplink.muted
        assert bench.of(talk.MuteChanged) == []

    with_uplink(test, push_to_talk=True)


def test_with_push_to_talk_the_echo_gate_never_closes_on_the_user() -> None:
    async def test(bench: Bench) -> None:
        bench.speaker.play(sine(24_000), 24_000)
        bench.clock.now_s += 0.05
        bench.output.ask(240)
        bench.say(frame(1), frame(1))
        await bench.settled(2)
        assert bench.ear.heard[0][2] is False

    with_uplink(test, push_to_talk=True)


def test_without_push_to_talk_a_tap_does_nothing() -> None:
    async def test(bench: Bench) -> None:
        bench.uplink.toggle_talking()
        bench.say(frame(1), frame(1))
        await bench.wire.until(lambda: bench.wire.sound == frame(1) * 2)
        assert bench.wire.marks == []
        assert bench.of(talk.TalkingChanged) == []

    with_uplink(test)


def test_it_is_quiet_once_nothing_was_loud_for_a_moment_and_each_frame_says_which_it_was() -> None:
    async def test(bench: Bench) -> None:
        assert bench.uplink.quiet
        bench.say(frame(1), frame(1))
        await bench.settled(2)
        assert not bench.uplink.quiet
        bench.ear.loud = False
        bench.say(*[frame(2)] * int(QUIET_AFTER_S * 100 - 2))
        await bench.settled(50)
        assert not bench.uplink.quiet
        bench.say(*[frame(2)] * 4)
        await bench.settled(54)
        assert bench.uplink.quiet
        assert bench.wire.loud == [True] * 2 + [False] * 52

    with_uplink(test)


def test_over_the_reply_frames_go_up_by_the_handful() -> None:
    async def test(bench: Bench) -> None:
        bench.speaker.play(sine(24_000), 24_000)
        bench.clock.now_s += 0.05
        bench.output.ask(240)
        bench.say(*[frame(1)] * 5)
        await bench.settled(4)
        assert bench.wire.sent == []
        bench.say(frame(1))
        await bench.wire.until(lambda: len(bench.wire.sent) == 6)

    with_uplink(test)
