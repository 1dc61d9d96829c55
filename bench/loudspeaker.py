"""On loudspeakers: does it interrupt itself, is a person heard, what is left of the echo."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bench.analysis import find, last_audible, level_dbfs
from bench.arrivals import Pattern
from bench.call import Reply
from bench.figures import Count, Figure, Values
from bench.ground import Ground, tell
from bench.product import Product
from bench.room import Room
from bench.speech import Sentence

PATTERN = Pattern(chunk_ms=200, pace=4.0)
REPLY_S = 3.0
# Reverberation and what it makes a voice activity detection think, before the next reply.
PAUSE_S = 0.7
LONG_REPLY_S = 8.0
# Until the echo of a reply is at the server for sure.
ECHO_AFTER_S = 0.5
# From a person's last word until a detection must have noticed them.
NOTICED_S = 1.0
QUIET_S = 1.0
# `paplay` takes so long from its start to its first sample.
PLAYER_S = 0.01
LEAST_LIKENESS = 0.2


def self_interruptions(ground: Ground) -> dict[str, Figure]:
    """Replies that nobody interrupts, in rooms: how often voice activity finds a user in them."""
    plan = ground.plan
    interrupted = total = 0
    left_db: list[float] = []
    gated: list[float] = []
    for number, room in enumerate(plan.rooms):
        with ground.coupled(room), ground.running() as product:
            product.call.listens = True
            # Each room begins with another text, and no two replies follow in the same order.
            alone = [
                _reply_alone(ground, product, 7 * number + turn)
                for turn in range(plan.replies_a_room)
            ]
            interrupted += sum(one.heard_itself for one in alone)
            total += len(alone)
            if not any(one.heard_out for one in alone):
                product.call.interrupts = False
                alone.append(_reply_alone(ground, product, 7 * number))
            left_db += [one.echo_db for one in alone if one.heard_out]
            gated += [one.gated for one in alone if one.heard_out]
        tell(f"  {room.describe()}: {interrupted} self-interruptions in {total} replies")
    share = 100 * sum(gated) / len(gated)
    note = f"{share:.0f} % of it digital silence" if share >= 1 else ""
    return {
        "self": Count(interrupted, total, "replies"),
        "echo": Values(tuple(left_db), "dB", note),
    }


@dataclass(frozen=True, slots=True)
class Alone:
    """A reply while nobody else speaks. `echo_db`: what the server got against the microphone;
    `gated`: how much of that was digital silence; both only say something of one heard out."""

    heard_itself: bool
    heard_out: bool
    echo_db: float
    gated: float


def _reply_alone(ground: Ground, product: Product, number: int) -> Alone:
    call = product.call
    before = len(call.speech)
    reply = ground.say(ground.speech.reply(number % 18, REPLY_S), PATTERN)
    _wait_until_over(reply, PAUSE_S)
    start_s, end_s = reply.first_sent_s + ECHO_AFTER_S, reply.first_sent_s + reply.duration_s
    at_microphone = level_dbfs(ground.microphone.between(start_s, end_s).samples)
    at_server = level_dbfs(call.uplink.between(start_s, end_s)[0])
    return Alone(
        heard_itself=any(speech.speaking for speech in call.speech[before:]),
        heard_out=reply.interrupted_s is None,
        echo_db=at_server - at_microphone,
        gated=call.uplink.zero_share(start_s, end_s),
    )


def _wait_until_over(reply: Reply, pause_s: float) -> None:
    """Until a reply was played or interrupted, and a pause longer."""
    end_s = reply.first_sent_s + reply.duration_s
    while time.monotonic() < end_s and reply.interrupted_s is None:
        time.sleep(0.02)
    time.sleep(pause_s)


@dataclass(frozen=True, slots=True)
class Interruption:
    """`stop_ms` from the person's first sound to silence; None if they were not heard."""

    first_reply: bool
    too_early: bool
    stop_ms: float | None


def real_interruptions(ground: Ground) -> dict[str, Figure]:
    """A person speaks over the first and the second reply of a conversation, in rooms."""
    tries: list[Interruption] = []
    number = 0
    for room in ground.plan.interrupted_rooms:
        for onset_s in ground.plan.onsets_s:
            with ground.coupled(room), ground.running() as product:
                product.call.listens = True
                for turn in range(ground.plan.interruptions):
                    tries.append(_interrupt(ground, product, onset_s, number, turn))
                    number += 1
            _tell(room, onset_s, tries[-ground.plan.interruptions :])
    stops_ms = tuple(one.stop_ms for one in tries if one.stop_ms is not None)
    return {
        "missed_first": _missed([one for one in tries if one.first_reply]),
        "missed": _missed(tries),
        "early": Count(sum(one.too_early for one in tries), len(tries), "tries"),
        "barge_in": Values(stops_ms),
    }


def _interrupt(
    ground: Ground, product: Product, onset_s: float, number: int, turn: int
) -> Interruption:
    """One reply, and a person who begins to speak `onset_s` into it."""
    sentence = ground.speech.user(number % 8)
    before = len(product.call.speech)
    reply = ground.say(ground.speech.reply(number % 3, LONG_REPLY_S), PATTERN)
    time.sleep(max(0.0, reply.first_sent_s + onset_s - PLAYER_S - time.monotonic()))
    speaking_s = time.monotonic()
    ground.card.play_into_microphone(sentence.wav).wait()
    time.sleep(NOTICED_S)
    person_s = _onset_s(ground, sentence, speaking_s)
    noticed = [speech.at_s for speech in product.call.speech[before:] if speech.speaking]
    too_early = any(at_s < person_s for at_s in noticed)
    stop_ms = None
    if reply.interrupted_s is not None and not too_early:
        played = ground.speaker.between(person_s, reply.interrupted_s + 0.8)
        last = last_audible(played.samples)
        stop_ms = 1000 * (last or 0) / played.rate_hz
    if reply.interrupted_s is None:
        ground.server.interrupt()
    time.sleep(QUIET_S)
    return Interruption(turn == 0, too_early, stop_ms)


def _onset_s(ground: Ground, sentence: Sentence, began_s: float) -> float:
    """When the person's first sound was at the microphone; the echo is beside it there."""
    fed = ground.microphone.between(began_s, time.monotonic())
    at, likeness = find(sentence.samples, fed.samples)
    if likeness < LEAST_LIKENESS:
        raise RuntimeError(f"the person was not found (likeness {likeness:.2f})")
    return fed.time_of(at)


def _missed(tries: list[Interruption]) -> Count:
    """What interrupted itself before the person spoke can no longer miss them."""
    fair = [one for one in tries if not one.too_early]
    return Count(sum(one.stop_ms is None for one in fair), len(fair), "tries")


def _tell(room: Room, onset_s: float, tries: list[Interruption]) -> None:
    told = ", ".join(
        "too early" if one.too_early else "missed" if one.stop_ms is None else f"{one.stop_ms:.0f}"
        for one in tries
    )
    tell(f"  {room.describe()}, {onset_s} s into the reply: {told}")
