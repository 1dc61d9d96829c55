"""The promise of the whole: on loudspeakers the model never interrupts itself, and the user can.

Real parts (canceller, speech detector) in simulated rooms: another human-like voice speaks for the
model, its echo comes back −6 to −20 dB, 40 to 250 ms later, over a drifting clock. Every word comes
from flite and every room from a seed, so that a failure is a change of the code.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from echo_rooms import Sound, at_level, echo, frames, noise, voice
from local_speech import needs_flite

from voicecli.audio.echo_canceller import open_canceller
from voicecli.audio.listener import SILENT_FRAME, Heard, Listener
from voicecli.audio.speech_detector import load_judge

pytestmark = needs_flite

# A person sits closer to the microphone than the loudspeaker does: 6 dB over the loudest echo.
MODEL_DBFS, USER_DBFS = -20, -20
LEAD_S, PAUSE_S = 0.5, 1.2
# How long after the user's first sound the playback is down; the canceller's first second is the
# slowest. The real figures are the benchmark's: this only tells hearing from not hearing.
HEARD_WITHIN_S = 1.5
REPLIES = (
    "Today it will be mostly sunny with a light breeze from the west, and mild in the evening.",
    "To boil an egg, bring water to the boil, put the egg in carefully, and wait seven minutes.",
)
WORDS = "no wait a moment please, I have another question about something else"


@dataclass(frozen=True)
class Room:
    """A way from the speaker to the microphone, and who speaks for the model."""

    seed: int
    name: str
    delay_ms: float
    level_db: float
    drift_ppm: float


ROOMS = (
    Room(1, "rms", 40, -6, 100),
    Room(2, "awb", 75, -12, -100),
    Room(3, "rms", 150, -9, 50),
    Room(4, "awb", 250, -20, 100),
    Room(5, "awb", 110, -6, -50),
)


@cache
def played() -> dict[str, tuple[Sound, tuple[tuple[float, float], ...]]]:
    """By voice: two replies with pauses around them at 24 kHz, and when each begins and ends."""
    result = {}
    for name in ("rms", "awb"):
        parts, spans, now_s = [np.zeros(round(LEAD_S * 24_000))], [], LEAD_S
        for text in REPLIES:
            reply = at_level(voice(text, name, 24_000), MODEL_DBFS)
            spans.append((now_s, now_s + len(reply) / 24_000))
            parts += [reply, np.zeros(round(PAUSE_S * 24_000))]
            now_s = spans[-1][1] + PAUSE_S
        result[name] = (np.concatenate(parts), tuple(spans))
    return result


@cache
def microphone(room: Room) -> Sound:
    """The echo and the room's own noise, at 16 kHz."""
    sound, _ = played()[room.name]
    heard = echo(
        sound, room.seed, delay_ms=room.delay_ms, level_db=room.level_db, drift_ppm=room.drift_ppm
    )
    return heard + noise(len(heard), room.seed, -65)


def listen(room: Room, user_at_s: float | None = None, **options: bool) -> list[Heard]:
    """What a listener makes of both replies, while a user speaks at `user_at_s`, or nobody."""
    sound, spans = played()[room.name]
    near = microphone(room).copy()
    if user_at_s is not None:
        words = at_level(voice(WORDS, "slt", 16_000), USER_DBFS)
        at = round(user_at_s * 16_000)
        near[at : at + len(words)] += words[: len(near) - at]
    listener = Listener(open_canceller(), load_judge(), **options)
    heard = []
    for number, (frame, far) in enumerate(
        zip(frames(near, 16_000), frames(sound, 24_000), strict=True)
    ):
        now_s = number / 100
        speaking = any(start <= now_s <= end for start, end in spans)
        heard.append(listener.hear(frame, far, speaking=speaking, now_s=now_s))
    return heard


@pytest.mark.parametrize("room", ROOMS, ids=str)
def test_the_model_never_interrupts_itself(room: Room) -> None:
    heard = listen(room)
    assert [number / 100 for number, each in enumerate(heard) if each.duck] == []
    for start, end in played()[room.name][1]:
        during = heard[round(start * 100) + 1 : round(end * 100)]
        assert {frame for each in during for frame in each.send} == {SILENT_FRAME}


@pytest.mark.parametrize("into_s", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("room", [ROOMS[0], ROOMS[1]], ids=["-6 dB", "-12 dB"])
@pytest.mark.parametrize("reply", [0, 1], ids=["first reply", "second reply"])
def test_a_real_interruption_is_heard(room: Room, into_s: float, reply: int) -> None:
    user_at_s = played()[room.name][1][reply][0] + into_s
    heard = listen(room, user_at_s)
    ducked = [number / 100 for number, each in enumerate(heard) if each.duck]
    assert ducked
    assert user_at_s < ducked[0] < user_at_s + HEARD_WITHIN_S
    opened = next(each for each in heard if each.duck)
    assert len(opened.send) == 31


def test_barge_in_switched_off_says_nothing_at_all() -> None:
    start, end = played()["rms"][1][0]
    heard = listen(ROOMS[0], start + 1, barge_in=False)
    during = heard[round(start * 100) + 1 : round(end * 100)]
    assert {frame for each in during for frame in each.send} == {SILENT_FRAME}
