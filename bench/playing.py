"""Playback: how soon it starts and stops, what is missing from it, what a late network does."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np

from bench.analysis import Misplaced, Stretch, first_audible, gaps_s, last_audible, misplaced
from bench.arrivals import Pattern
from bench.figures import Count, Figure, Values
from bench.ground import Ground
from bench.signals import RATE_HZ, voiced

REPLY_S = 4.0
# Interruptions come at different places of a chunk.
INTERRUPT_AFTER_S = np.linspace(1.0, 1.9, 12)
SILENT_AFTER_S = 0.8
STALL_REPLY_S = 4.0
SHORT_REPLY_S = 2.0
# Less than this is the resampler's doing.
LOST_S = 0.001


@dataclass(frozen=True, slots=True)
class Cut:
    """The speaker around an `interrupted` that was sent at `at_s`."""

    played: Stretch
    at_s: float
    stop_ms: float


def start_and_stop(ground: Ground) -> tuple[dict[str, Figure], list[Cut]]:
    """Replies at four times real time that are interrupted after a second or two."""
    figures: dict[str, Figure] = {}
    cuts: list[Cut] = []
    with ground.running():
        for chunk_ms in ground.plan.chunks_ms:
            starts_ms: list[float] = []
            cuts = []
            for number in range(ground.plan.stops):
                start_ms, cut = _interrupted_reply(ground, chunk_ms, number)
                starts_ms.append(start_ms)
                cuts.append(cut)
            figures[f"start_{chunk_ms}"] = Values(tuple(starts_ms))
            figures[f"stop_{chunk_ms}"] = Values(tuple(cut.stop_ms for cut in cuts))
    return figures, cuts


def _interrupted_reply(ground: Ground, chunk_ms: int, number: int) -> tuple[float, Cut]:
    reply = ground.say(voiced(REPLY_S, number), Pattern(chunk_ms))
    after_s = float(INTERRUPT_AFTER_S[(number * 5) % len(INTERRUPT_AFTER_S)])
    time.sleep(max(0.0, reply.first_sent_s + after_s - time.monotonic()))
    at_s = ground.server.interrupt()
    began = ground.speaker.between(reply.first_sent_s, at_s)
    first = first_audible(began.samples)
    played = ground.speaker.between(at_s - 0.4, at_s + SILENT_AFTER_S)
    last = last_audible(played.samples)
    if first is None or last is None:
        raise RuntimeError("nothing was played")
    start_ms = 1000 * (began.time_of(first) - reply.first_sent_s)
    return start_ms, Cut(played, at_s, 1000 * (played.time_of(last) - at_s))


def jitter(ground: Ground) -> dict[str, Figure]:
    """Replies at real time, each piece late by |N(0, 60 ms)|; cold: the first of a process."""
    plan = ground.plan
    figures: dict[str, Figure] = {}
    for chunk_ms in ground.plan.chunks_ms:
        pattern = Pattern(chunk_ms, pace=1.0, jitter_ms=60.0)
        cold: list[list[float]] = []
        warm: list[list[float]] = []
        for process in range(max(1, plan.cold_replies)):
            with ground.running():
                cold.append(_gaps(ground, pattern, plan.jitter_s, 100 + process))
                rest = plan.warm_replies if process == 0 else 0
                warm += [_gaps(ground, pattern, plan.jitter_s, number) for number in range(rest)]
        if plan.cold_replies:
            figures[f"jitter_{chunk_ms}_cold"] = _dropouts(cold)
        figures[f"jitter_{chunk_ms}"] = _dropouts(warm)
    return figures


def stall(ground: Ground) -> dict[str, Figure]:
    """Replies at real time, in each of which nothing comes for 300 ms once."""
    figures: dict[str, Figure] = {}
    for chunk_ms in ground.plan.chunks_ms:
        silent_ms: list[float] = []
        with ground.running():
            _gaps(ground, Pattern(chunk_ms, pace=1.0), SHORT_REPLY_S, 50)
            for number in range(ground.plan.stalls):
                pattern = Pattern(chunk_ms, pace=1.0, stall_at_s=1.2 + 0.27 * number)
                silent_ms.append(1000 * sum(_gaps(ground, pattern, STALL_REPLY_S, 60 + number)))
        figures[f"stall_{chunk_ms}"] = Values(tuple(silent_ms))
    return figures


def burst(ground: Ground) -> dict[str, Figure]:
    """A long reply all at once, and short ones at four times real time: is every sample played?"""
    wanted = [(Pattern(200, pace=math.inf), ground.plan.burst_s)]
    wanted += [(Pattern(chunk_ms), SHORT_REPLY_S) for chunk_ms in ground.plan.chunks_ms]
    found: list[Misplaced] = []
    with ground.running():
        for number, (pattern, seconds) in enumerate(wanted):
            pcm = voiced(seconds, 80 + number)
            reply = ground.say(pcm, pattern)
            played = ground.played(reply, seconds)
            found.append(misplaced(pcm, played.samples, RATE_HZ))
    damaged = sum(one.lost_s > LOST_S for one in found)
    return {"lost": Count(damaged, len(found), "replies", _note(found))}


def _note(found: list[Misplaced]) -> str:
    """A device that ran dry loses nothing, and adds silence."""
    lost_ms, added_ms = (
        1000 * max(values)
        for values in ([one.lost_s for one in found], [one.added_s for one in found])
    )
    told = [f"up to {lost_ms:.0f} ms"] if lost_ms > 1000 * LOST_S else []
    told += [f"up to {added_ms:.0f} ms of silence put in"] if added_ms > 1000 * LOST_S else []
    return ", ".join(told)


def _gaps(ground: Ground, pattern: Pattern, seconds: float, seed: int) -> list[float]:
    """The silences in a reply that arrives like this, in seconds."""
    pcm = voiced(seconds, seed)
    reply = ground.say(pcm, pattern, seed)
    played = ground.played(reply, seconds + 0.5)
    if first_audible(played.samples) is None:
        raise RuntimeError("nothing was played")
    return gaps_s(played.samples, RATE_HZ)


def _dropouts(replies: list[list[float]]) -> Count:
    gaps = [gap for reply in replies for gap in reply]
    note = f"{1000 * sum(gaps):.0f} ms" if gaps else ""
    return Count(len(gaps), len(replies), "replies", note)
