"""A conversation of many turns over many connections, with a fault at random every few turns.

    python tests/soak.py [--short] [--seed N]

First in virtual time (1,000 turns; 80 with --short), then in real time over real sockets (ten
minutes; 20 s with --short): the whole conversation, the SDK, TLS and the local server. It fails if
a word was lost, doubled or out of order, if the client broke a rule of the protocol, if memory
grew, or if a task or a file descriptor is left.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from coded_speech import MAX_WORD
from outliving import TOOL_LINE, TOOL_WORDS, Memory, Talk, talking
from virtual_time import run_virtually

from voicecli.live.backoff import HEALTHY_AFTER_S
from voicecli.local.faults import Fault, Kind, Moment
from voicecli.talk.events import TalkEvent

# What follows a fault of these kinds costs a try, which only a healthy minute gives back.
HARD = (
    Fault(Kind.CLOSE, code=1011),
    Fault(Kind.CLOSE, code=1008, reason="Operation is not implemented, or supported, or enabled."),
    Fault(Kind.CLOSE, code=1008, reason="BidiGenerateContent session not found"),
    Fault(Kind.CLOSE, code=1007, reason="Invalid session handle"),
    Fault(Kind.CLOSE, code=1000, reason=""),
    Fault(Kind.RESET),
    Fault(Kind.DROP),
)
SOFT = (
    Fault(Kind.GO_AWAY, time_left_s=0.0),
    Fault(Kind.GO_AWAY, time_left_s=8.0),
    Fault(Kind.GO_AWAY, time_left_s=50.0),
    Fault(Kind.EXPIRE_HANDLES),
    Fault(Kind.STALL, for_s=1.0),
    Fault(Kind.SLOW_SETUP, for_s=1.0),
    Fault(Kind.EMPTY),
    Fault(Kind.GARBAGE),
    Fault(Kind.UNKNOWN),
    Fault(Kind.LARGE),
    Fault(Kind.DOUBLE_REPLY),
    Fault(Kind.LATE_WORDS, for_s=0.5),
    Fault(Kind.REORDER_WORDS),
)
MOMENTS = (Moment.IDLE, Moment.USER_SPEAKING, Moment.THINKING, Moment.SPEAKING, Moment.TOOL)
FAULT_EVERY = 4
# Of those that come before a minute is over, some are within the tries that there are.
HASTY_FAULTS = 5
# Allocators and caches take some time to settle; and a conversation's own words take some room.
WARM_UP_SHARE = 0.2
GROWTH_MB = 24.0
# A new session is told the latest part only: that much of the end is compared.
COMPARED_LINES = 200


class LatestEvents(Memory):
    """A view that forgets: what is kept must not be taken for what leaks."""

    def show(self, event: TalkEvent) -> None:
        del self.events[:-500]
        super().show(event)


@dataclass
class Course:
    """What happened in a run."""

    chance: random.Random
    turns: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    connections: int = 0
    hasty: int = 0
    fault: Kind | None = None
    """Of this turn."""
    wrong: list[str] = field(default_factory=list)
    connected_s: float = 0.0
    warm_mb: float = 0.0


async def run(under_way: Talk, course: Course, turns: int, until_s: float, wait: bool) -> None:
    """Take turns until there were so many, or the loop's clock stands at `until_s`.

    With `wait` a fault that costs a try waits until the connection has held for long enough.
    """
    now_s = asyncio.get_running_loop().time
    began_s, course.connected_s = now_s(), now_s()
    while course.turns < turns and now_s() < until_s:
        course.turns += 1
        course.fault = None
        if course.turns % FAULT_EVERY == 0:
            await strike(under_way, course, wait=wait)
        await take_turn(under_way, course)
        compare(under_way, course)
        share = max(course.turns / turns, (now_s() - began_s) / max(until_s - began_s, 1.0))
        if not course.warm_mb and share >= WARM_UP_SHARE:
            course.warm_mb = resident_mb()


async def strike(under_way: Talk, course: Course, *, wait: bool) -> None:
    """Let a fault happen in the coming turn, at a moment that this turn may or may not have."""
    now_s = asyncio.get_running_loop().time
    healthy_s = course.connected_s + HEALTHY_AFTER_S + 1.0
    fault = course.chance.choice((*HARD, *SOFT))
    if fault in HARD and now_s() < healthy_s:
        if wait:
            await asyncio.sleep(healthy_s - now_s())
        elif course.hasty < HASTY_FAULTS:
            course.hasty += 1
        else:
            fault = course.chance.choice(SOFT)
    if fault.kind in (Kind.LATE_WORDS, Kind.DOUBLE_REPLY, Kind.REORDER_WORDS):
        moment = Moment.THINKING
    else:
        moment = course.chance.choice(MOMENTS)
    if fault.kind is not Kind.SLOW_SETUP:
        fault = replace(fault, at=moment, turn=under_way.plan.turns + 1)
    under_way.strike(fault)
    course.faults[fault.kind] += 1
    course.fault = fault.kind


async def take_turn(under_way: Talk, course: Course) -> None:
    """Say something in one way or another, perhaps over the last answer, and hear the answer."""
    before = under_way.connections
    way = course.chance.choice(("type", "speak", "speak", "type a call", "speak a call"))
    match way:
        case "type":
            under_way.type(f"line number {course.turns}")
        case "speak":
            first = course.turns * 3 % (MAX_WORD - 3_000) + 1
            under_way.speak(*range(first, first + course.chance.randint(2, 6)))
        case "type a call":
            under_way.type(TOOL_LINE)
        case _:
            under_way.speak(*TOOL_WORDS)
    # Words that come after a line that was typed stand behind it: nobody here can know better.
    if course.chance.random() < 0.1 and course.fault is not Kind.LATE_WORDS:
        while under_way.saying:  # noqa: ASYNC110 - its order is that of its end
            await asyncio.sleep(0.1)
        await asyncio.sleep(course.chance.uniform(0.1, 1.0))
        under_way.type(f"and on top of it {course.turns}")
    await under_way.rest(0.6)
    if under_way.connections != before:
        course.connected_s = asyncio.get_running_loop().time()


def compare(under_way: Talk, course: Course) -> None:
    """The end of what the server remembers is the end of what was said, or it is told here."""
    if course.wrong:
        return
    said = under_way.said[-COMPARED_LINES:]
    heard = under_way.heard_by_server()[-len(said) :]
    said = said[-len(heard) :] if heard else said
    differ = (at for at, pair in enumerate(zip(said, heard, strict=False)) if pair[0] != pair[1])
    at = next(differ, None if heard else 0)
    if at is not None:
        around = slice(max(at - 2, 0), at + 4)
        course.wrong.append(f"turn {course.turns}: said {said[around]}, heard {heard[around]}")


def resident_mb() -> float:
    """What the process holds, in MB."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def descriptors() -> int:
    """How many file descriptors are open."""
    return len(os.listdir("/proc/self/fd"))


