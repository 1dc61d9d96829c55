"""A scripted conversation through the real views: for the pty tests, and to look at by hand.

    python -m tests.ui_conversation [--pace 1] [--end quit|return|raise] [--json]
        [--push-to-talk] [--devices 3] [--tools]

With `--pace 0` every event comes at once; with 1 as fast as people talk. Then, by `--end`: wait
for the key q, return, or raise. There are `--devices` microphones, and as many speakers. With
`--tools` functions are called, code runs, and two questions are asked.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain

from voicecli.live.events import Source
from voicecli.live.patience import Patience
from voicecli.talk import events as talk
from voicecli.talk.view import Meters, View
from voicecli.tools.approval import Answer
from voicecli.ui import choose_view

QUESTION = "What is the weather in London, and do I need an umbrella?"
REPLY = (
    "It is twelve degrees in London with light rain until four. Take an umbrella, "
    "or wait for the afternoon: the sky clears from the west. "
) * 2
LONG_REPLY = " ".join(f"Sentence {n} of a story that goes on and on." for n in range(1, 61))
SOURCES = (Source("https://weather.example.org/london?" + "day=today&" * 8, "London weather"),)


def script(push_to_talk: bool) -> Iterator[tuple[float, talk.TalkEvent]]:
    """Seconds to wait, and the event after them; `t_s` is filled in later."""
    names = "gemini-3.8-live", "Kore", True, "Built-in", "Built-in"
    yield 0.0, talk.StateChanged(0, talk.State.CONNECTING)
    yield (
        1.5,
        talk.SessionStarted(0, *names, talk.Echo.CANCELLED, push_to_talk, Patience.NORMAL),
    )
    yield from _weather()
    yield from _story()
    yield 0.5, talk.Warned(0, "the microphone is silent", "voicecli devices")
    yield 0.2, talk.Transcript(0, "user", "\x1b[2Jescape \u202e me", True, "", typed=True)
    yield 0.2, talk.Noted(0, "reconnected")


def _weather() -> Iterator[tuple[float, talk.TalkEvent]]:
    yield 0.5, talk.StateChanged(0, talk.State.LISTENING)
    yield from _growing("user", QUESTION, 0.12)
    yield 0.1, talk.StateChanged(0, talk.State.THINKING)
    yield 0.8, talk.Thinking(0, "**Looking up the weather**\n\nThe user asks about London.")
    yield 0.8, talk.ToolCalled(0, "f1", "get_weather", {"city": "London", "days": 1})
    yield 1.6, talk.ToolFinished(0, "f1", "get_weather", 1.6, {"temp_c": 12, "rain": True})
    yield 0.1, talk.StateChanged(0, talk.State.SPEAKING)
    yield from _growing("model", REPLY.strip(), 0.15)
    yield 0.1, talk.SourcesCited(0, ("weather london",), SOURCES)
    yield 0.1, talk.TurnEnded(0, 1, interrupted=False, heard_s=9.0)
    yield 0.1, talk.StateChanged(0, talk.State.LISTENING)


def _story() -> Iterator[tuple[float, talk.TalkEvent]]:
    yield from _growing("user", "Tell me a long story, please.", 0.1)
    yield 0.5, talk.StateChanged(0, talk.State.SPEAKING)
    words = LONG_REPLY.split(" ")
    for count in range(len(words) * 2 // 3):
        heard = " ".join(words[:count])
        text = " ".join(words[: count + 40])
        yield 0.03, talk.Transcript(0, "model", text, False, heard)
    yield 0.0, talk.Ducked(0, ducked=True)
    yield 0.3, talk.Transcript(0, "user", "Stop", False, "Stop")
    yield 0.1, talk.Interrupted(0, 12.0, 7.5)
    yield 0.0, talk.Ducked(0, ducked=False)
    yield 1.0, talk.Transcript(0, "model", text, True, heard)
    yield 0.0, talk.TurnEnded(0, 2, interrupted=True, heard_s=12.0)
    yield 0.0, talk.StateChanged(0, talk.State.LISTENING)
    yield 0.5, talk.Transcript(0, "user", "Stop, thank you.", True, "Stop, thank you.")


COMMAND = "du -sh ~/* | sort -h \x1b[2J && " + "echo a long command; " * 6 + "echo its end"


def tools() -> Iterator[tuple[float, talk.TalkEvent]]:
    """Everything that is done beside talking; two calls ask, one goes on."""
    yield 0.3, talk.ToolCalled(0, "t1", "timer", {"minutes": 3, "label": "eggs"}, background=True)
    yield 0.5, talk.ToolProgress(0, "t1", "timer", "runs until 10:05")
    yield 0.5, talk.Thinking(0, "**Adding it up**\n\nThe sum is easily computed.")
    yield 0.3, talk.CodeWritten(0, "PYTHON", "total = sum(range(10))\nprint(total)")
    yield 0.5, talk.CodeRan(0, ok=True, output="45\n")
    yield 0.1, talk.SourcesCited(0, ("sums",), (Source("https://sums.example/", "Sums"),))
    yield from _growing("model", "It is forty-five, of course.", 0.1)
    yield 0.1, talk.TurnEnded(0, 3, interrupted=False, heard_s=2.0)
    for call_id, args in (("s1", {"command": COMMAND}), ("s2", {"command": "date"})):
        yield 0.1, talk.ToolCalled(0, call_id, "shell", args)
        yield 0.1, talk.ToolAsked(0, call_id, "shell", args, always=False)


def _growing(role: talk.Role, text: str, pace_s: float) -> Iterator[tuple[float, talk.TalkEvent]]:
    words = text.split(" ")
    for count in range(1, len(words) + 1):
        ahead = 0 if role == "user" else 8
        said = " ".join(words[: count + ahead])
        heard = " ".join(words[:count])
        yield pace_s, talk.Transcript(0, role, said, False, heard)
    yield pace_s, talk.Transcript(0, role, text, True, text)


@dataclass
class Conversation:
    """Plays the script to a view; its controls are what a real conversation offers."""

    view: View
    pace: float
    push_to_talk: bool = False
    device_count: int = 2
    began_s: float = field(default_factory=time.monotonic)
    muted: bool = False
    talking: bool = False
    volume_percent: int = 100
    patience: Patience = Patience.NORMAL
    current: dict[str, int] = field(default_factory=lambda: {"input": 0, "output": 0})
    with_tools: bool = False
    quitting: asyncio.Event = field(default_factory=asyncio.Event)

    def say(self, event: talk.TalkEvent) -> None:
        """Show `event` as of now."""
        self.view.show(replace(event, t_s=time.monotonic() - self.began_s))

    def toggle_mute(self) -> None:
        """See Controls."""
        self.muted = not self.muted
        self.say(talk.MuteChanged(0, self.muted))

    def toggle_talking(self) -> None:
        """See Controls."""
        self.talking = not self.talking
        self.say(talk.TalkingChanged(0, self.talking))

    def interrupt(self) -> None:
        """See Controls."""
        self.say(talk.Noted(0, "interrupt asked for"))

    def change_volume(self, steps: int) -> None:
        """See Controls."""
        self.volume_percent = min(max(self.volume_percent + 10 * steps, 0), 100)
        self.say(talk.VolumeChanged(0, self.volume_percent))

    def change_patience(self) -> None:
        """See Controls."""
        all_of_them = list(Patience)
        self.patience = all_of_them[(all_of_them.index(self.patience) + 1) % len(all_of_them)]
        self.say(talk.PatienceChanged(0, self.patience))

    def list_devices(self) -> None:
        """See Controls."""
        self.say(talk.DevicesListed(0, tuple(self._devices())))

    def use_device(self, option: talk.DeviceOption) -> None:
        """See Controls."""
        self.current[option.direction] = option.index
        self.say(talk.DeviceChanged(0, option.direction, option.name))

    def answer_call(self, call_id: str, answer: Answer) -> None:
        """See Controls; what is allowed is done at once."""
        allowed = answer is not Answer.NO
        self.say(talk.ToolDecided(0, call_id, "shell", allowed, "user"))
        done = {"result": {"exit_code": 0, "output": f"{call_id} is done\n"}}
        outcome = done if allowed else {"error": "the user said no"}
        self.say(talk.ToolFinished(0, call_id, "shell", 0.1, **outcome))

    def send_text(self, text: str) -> None:
        """See Controls."""
        self.say(talk.Transcript(0, "user", text, True, text, typed=True))

    def quit(self) -> None:
        """See Controls."""
        self.quitting.set()

    def meters(self) -> Meters:
        """Levels that move, as long as there is a pace."""
        now_s = time.monotonic() * (self.pace > 0)
        speech = -30 + 20 * math.sin(now_s * 7) * math.sin(now_s * 3)
        return Meters(speech, speech - 10, self.muted, True, self.volume_percent)

    def _devices(self) -> Iterator[talk.DeviceOption]:
        """Listed in turn, as systems do; one name is hostile."""
        for index in range(self.device_count):
            default, name = index == 0, f"USB \x1b[2J number {index} of Müller's studio, analogue"
            microphone = talk.DeviceOption("input", index, name, default, False)
            speaker = talk.DeviceOption("output", index, f"Monitor {index}", default, False)
            for option in (speaker, microphone):
                yield replace(option, current=self.current[option.direction] == index)

    async def play(self) -> None:
        """The whole script."""
        rest = tools() if self.with_tools else iter(())
        for wait_s, event in chain(script(self.push_to_talk), rest):
            if self.pace:
                await asyncio.sleep(wait_s * self.pace)
            self.say(event)


async def converse(conversation: Conversation, end: str) -> int:
    """Hold the conversation; SIGTERM and SIGHUP end it as the command line has them end it."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(conversation.view.run(conversation))
            await asyncio.sleep(0)
            await conversation.play()
            if end == "raise":
                raise RuntimeError("scripted failure")
            if end == "quit":
                await conversation.quitting.wait()
            serving.cancel()
        conversation.say(talk.Ended(0, "you left", 2, 0))
        return 0
    return 130


def main() -> int:
    """Parse, converse, close."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pace", type=float, default=1.0)
    parser.add_argument("--end", choices=["quit", "return", "raise"], default="quit")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--push-to-talk", action="store_true")
    parser.add_argument("--devices", type=int, default=2)
    parser.add_argument("--tools", action="store_true")
    args = parser.parse_args()
    view = choose_view(sys.stdin, sys.stdout, sys.stderr, json=args.json, environ=os.environ)
    try:
        conversation = Conversation(
            view, args.pace, args.push_to_talk, args.devices, with_tools=args.tools
        )
        return asyncio.run(converse(conversation, args.end))
    finally:
        view.close()


if __name__ == "__main__":
    sys.exit(main())
