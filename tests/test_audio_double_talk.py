"""Who speaks over the echo is noticed in its first second; the echo alone, however it comes, never.

Voices are flite's and rooms come from seeds; the rule of loudness itself is in
test_audio_echo_forecast.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from echo_rooms import Sound, at_level, echo, frames, loudspeaker, noise, voice
from local_speech import needs_flite

from voicecli.audio.double_talk import DoubleTalk

REPLY = (
    "The museum on the hill keeps four hundred paintings, most of them of boats and harbours. "
    "Trains run from the old station every twenty minutes, and the last one leaves at eleven."
)
LEAD_S = 0.5
HOLD_S = 0.3

pytestmark = needs_flite


def reply(name: str = "rms") -> Sound:
    return np.concatenate(
        [np.zeros(round(LEAD_S * 24_000)), at_level(voice(REPLY, name, 24_000), -20)]
    )


def with_user(near: Sound, at_s: float, words: str = "wait a moment please") -> Sound:
    said = at_level(voice(words, "slt", 16_000), -20)
    at = round((LEAD_S + at_s) * 16_000)
    mixed = near.copy()
    mixed[at : at + len(said)] += said
    return mixed


def noticed(near: Sound, played: Sound, over: DoubleTalk | None = None) -> list[float]:
    """The seconds into the reply at which somebody began to speak over it."""
    over = over or DoubleTalk()
    pairs = zip(frames(near, 16_000), frames(played, 24_000), strict=True)
    heard = [False, *(over.hear(*pair) for pair in pairs)]
    starts = [number for number, (was, now) in enumerate(pairwise(heard)) if now and not was]
    return [round(number / 100 - LEAD_S, 2) for number in starts]


def room(played: Sound, seed: int, delay_ms: float, level_db: float) -> Sound:
    heard = echo(played, seed, delay_ms=delay_ms, level_db=level_db, drift_ppm=100)
    return heard + noise(len(heard), seed, -65)


@pytest.mark.parametrize("level_db", [-6.0, -12.0, -20.0])
@pytest.mark.parametrize("delay_ms", [40, 120, 250])
@pytest.mark.parametrize("name", ["rms", "awb"])
def test_the_echo_alone_is_nobody(delay_ms: int, level_db: float, name: str) -> None:
    played = reply(name)
    assert noticed(room(played, delay_ms, delay_ms, level_db), played) == []


@pytest.mark.parametrize("seed", range(4))
def test_the_echo_of_a_bad_loudspeaker_is_nobody(seed: int) -> None:
    played = reply()
    sound = loudspeaker(played, seed, overdriven=True)
    assert noticed(room(sound, seed, 90, -12), played) == []


@pytest.mark.parametrize("at_s", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("delay_ms", [40, 120])
def test_a_voice_is_noticed_from_the_first_second(delay_ms: int, at_s: float) -> None:
    played = reply()
    found_s = noticed(with_user(room(played, 7, delay_ms, -12), at_s), played)
    assert found_s
    assert at_s <= found_s[0] <= at_s + 0.15


def test_the_gaps_between_words_are_bridged() -> None:
    played = reply()
    over = DoubleTalk()
    near = with_user(room(played, 7, 90, -12), 1.0)
    pairs = zip(frames(near, 16_000), frames(played, 24_000), strict=True)
    heard = [over.hear(*pair) for pair in pairs]
    first = heard.index(True)
    length = len(voice("wait a moment please", "slt", 16_000)) // 160
    assert sum(heard[first : first + length]) > 0.9 * (length - 30)
    assert not any(heard[first + length + round(HOLD_S * 100) + 10 :])


def test_headphones_leave_nothing_to_be_known_and_nobody_is_noticed() -> None:
    played = reply()
    near = noise(len(played) * 2 // 3, 3, -65)
    assert noticed(with_user(near, 1.0), played) == []


@pytest.mark.parametrize("jump_ms", [30, 90])
def test_an_echo_that_comes_another_way_is_nobody(jump_ms: int) -> None:
    played = reply()
    half = len(played) // 3
    near = room(played, 5, 80, -12)
    near[half:] = room(played, 5, 80 + jump_ms, -12)[half:]
    assert noticed(near, played) == []


def test_with_each_reply_the_lag_is_found_out_anew() -> None:
    played, over = reply(), DoubleTalk()
    assert noticed(room(played, 5, 80, -12), played, over) == []
    silence = np.zeros(24_000)
    assert noticed(noise(16_000, 1, -65), silence, over) == []
    assert noticed(room(played, 5, 130, -12), played, over) == []
    assert noticed(noise(16_000, 1, -65), silence, over) == []
    found_s = noticed(with_user(room(played, 5, 130, -12), 1.0), played, over)
    assert found_s
    assert 1.0 <= found_s[0] <= 1.2


def test_a_louder_volume_is_learned() -> None:
    played, over = reply(), DoubleTalk()
    noticed(room(played, 5, 80, -20), played, over)
    noticed(room(played, 5, 80, -12), played, over)
    silence = np.zeros(24_000)
    noticed(noise(16_000, 1, -65), silence, over)
    assert noticed(room(played, 5, 80, -12), played, over) == []