async def soak(course: Course, turns: int, for_s: float, *, wait: bool) -> None:
    """One conversation; what is wrong with it goes into `course.wrong`."""
    until_s = asyncio.get_running_loop().time() + for_s
    with tempfile.TemporaryDirectory() as folder:
        view = LatestEvents()
        async with talking(Path(folder), view=view, deadline_s=for_s + 600.0) as under_way:
            await run(under_way, course, turns, until_s, wait)
            await under_way.rest()
            compare(under_way, course)
            course.connections = under_way.connections
            course.wrong += [str(violation) for violation in under_way.server.violations]
    left = asyncio.all_tasks() - {asyncio.current_task()}
    course.wrong += [f"a task is left: {task}" for task in left]


def report(name: str, course: Course, took_s: float) -> None:
    """The figures of one run, on stdout."""
    grown_mb = resident_mb() - course.warm_mb
    if grown_mb > GROWTH_MB:
        course.wrong.append(f"memory grew by {grown_mb:.1f} MB")
    kinds = ", ".join(f"{count} {kind}" for kind, count in course.faults.most_common())
    print(f"{name}: {course.turns} turns, {course.connections} connections, {took_s:.0f} s")
    print(f"  faults: {kinds}")
    print(f"  memory: {course.warm_mb:.1f} MB warm, {grown_mb:+.1f} MB after that")
    for wrong in course.wrong:
        print(f"  WRONG: {wrong}")


def measured(name: str, course: Course, main: Coroutine[Any, Any, None], virtual: bool) -> bool:
    """Run `main` and report; whether all was right."""
    before, began_s = descriptors(), time.monotonic()
    if virtual:
        run_virtually(main)
    else:
        asyncio.run(main)
    if descriptors() > before:
        course.wrong.append(f"{descriptors() - before} file descriptors are left")
    report(name, course, time.monotonic() - began_s)
    return not course.wrong


def main() -> int:
    """Both runs; 1 if anything was wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    args = parser.parse_args()
    print(f"seed {args.seed}")
    turns, real_s = (80, 20.0) if args.short else (1_000, 600.0)
    for_ever_s = 1e6
    virtual, real = Course(random.Random(args.seed)), Course(random.Random(args.seed + 1))
    well = [
        measured("virtual time", virtual, soak(virtual, turns, for_ever_s, wait=True), True),
        measured("real sockets", real, soak(real, 10**9, real_s, wait=False), False),
    ]
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
